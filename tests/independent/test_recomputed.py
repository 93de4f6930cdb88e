"""The committed run computed once more by other code: NumPy, SciPy, scikit-learn, none of ours.

From the networks and the images: quantities of neurons, curves, and surgery with every repair.
From the tables: every estimate and interval of claims.csv. Written from the definitions alone.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import train_test_split

ROOT = Path(__file__).parents[2]
RUN = ROOT / "data/runs/mnist"
FOLDERS = [ROOT / "data", ROOT / os.environ.get("NEURON_STUDY_DATA", "data")]
FILE = next((folder / "mnist.npz" for folder in FOLDERS if (folder / "mnist.npz").exists()), None)
KEYS = ["scope", "ordering", "direction", "replacement"]
needs_images = pytest.mark.skipif(FILE is None, reason="no mnist.npz in data/ or elsewhere")


@cache
def table(name: str, run: str = "mnist") -> pd.DataFrame:
    return pd.read_csv(ROOT / "data/runs" / run / name)


@cache
def images() -> tuple[np.ndarray, ...]:
    """Validation images and labels, test images and labels."""
    with np.load(FILE) as raw:
        pixels, labels = raw["x_train"], raw["y_train"]
        test, truth = raw["x_test"], raw["y_test"]
    _, held, _, of_held = train_test_split(
        pixels, labels, test_size=10_000, stratify=labels, random_state=0
    )
    flat = [
        part.reshape(len(part), -1).astype(np.float32) / np.float32(255) for part in (held, test)
    ]
    return flat[0], of_held, flat[1], truth


def layers(replicate: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Kernels and biases, saved in half precision, as they are computed with."""
    with np.load(RUN / "networks" / f"replicate-{replicate:02d}.npz") as file:
        arrays = {name: file[name].astype(np.float32) for name in file if name != "activations"}
    return [(arrays[f"kernel_{i}"], arrays[f"bias_{i}"]) for i in range(3)]


def outputs(network: list, pixels: np.ndarray) -> list[np.ndarray]:
    first = expit(pixels @ network[0][0] + network[0][1])
    return [first, expit(first @ network[1][0] + network[1][1])]


@needs_images
@pytest.mark.parametrize("replicate", [0, 7])
def test_quantities_of_twenty_neurons(replicate):
    pixels, labels, *_ = images()
    rows = table("measures.csv").query("replicate == @replicate").set_index(["layer", "neuron"])
    for layer, hidden in enumerate(outputs(layers(replicate), pixels), 1):
        for neuron in range(0, 100, 10):
            bit, row = (hidden[:, neuron] > 0.5).astype(int), rows.loc[(layer, neuron)]
            on = bit.mean()
            by_class = [bit[labels == label].mean() for label in range(10)]
            divergences = [
                stats.entropy([1 - p, p], [1 - on, on], base=2) if 0 < on < 1 else 0.0
                for p in by_class
            ]
            assert row["entropy"] == pytest.approx(stats.entropy([1 - on, on], base=2), abs=1e-8)
            information = mutual_info_score(labels, bit) / np.log(2)
            assert row["mutual_information"] == pytest.approx(information, abs=1e-8)
            assert row["kl_selectivity"] == pytest.approx(max(divergences), abs=1e-7)
            assert row["mean_output"] == pytest.approx(hidden[:, neuron].mean(), abs=1e-5)


@needs_images
@pytest.mark.parametrize(
    ("replicate", "layer", "quantity", "direction", "replacement"),
    [
        (0, 1, "mutual_information", "low-first", "mean"),
        (3, 2, "kl_selectivity", "high-first", "zero"),
        (7, 1, "entropy", "high-first", "mean"),
    ],
)
def test_a_curve_by_full_passes(replicate, layer, quantity, direction, replacement):
    *_, pixels, labels = images()
    network, rows = layers(replicate), table("measures.csv").query(
        "replicate == @replicate and layer == @layer"
    )  # fmt: skip
    values = rows[quantity].to_numpy()
    order = np.argsort(values if direction == "low-first" else -values, kind="stable")
    means = rows["mean_output"].to_numpy(np.float32) * np.float32(replacement == "mean")
    hidden, hits = outputs(network, pixels), []
    for step in range(0, 101, 4):
        masked = hidden[layer - 1].copy()
        masked[:, order[:step]] = means[order[:step]]
        last = expit(masked @ network[1][0] + network[1][1]) if layer == 1 else masked
        hits.append(((last @ network[2][0] + network[2][1]).argmax(axis=1) == labels).sum())
    stored = table("ablation.csv.xz").query(
        "replicate == @replicate and scope == @scope and ordering == @quantity "
        "and direction == @direction and replacement == @replacement",
        local_dict={"replicate": replicate, "scope": f"layer-{layer}", "quantity": quantity,
                    "direction": direction, "replacement": replacement},
    )  # fmt: skip
    assert np.abs(stored["n_correct"].to_numpy()[::4] - hits).max() <= 1  # ties in float32


