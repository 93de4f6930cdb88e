"""Work side by side ends when it is interrupted, or when a part of it fails."""

import os
import signal
import threading
import time

import pandas as pd
import pytest

from utils.study import parallel

# pytest tells of SystemExit in a thread, which Python does not
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def ticks(monkeypatch) -> list[int]:
    """What two threads note for as long as they work."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    return []


def _go_on(ticks: list[int], item: int) -> None:
    while True:
        ticks.append(item)
        time.sleep(0.001)


def test_results_come_in_the_order_of_the_items(ticks):
    found = parallel.run(lambda k: (time.sleep(0.01 * (3 - k)), k), range(3), "counting")
    assert [k for _, k in found] == [0, 1, 2]


def test_every_network_has_its_own_rows_in_their_order_and_its_own_seed():
    table = pd.DataFrame({"replicate": [k // 6 for k in range(12)], "value": range(12)})
    both = [
        parallel.Replicate(k, name, 10 + k, None) for k, name in enumerate(["first", "second"])
    ]
    found = parallel.each(
        lambda one, rows: rows.assign(network=one.network, number=one.number, seed=one.seed),
        both, "counting", table,
    )  # fmt: skip
    assert found.to_dict("list") == {
        "replicate": [0] * 6 + [1] * 6, "value": [*range(12)],
        "network": ["first"] * 6 + ["second"] * 6, "number": [0] * 6 + [1] * 6,
        "seed": [10] * 6 + [11] * 6,
    }  # fmt: skip
    assert found.index.tolist() == [*range(12)]


@pytest.fixture
def _interruptible():
    """Python's own handler, which a process that was started in the background does not have."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_nothing_goes_on_after_an_interrupt(ticks):
    def interrupt():
        while len({*ticks}) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt) as caught:
        parallel.run(lambda k: _go_on(ticks, k), range(4), "going on")
    _check_stopped(ticks)
    assert {*ticks} == {0, 1}  # the others were not begun
    assert caught.value.__suppress_context__  # a reader is not shown what the pool waited for


def test_nothing_goes_on_if_one_fails(ticks):
    def work(k):
        while k == 0 and not ticks:
            time.sleep(0.001)
        return 1 / 0 if k == 0 else _go_on(ticks, k)

    with pytest.raises(ZeroDivisionError):
        parallel.run(work, range(4), "failing")
    _check_stopped(ticks)


def _check_stopped(ticks: list[int]) -> None:
    n_ticks = len(ticks)
    time.sleep(0.1)
    assert len(ticks) == n_ticks > 0
