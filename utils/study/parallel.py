"""Replicates side by side.

NumPy, BLAS and XLA release Python's lock while they compute, so threads suffice. Every task runs
with one BLAS thread: the last digits of a sum depend on how it is split, and must not depend on
the machine's cores.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from typing import TypeVar

import joblib
import pandas as pd
from IPython import get_ipython
from IPython.display import clear_output
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from utils.networks.datasets import Dataset
from utils.networks.network import Network

Item = TypeVar("Item")
Result = TypeVar("Result")


def n_workers() -> int:
    """Threads to use: `OMP_NUM_THREADS`, which Snakemake sets to a job's share, or all cores."""
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return int(allowed) if allowed.isdigit() and int(allowed) else joblib.cpu_count()


def run(
    function: Callable[[Item], Result], items: Iterable[Item], description: str
) -> list[Result]:
    """Results of `function(item)` in the order of `items`, several at a time.

    Shows a progress bar to a person at a terminal or in JupyterLab, and removes it at the end.
    Interrupted, or if one fails, nothing goes on: it returns when the others have stopped.
    """
    items = list(items)
    in_notebook = in_watched_notebook()
    shown = in_notebook or sys.stderr.isatty()
    with threadpool_limits(1), ThreadPool(n_workers()) as pool:
        results = pool.imap(function, items)
        try:
            return list(tqdm(results, description, len(items), leave=False, disable=not shown))
        except KeyboardInterrupt:
            _stop(pool)
            raise KeyboardInterrupt from None
        except Exception:
            _stop(pool)
            raise
        finally:
            if in_notebook:
                clear_output()


def _stop(pool: ThreadPool) -> None:
    """End the threads of a pool, each as soon as it is back in Python from what it computes."""
    pool.terminate()  # nothing new is begun
    while working := [thread for thread in pool._pool if thread.is_alive()]:
        for thread in working:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
            )
        working[0].join(1)


@dataclass(frozen=True, eq=False)
class Replicate:
    """One of a run's networks, its number, the seed of this stage's random draws for it, and the
    images as it is given them."""

    number: int
    network: Network
    seed: int
    data: Dataset


def rows_of(table: pd.DataFrame, replicate: int) -> pd.DataFrame:
    """The rows of one network in a table of all."""
    return table[table["replicate"] == replicate].drop(columns="replicate").reset_index(drop=True)


def each(
    experiment: Callable[..., pd.DataFrame],
    replicates: Iterable[Replicate],
    description: str,
    *read: pd.DataFrame,
) -> pd.DataFrame:
    """`experiment(replicate, *rows)` for every network, as one table with the column `replicate`.

    rows : of each table in `read` those of the replicate
    """
    tables = run(
        lambda one: experiment(one, *(rows_of(table, one.number) for table in read)),
        replicates,
        description,
    )
    return of_replicates(tables)


def of_replicates(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """A table a network as one table of all, with the column `replicate`."""
    frame = pd.concat(tables, keys=range(len(tables)), names=["replicate", None])
    return frame.reset_index(level=0).reset_index(drop=True)


def in_watched_notebook() -> bool:
    """True in JupyterLab, which can be asked for input; False under papermill and nbval."""
    shell = get_ipython()
    return bool(shell and getattr(getattr(shell, "kernel", None), "_allow_stdin", False))