@needs_images
@pytest.mark.parametrize("repair", ["zero", "mean", "affine", "least_squares"])
def test_surgery(repair):
    """Network 2, lowest mutual information first, 60 % of the second layer and of the first."""
    pixels, _, test, labels = images()
    network = layers(2)
    for layer in (0, 1):
        rows = table("measures.csv").query("replicate == 2 and layer == @layer + 1")
        order = np.argsort(rows["mutual_information"].to_numpy(), kind="stable")
        gone, kept = np.sort(order[:60]), np.sort(order[60:])
        h = outputs(network, pixels)[layer].astype(float)
        kernel, bias = (part.astype(float) for part in network[layer + 1])
        weights = np.zeros((40, 60))
        if repair == "affine":
            correlation = np.corrcoef(h.T)[np.ix_(kept, gone)]
            for column, best in enumerate(np.abs(correlation).argmax(axis=0)):
                slope = np.polyfit(h[:, kept[best]], h[:, gone[column]], 1)[0]
                weights[best, column] = slope
        elif repair == "least_squares":
            weights = LinearRegression().fit(h[:, kept], h[:, gone]).coef_.T
        constants = h[:, gone].mean(axis=0) - h[:, kept].mean(axis=0) @ weights
        lost = kernel[gone] * (repair != "zero")
        network[layer + 1] = (
            (kernel[kept] + weights @ lost).astype(np.float32),
            (bias + constants @ lost).astype(np.float32),
        )
        network[layer] = network[layer][0][:, kept], network[layer][1][kept]
    last = outputs(network, test)[1]
    hits = ((last @ network[2][0] + network[2][1]).argmax(axis=1) == labels).sum()
    stored = table("pruning.csv").query(
        "replicate == 2 and scope == 'network' and method == 'mutual_information' "
        "and repair == @repair and fraction == 0.6 and retrain_epochs == 0"
    )
    assert stored["n_correct"].item() == pytest.approx(hits, abs=1)


@cache
def of_all(name: str, run: str = "mnist") -> pd.DataFrame:
    """A table of a run; of the committed one with the networks of the further run counted on."""
    if run != "mnist":
        return table(name, run)
    further = table(name, "further")
    return pd.concat([table(name), further.assign(replicate=further["replicate"] + 10)])


@cache
def mean_accuracy(share: float, run: str = "mnist") -> pd.Series:
    """R by scope, ordering, direction, replacement and replicate."""
    rows = of_all("ablation.csv.xz", run)
    width = rows.groupby("scope")["n_ablated"].transform("max")
    rows = rows[rows["n_ablated"] <= share * width + 1e-9]
    ordering = rows["ordering"].str.replace(r"-\d\d$", "", regex=True)
    accuracy = (rows["n_correct"] / rows["n_samples"]).rename("accuracy")
    return accuracy.groupby([rows["scope"], ordering, rows["direction"], rows["replacement"],
                             rows["replicate"]]).mean()  # fmt: skip


def r(scope: str, order: str, replacement: str = "mean", share: float = 0.8, run: str = "mnist"):
    name, _, direction = order.partition(", ")
    return mean_accuracy(share, run)[scope, name, direction or "none", replacement].to_numpy()


def gap(scope: str, quantity: str) -> np.ndarray:
    return r(scope, f"{quantity}, low-first") - r(scope, f"{quantity}, high-first")


def of_balancing(fraction: str, repair: str, epochs: int) -> np.ndarray:
    rows = of_all("balancing.csv").query("scope == 'network' and method == 'mutual_information'")
    rows = rows[(rows["repair"] == repair) & (rows["retrain_epochs"] == epochs)]
    rows = rows[np.isclose(rows["fraction"], float(fraction.partition("%")[0]) / 100)]
    return (rows["n_correct"] / rows["n_samples"]).to_numpy()


