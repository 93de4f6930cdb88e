"""What the page holds of a run, so that a browser counts as NumPy does.

Networks as they are saved, up to 1,000 test images, orders and what notebooks 03, 04 and 08 found
on all test images. An array is stored in the smallest type that holds exactly its numbers.

Words of the page: a layer is 1, 2, …, `all` (the network, neurons by value) or `ranks` (the
network, by ranks within the layers); an order has a short key, as mi.
"""

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from PIL import Image

from utils.drawing.style import COLOURS, REPAIRS
from utils.information.neurons import joint_counts, quantize
from utils.names import NAMES, NETWORK, QUANTITIES, RANKS, spaced
from utils.networks.datasets import Dataset
from utils.networks.network import Network
from utils.removal.importance import importance, n_pruned
from utils.removal.orders import quantity_orders
from utils.removal.surgery import Moments
from utils.study.parallel import rows_of
from utils.study.runs import Stage

N_IMAGES, N_NETWORKS, N_CHANCE = 1000, 3, 5
FULL = 1_470_000  # characters after which no further network is added
N_POINTS = 200  # steps of a stored curve, about
COLUMNS = 40  # of the mosaic of images
WEIGHTS = "outgoing_norm"
KEYS = {  # of orders; the joint ones are there if notebook 08 was run
    "mutual_information": "mi", "kl_selectivity": "kl", "entropy": "entropy", WEIGHTS: "weights",
    "joint_information": "joint", "greedy": "greedy",
}  # fmt: skip
JOINT = ("joint_information", "greedy")
LOOKS = COLOURS | {"joint_information": "#8f3b6b", "greedy": REPAIRS["least_squares"]["color"]}
FILLS = ("zero", "mean", "least_squares")


def packed(array: np.ndarray) -> tuple[str, str]:
    """An array as the name of its smallest exact type, and its bytes in base64.

    >>> packed(np.array([0.5, 2.0])), packed(np.array([3]))
    (('f2', 'ADgAQA=='), ('u1', 'Aw=='))
    """
    with np.errstate(all="ignore"):
        kinds = (kind for kind in ("u1", "u2", "f2", "f4") if (array.astype(kind) == array).all())
        kind = next(kinds, "f8")
    return kind, base64.b64encode(array.astype(f"<{kind}").tobytes()).decode()


