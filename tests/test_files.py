"""Files are whole or not there; a stage of a run belongs to one process at a time."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from utils import files


def test_a_full_disk_leaves_what_was_there(tmp_path):
    """A limit on the size of files stands in for the end of the disk."""
    (tmp_path / "table.csv").write_text("kept")
    script = """
        import resource, signal, sys
        from pathlib import Path
        from utils import files
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        with files.replacing(Path(sys.argv[1])) as part:
            part.write_bytes(bytes(2000))
    """
    done = _python(script, tmp_path / "table.csv")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "table.csv: File too large; what was there before is untouched. Make room" in last
    assert (tmp_path / "table.csv").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_folder_that_cannot_be_written_is_named():
    with pytest.raises(files.WriteError, match=r"cannot write /sys/table.csv: .*permission"):  # noqa: SIM117
        with files.replacing(Path("/sys/table.csv")):
            raise AssertionError("nothing can be written here")
    with pytest.raises(files.WriteError, match=r"cannot write /sys/a.lock"):
        files.hold(Path("/sys/a.lock"))


def _python(script: str, *arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_second_process_is_refused_until_the_first_is_gone(tmp_path):
    lock = tmp_path / "stage.lock"
    script = """
        import sys, time
        from pathlib import Path
        from utils import files
        files.hold(Path(sys.argv[1]))
        print("held", flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError, match=str(first.pid)):
            files.hold(lock)
        first.send_signal(signal.SIGKILL)
        first.wait()
    files.hold(lock)
    files.hold(lock)  # a cell run once more
    files.release(lock)
    again = _python("import sys; from pathlib import Path; from utils import files; "
                    "files.hold(Path(sys.argv[1]))", lock)  # fmt: skip
    assert again.returncode == 0, again.stderr
