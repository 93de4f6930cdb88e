"""What the page holds of a run, so that a browser counts as NumPy does.

Networks as they are saved, up to 1,000 test images, orders of removal, and the curves of the run's
tables. An array is stored in the smallest type that holds exactly its numbers. Orders and curves
have names in the page's words: where (1, 2, … for a layer, `all` for the network by value, `ranks`
for the network by ranks within layers), a key as mi, low or high or none, and the replacement.
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
from utils.names import DIRECTIONS, NAMES, NETWORK, QUANTITIES, RANKS, spaced
from utils.networks.datasets import Dataset
from utils.networks.network import Network, scopes
from utils.removal.importance import importances
from utils.removal.orders import order_by, quantity_orders, rank_orders
from utils.removal.surgery import Moments
from utils.study.parallel import rows_of
from utils.study.runs import Stage

N_IMAGES, N_NETWORKS, N_CHANCE = 1000, 3, 5
FULL = 1_465_000  # characters above which a network is one too many
N_STEPS = 200  # of a curve from the tables, about
NORM, JOINT = "outgoing_norm", ("joint_information", "greedy")
KEYS = {
    "mutual_information": "mi", "kl_selectivity": "kl", "entropy": "entropy", NORM: "weights",
    "joint_information": "joint", "greedy": "greedy",
}  # fmt: skip
MEANINGS = {
    "mutual_information": "How much the level of its output tells about the class, in bits.",
    "kl_selectivity": "How far its output for its most special class is from usual, in bits.",
    "entropy": "How much the level of its output varies, in bits; 0 if it is always the same.",
    NORM: "How large its weights to the next layer are on average, signs left out.",
    "joint_information": "Chosen in turn by what all tell of the class; the last is first to go.",
    "greedy": "Each time the one goes without which the loss is least, tried on the network.",
    "zero": "Its output is 0.",
    "mean": "Its output is its mean over the validation data.",
    "least_squares": "Those that stay in its layer make up for it as well as they can.",
}
LOOKS = COLOURS | {"joint_information": "#8f3b6b", "greedy": REPAIRS["least_squares"]["color"]}
FILLS = "zero", "mean", "least_squares"


def packed(array: np.ndarray) -> tuple[str, str]:
    """An array as the name of its smallest exact type, and its bytes in base64.

    >>> packed(np.array([0.5, 2.0])), packed(np.array([3]))
    (('f2', 'ADgAQA=='), ('u1', 'Aw=='))
    """
    with np.errstate(all="ignore"):
        exact = (kind for kind in ("u1", "u2", "f2", "f4") if (array.astype(kind) == array).all())
        kind = next(exact, "f8")
    return kind, base64.b64encode(array.astype(f"<{kind}").tobytes()).decode()


def payload(stage: Stage, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """All of it, of numbers and words; as many of the first networks as there is room for.

    tables : of the run by name, `measures` and those there are of `ablation`, `orders`, `joint`
    """
    replicates, networks = stage.replicates, []
    data = replicates[0].data
    if data is not stage.dataset:  # behind fronts, each is given other inputs
        replicates = replicates[:1]
    # drawn, since the first test images of MNIST are the easier ones
    drawn = np.random.default_rng(0).permutation(len(data.test.labels))
    chosen = np.sort(drawn[:N_IMAGES])
    images, labels = data.test.images[chosen], data.test.labels[chosen]
    content = {
        "run": stage.folder.name, "dataset": data.name, "classes": data.n_classes,
        "hidden": replicates[0].network.hidden,
        "activations": replicates[0].network.activations,
        "n": len(labels), "all": len(data.test.labels), "labels": packed(labels),
        "fills": {name: {"label": NAMES.get(name, spaced(name)), "is": MEANINGS[name]}
                  for name in FILLS},
        **_inputs(images, data.image_shape), "networks": networks,
    }  # fmt: skip
    for one in replicates[:N_NETWORKS]:
        network = one.network
        rows = {name: rows_of(table, one.number) for name, table in tables.items()}
        importance = importances(network, rows["measures"], (*QUANTITIES, NORM), 0)
        seed = stage.seed(one.number, "03-ablate")
        hits = _double(network).n_correct(images.astype(np.float64), labels)
        networks.append({
            **_neurons(network, data), "orders": _orders(network.hidden, rows, importance, seed),
            "curves": _curves(rows), "intact": hits,
            "values": {KEYS[name]: value.round(4).tolist() for name, value in importance.items()},
        })  # fmt: skip
        if one.number and len(json.dumps(content, separators=(",", ":"))) > FULL:
            networks.pop()
            break
    keys = {name.split()[1] for name in networks[0]["orders"]}
    content["orders"] = [
        {"key": key, "label": NAMES.get(name, spaced(name)), "is": MEANINGS[name],
         "colour": to_hex(LOOKS[name])}
        for name, key in KEYS.items() if key in keys
    ]  # fmt: skip
    content["orders"] += [
        {"key": f"chance-{k}", "label": f"chance, draw {k}", "is": "An order drawn at random.",
         "colour": "var(--text)"}
        for k in range(1, N_CHANCE + 1)
    ]  # fmt: skip
    return content


def _double(network: Network) -> Network:
    """The same network, computing in the precision of the page."""
    parts = network.kernels, network.biases
    return Network(*(tuple(a.astype(np.float64) for a in p) for p in parts), network.activations)


def _inputs(images: np.ndarray, shape: tuple[int, ...]) -> dict[str, Any]:
    """A PNG, an image a row, and no shape where inputs are no images; else their numbers."""
    pictured = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))
    levels = np.rint(images * 255).clip(0, 255).astype(np.uint8)
    if not pictured or (levels.astype(np.float32) / np.float32(255) != images).any():
        return {"png": None, "inputs": packed(images), "shape": shape if pictured else None}
    file = io.BytesIO()
    pixels = levels.reshape(len(images), shape[0] * shape[1], -1)
    Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).save(file, "png")
    png = base64.b64encode(file.getvalue()).decode()
    return {"png": f"data:image/png;base64,{png}", "inputs": None, "shape": shape}


def _neurons(network: Network, data: Dataset) -> dict[str, Any]:
    """Weights; of the hidden neurons, over the validation images, what replaces them and P(T=1|y).

    covariances : of each layer, the upper triangle; 0 for neurons whose output does not change
    on : of 1,000 images of each class, those on which a neuron is on [neurons, classes]
    """
    split, means, covariances, on = data.validation, [], [], []
    layers = zip(network.forward(split.images)[1:-1], network.activations, strict=True)
    for outputs, name in layers:
        moments = Moments(outputs)
        means += moments.means.tolist()
        covariance = moments.correlation * np.outer(moments.deviations, moments.deviations)
        covariances.append(packed(covariance[np.triu_indices(len(covariance))]))
        counts = joint_counts(quantize(outputs, 2, name), split.labels, 2, data.n_classes)
        on += np.rint(1000 * counts[:, 1] / np.maximum(counts.sum(axis=1), 1)).tolist()
    kernels, biases = map(packed, network.kernels), map(packed, network.biases)
    return {
        "kernels": [*kernels], "biases": [*biases], "means": means, "covariances": covariances,
        "on": [[int(share) for share in row] for row in on],
    }  # fmt: skip


def _orders(
    hidden: tuple[int, ...],
    rows: Mapping[str, pd.DataFrame],
    importance: Mapping[str, np.ndarray],
    seed: int,
) -> dict[str, Any]:
    """Every order by name: hidden neurons, counted through all layers, first to last removed."""
    orders, neurons = quantity_orders(rows["measures"], hidden, N_CHANCE, seed), scopes(hidden)
    for scope, direction in [(scope, direction) for scope in orders for direction in DIRECTIONS]:
        values = importance[NORM][neurons[scope]]
        orders[scope][NORM, direction] = order_by(values, direction == "high-first")
    if "orders" in rows:
        joint = rows["orders"].query("ordering in @JOINT")
        for (scope, ordering), part in joint.groupby(["scope", "ordering"]):
            orders[scope][ordering, "none"] = part["neuron"].to_numpy()
    ranked = {f"{NETWORK}{RANKS}": rank_orders(orders, hidden)}
    return {
        _name(scope, *which): packed(neurons[scope.removesuffix(RANKS)][order])
        for scope, of_scope in (orders | ranked).items()
        for which, order in of_scope.items()
    }


def _curves(rows: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """By name, the step between two numbers of removals, and the test images still right."""
    keys, curves = ["scope", "ordering", "direction", "replacement"], {}
    for table in (rows[name] for name in ("ablation", "joint") if name in rows):
        wanted = table["ordering"].str.match("|".join([*KEYS, "random"]))
        wanted &= (table["direction"] != "high-first") | ~table["ordering"].isin(JOINT)
        for which, part in table[wanted].groupby(keys, sort=False):
            every = -(-len(part) // N_STEPS)
            curves[_name(*which)] = every, packed(part["n_correct"].to_numpy()[::every])
    return curves


def _name(scope: str, ordering: str, direction: str, *fill: str) -> str:
    """The page's name of an order, or of a curve.

    >>> _name("network", "entropy_ranks", "low-first"), _name("layer-2", "random-00", "none")
    ('ranks entropy low', '2 chance-1 none')
    """
    name, _, number = ordering.partition("-")
    where = "ranks" if name.endswith(RANKS) else "all" if scope == NETWORK else scope[6:]
    name = name.removesuffix(RANKS)
    key = f"chance-{int(number) + 1}" if number else KEYS.get(name, name)
    first = "none" if name in JOINT else direction.partition("-")[0]
    return " ".join([where, key, first, *fill])