def payload(stage: Stage, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Everything in the page, of numbers, words and base64.

    tables : of the run, by name; `measures`, and as far as there are any `ablation`, `orders`,
        `joint` and `pruning`
    """
    test, chosen = stage.dataset.test, slice(None)
    if len(test.labels) > N_IMAGES:  # drawn: the first ones of MNIST are the easier ones
        drawn = np.random.default_rng(0).choice(len(test.labels), N_IMAGES, replace=False)
        chosen = np.sort(drawn)
    images, labels = test.images[chosen], test.labels[chosen]
    n_chance = N_CHANCE
    if "ablation" in tables:
        random = tables["ablation"]["ordering"].str.match(r"random-\d+$")
        n_chance = min(N_CHANCE, tables["ablation"].loc[random, "ordering"].nunique())
    networks: list[dict[str, Any]] = []
    pictures = _pictures(images, stage.dataset.image_shape)
    for replicate, network in enumerate(stage.networks[:N_NETWORKS]):
        rows = {name: rows_of(table, replicate) for name, table in tables.items()}
        seed = stage.seed(replicate, "03-ablate")
        of_network = {
            **_weights(network, stage.dataset),
            **_orders(network, rows, n_chance, seed),
            "tables": _curves(rows),
            "intact": _double(network).n_correct(images.astype(np.float64), labels),
        }
        if networks and len(json.dumps([pictures, *networks, of_network])) > FULL:
            break
        networks.append(of_network)
    return {
        "run": stage.folder.name, "dataset": stage.dataset.name, "n": len(labels),
        "activations": stage.networks[0].activations, "hidden": stage.networks[0].hidden,
        "classes": stage.dataset.n_classes, "all": len(test.labels), "labels": packed(labels),
        "columns": COLUMNS,
        **pictures,
        "orders": _described(networks[0], n_chance), "networks": networks,
        "fills": {name: [NAMES.get(name, spaced(name)), to_hex(REPAIRS[name]["color"])]
                  for name in FILLS},
    }  # fmt: skip


def _double(network: Network) -> Network:
    """The same network, computing as the page does."""
    kernels, biases = (
        tuple(array.astype(np.float64) for array in arrays)
        for arrays in (network.kernels, network.biases)
    )
    return Network(kernels, biases, network.activations)


def _pictures(images: np.ndarray, shape: tuple[int, ...]) -> dict[str, Any]:
    """The inputs: a PNG of all images, their numbers if it does not hold these exactly.

    shape : None for the page where an input is no image
    """
    levels = np.rint(images.clip(0, 1) * 255).astype(np.uint8)
    pictures = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))
    exact = pictures and (levels.astype(np.float32) / np.float32(255) == images).all()
    png = None
    if pictures:
        rows = -(-len(images) // COLUMNS)
        tiles = np.zeros((rows * COLUMNS, *shape[:2], levels[0].size // (shape[0] * shape[1])))
        tiles[: len(images)] = levels.reshape(len(images), *tiles.shape[1:])
        grid = tiles.reshape(rows, COLUMNS, *tiles.shape[1:]).swapaxes(1, 2)
        mosaic = grid.reshape(rows * shape[0], COLUMNS * shape[1], -1).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(mosaic.squeeze()).save(file, "png", optimize=True)
        png = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    inputs = None if exact else packed(images)
    return {"png": png, "inputs": inputs, "shape": shape if pictures else None}


def _weights(network: Network, data: Dataset) -> dict[str, Any]:
    """Kernels and biases; of the hidden neurons what stands in for them, and when they are on.

    covariances : of each layer's outputs over the validation images, its upper triangle; 0 for
        neurons whose output does not change
    on : of 1,000 validation images of each class, those above the threshold [neurons, classes]
    """
    split, means, covariances, on = data.validation, [], [], []
    for outputs, name in zip(
        network.forward(split.images)[1:-1], network.activations, strict=True
    ):
        moments = Moments(outputs)
        spread = np.outer(moments.deviations, moments.deviations)
        means += moments.means.tolist()
        covariance = moments.correlation * spread
        covariances.append(packed(covariance[np.triu_indices(len(covariance))]))
        counts = joint_counts(quantize(outputs, 2, name), split.labels, 2, data.n_classes)
        on.append(counts[:, 1] / np.maximum(counts.sum(axis=1), 1))
    return {
        "kernels": [packed(kernel) for kernel in network.kernels],
        "biases": [packed(bias) for bias in network.biases],
        "means": means, "covariances": covariances,
        "on": np.rint(1000 * np.concatenate(on)).astype(int).tolist(),
    }  # fmt: skip


def _orders(
    network: Network, rows: Mapping[str, pd.DataFrame], n_chance: int, seed: int
) -> dict[str, Any]:
    """Values that neurons are ordered by, low first, ties by number; and orders given as such.

    values : by key, of all hidden neurons; sequences : by key, then by layer
    """
    measures, layers = rows["measures"], range(1, len(network.hidden) + 1)
    rng = np.random.default_rng(seed)
    size = [importance(network, measures, layer, WEIGHTS, rng) for layer in layers]
    values = {KEYS[name]: measures[name].tolist() for name in QUANTITIES}
    sequences: dict[str, dict[str, Any]] = {}
    drawn = quantity_orders(measures, network.hidden, n_chance, seed)
    for scope, orders in drawn.items():
        for (ordering, direction), order in orders.items():
            if direction == "none":
                sequences.setdefault(_key(ordering), {})[_layer(scope)] = packed(order)
    if "orders" in rows:
        for (scope, ordering), part in rows["orders"].groupby(["scope", "ordering"], sort=False):
            if ordering in JOINT:
                order = packed(part["neuron"].to_numpy())
                sequences.setdefault(_key(ordering), {})[_layer(scope)] = order
    values[KEYS[WEIGHTS]] = np.concatenate(size).tolist()
    return {"values": values, "sequences": sequences}


def _curves(rows: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """By layer, order, direction and replacement: which numbers of removals, what is right.

    On all test images. The numbers as a list, or as the step between them.
    """
    keys, curves = ["scope", "ordering", "direction", "replacement"], {}
    for table in (rows[name] for name in ("ablation", "joint") if name in rows):
        for (scope, ordering, direction, fill), part in table.groupby(keys, sort=False):
            if not (key := _key(ordering)):
                continue
            layer = "ranks" if RANKS in ordering else _layer(scope)
            every = -(-len(part) // N_POINTS)
            right = packed(part["n_correct"].to_numpy()[::every])
            curves[_name(layer, key, direction, fill)] = every, right
    if "pruning" in rows:
        pruned = rows["pruning"].query("retrain_epochs == 0 and scope != @NETWORK")
        widths = rows["measures"]["layer"].value_counts()
        for (scope, method, fill), part in pruned.groupby(["scope", "method", "repair"]):
            if method in (*QUANTITIES, WEIGHTS) and fill in FILLS:
                name = _name(layer := _layer(scope), KEYS[method], "low-first", fill)
                removed = [n_pruned(share, widths[int(layer)]) for share in part["fraction"]]
                curves.setdefault(name, (removed, packed(part["n_correct"].to_numpy())))
    return curves


def _name(layer: str, key: str, direction: str, fill: str) -> str:
    return f"{layer} {key} {direction.partition('-')[0]} {fill}"


def _layer(scope: str) -> str:
    return "all" if scope == NETWORK else scope.removeprefix("layer-")


def _key(ordering: str) -> str | None:
    """The page's key of an ordering in the tables; None for those it does not have."""
    name, _, number = ordering.partition("-")
    return f"chance-{int(number) + 1}" if number else KEYS.get(name.removesuffix(RANKS))


def _described(network: Mapping[str, Any], n_chance: int) -> list[dict[str, Any]]:
    """Key, label and colour of each order the run has."""
    there = network["values"].keys() | network["sequences"].keys()
    orders = [
        {"key": key, "label": NAMES.get(name, spaced(name)), "colour": to_hex(LOOKS[name])}
        for name, key in KEYS.items()
        if key in there
    ]
    chance = {"colour": "currentColor", "chance": True}
    for number in range(1, n_chance + 1):
        label = f"chance, draw {number}" if n_chance > 1 else "chance"
        orders.append({"key": f"chance-{number}", "label": label, **chance})
    return orders
