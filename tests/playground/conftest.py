"""Runs whose pages are looked at: without a browser."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from utils.study.runs import Stage


@pytest.fixture(scope="session")
def stage(made_run: Callable[..., Stage], tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Two networks of two layers, 12 and 8 sigmoid neurons."""
    return made_run(tmp_path_factory.mktemp("runs") / "two", (12, 8), n_replicates=2)


@pytest.fixture(scope="session")
def tables(stage: Stage) -> dict[str, Any]:
    return {name: stage.read(name) for name in ("measures", "ablation")}


@pytest.fixture(scope="session")
def unpack() -> Callable[[tuple[str, str]], np.ndarray]:
    """A function that gives back what `payload.packed` stored."""

    def array(stored: tuple[str, str]) -> np.ndarray:
        return np.frombuffer(base64.b64decode(stored[1]), f"<{stored[0]}")

    return array


@pytest.fixture
def joint(stage: Stage, tables: dict[str, Any]) -> dict[str, Any]:
    """The tables, and those of notebook 08: greedy orders by number, and what they count."""
    orders, curves = [], []
    for scope, width in (("layer-1", 12), ("layer-2", 8), ("network", 20)):
        rows = {"replicate": 0, "scope": scope, "ordering": "greedy"}
        places = np.arange(width)
        orders.append(pd.DataFrame({**rows, "place": places, "neuron": places[::-1]}))
        for direction in ("low-first", "high-first"):
            rows |= {"direction": direction, "replacement": "mean", "n_samples": 1000}
            steps = np.arange(width + 1)
            curves.append(pd.DataFrame({**rows, "n_ablated": steps, "n_correct": 900 - steps}))
    return tables | {"orders": pd.concat(orders), "joint": pd.concat(curves)}