def of_pruning(method: str, shares: str = "fraction <= 0.8") -> np.ndarray:
    rows = of_all("pruning.csv").query(
        f"scope == 'network' and retrain_epochs == 0 and repair == 'mean' and {shares}"
    )
    rows = rows[rows["method"] == method]
    return (rows["n_correct"] / rows["n_samples"]).groupby(rows["replicate"]).mean().to_numpy()


def alone(scope: str, quantity: str, rise: str) -> np.ndarray:
    column = {"errors": "error_rise", "scaled cross-entropy": "scaled_cross_entropy_rise"}[rise]
    rows = of_all("single.csv").query("replacement == 'mean'")
    both = rows.merge(of_all("measures.csv"), on=["replicate", "layer", "neuron"])
    both = both[both["layer"] == int(scope[-1])]
    groups = both.groupby("replicate")
    return np.array([stats.spearmanr(part[quantity], part[column])[0] for _, part in groups])


def number(claim: str, scope: str, quantity: str) -> tuple[np.ndarray, ...]:
    """The values of a case by network; two arrays where the networks of two runs are compared."""
    if claim in ("C1", "C11"):
        share = float(scope.removeprefix("network to ").rstrip("%")) / 100
        return (r("network", quantity, share=share) - r("network", "random", share=share),)
    if claim == "C1b":
        share = float(scope.removeprefix("network to ").rstrip("%")) / 100
        by_rank = r("network", f"{quantity}_ranks, low-first", share=share)
        return (by_rank - r("network", "random_ranks", share=share),)
    if claim == "C2":
        return (gap(scope, quantity),)
    if claim == "C2, one by one":
        return (alone(scope, *quantity.split(", ")),)
    if claim == "C3":
        medians = of_all("measures.csv").groupby(["layer", "replicate"])[quantity].median()
        return ((medians[2] - medians[1]).to_numpy(),)
    if claim == "C4":
        low = [r(scope, f"{name}, low-first") for name in quantity.split(" - ")]
        return (low[0] - low[1],)
    if claim == "C5":
        return (r("layer-2", "random") - r("layer-1", "random"),)
    if claim == "C6":
        gaps = [gap(scope, name) for name in quantity.split(" - ")]
        return (gaps[0] * np.sign(gaps[0].mean()) - gaps[1] * np.sign(gaps[1].mean()),)
    if claim == "C7":
        return (r(scope, quantity) - r(scope, quantity, "zero"),)
    if claim == "C8":
        runs = ("mnist", quantity.removeprefix("this run − "))
        return tuple(r(scope, "random", run=x) - r(scope, "random", "zero", run=x) for x in runs)
    if claim == "C9":
        longest = of_all("balancing.csv")["retrain_epochs"].max()
        zeroed, retrained = (of_balancing(quantity, "zero", n) for n in (0, longest))
        gain, whole = of_balancing(quantity, "mean", 0) - zeroed, retrained - zeroed
        ratio = gain.mean() / whole.mean()
        return (ratio + (gain - ratio * whole) / whole.mean(),)
    if claim == "C9b":
        whole = of_all("ablation.csv.xz").query("n_ablated == 0 and scope == 'network'")
        whole = whole.query("ordering == 'entropy' and direction == 'low-first'")
        whole = whole[whole["replacement"] == "mean"]
        intact = (whole["n_correct"] / whole["n_samples"]).to_numpy()
        share = float(quantity.partition("%")[0]) / 100
        here = f"{share - 0.01} < fraction < {share + 0.01}"
        return (of_pruning("mutual_information", here) - intact,)
    ours, rival = quantity.split(" - ")
    return (of_pruning(ours) - of_pruning(rival),)


@pytest.mark.parametrize(
    "case", table("claims.csv").itertuples(), ids=lambda c: f"{c.claim} {c.scope} {c.quantity}"
)
def test_every_estimate_and_interval(case):
    values = number(case.claim, case.scope, case.quantity)
    sizes = [len(part) for part in values]
    variances = [part.var(ddof=1) / len(part) for part in values]
    error = np.sqrt(sum(variances))
    freedom = error**4 / sum(v**2 / (n - 1) for v, n in zip(variances, sizes, strict=True))
    mean = values[0].mean() - sum(part.mean() for part in values[1:])
    half = stats.t.ppf(0.975, freedom) * error
    assert [case.estimate, case.low, case.high] == pytest.approx(
        [mean, mean - half, mean + half], abs=2e-5
    )
    assert [case.n_replicates, case.n_other] == [*sizes, 0][:2]
