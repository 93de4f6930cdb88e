"""What the appendix counts: values above the bound, accuracy gained or lost, rises of a curve."""

import numpy as np
import pandas as pd

from utils.evidence import paper
from utils.evidence.curves import ABLATED_SHARE
from utils.evidence.intervals import bands
from utils.evidence.judging import ACCURACY, Rule, decided, long
from utils.mistakes.experiment import EARLIER
from utils.names import layer_scope

RISE = 0.01  # of accuracy, from one removal to the next


def both_signs(measured: pd.DataFrame) -> pd.DataFrame:
    """`measured` with H(T) - H(T|Y) as `right` and H(T) + H(T|Y) as `wrong`, in bits."""
    right = measured["mutual_information"]
    conditional = measured["entropy"] - right
    return measured.assign(right=right, wrong=measured["entropy"] + conditional)


def quartiles(both: pd.DataFrame) -> pd.DataFrame:
    """Quartiles [layer, statistic] of right and wrong values, and those of the earlier figure."""
    names = {0.25: "q25", 0.5: "median", 0.75: "q75"}
    ours = both.groupby("layer")[["right", "wrong"]].quantile(list(names))
    ours = ours.rename(index=names, level=1)
    earlier = pd.read_csv(EARLIER / "earlier_fig_35.csv").set_index(["layer", "statistic"])
    earlier = earlier["nats"] / np.log(2)
    return ours.join(earlier.rename("earlier").rename_axis(ours.index.names))


def differences(curves: pd.DataFrame) -> pd.DataFrame:
    """R of each wrong case minus R of the first, right one, `decided`, by case.

    R is the mean accuracy while 0 to 80 % of the layer go.
    """
    rows = curves[curves["n_removed"] <= ABLATED_SHARE * curves["n_removed"].max()]
    r = rows.groupby(["replicate", "case"], sort=False)["accuracy"].mean().unstack(sort=False)
    right, *wrong = r
    values = pd.concat({layer_scope(1): r}, names=["scope"]).swaplevel()
    table = long({case: values[case] - values[right] for case in wrong})
    return decided(table, Rule("above", margin=ACCURACY)).droplevel("scope")


def rises(curves: pd.DataFrame) -> pd.DataFrame:
    """mean, low, high by case: steps at which one more removal raises accuracy above 0.01."""
    ordered = curves.sort_values("n_removed", kind="stable")
    steps = ordered.groupby(["replicate", "case"], sort=False)["accuracy"].diff() > RISE
    counts = steps.groupby([ordered["replicate"], ordered["case"]], sort=False).sum()
    return bands(counts.rename("rises").reset_index(), ["case"], "rises")


def undefined_by_tenth(curves: pd.DataFrame, parts: int = 10) -> pd.DataFrame:
    """Percent of the neurons without a value, by tenth of the right order: replicate, part."""
    right = curves[(curves["case"] == curves["case"].iloc[0]) & (curves["n_removed"] > 0)]
    share = (right["n_removed"] - 1) / right["n_removed"].max()
    right = right.assign(part=(parts * share).astype(int), percent=100.0 * right["undefined"])
    return right.groupby(["replicate", "part"], as_index=False)["percent"].mean()


def at_the_end(curves: pd.DataFrame) -> pd.DataFrame:
    """mean, low, high by case: accuracy with the whole layer removed."""
    return bands(curves[curves["n_removed"] == curves["n_removed"].max()], ["case"], "accuracy")


def checks(measured: pd.DataFrame, fresh: pd.DataFrame, scaled: pd.DataFrame) -> pd.DataFrame:
    """What would show a mistake, in the paper's figures, in this run, and with the mistake.

    Columns: in the paper, in this run, with the mistake; a row a mistake that figures can show.
    """
    information = paper.published_extremes().query("quantity == 'mutual_information'")["bits"]
    curves = paper.published_curves().query("figure == 'fig1a' and replacement == 'mean'")
    curves = curves.set_index("n_ablated").groupby("ordering")["accuracy"]
    random, informed = curves.get_group("random"), curves.get_group("mutual_information")
    both, found = both_signs(measured), rises(fresh)["mean"]
    shared = scaled[scaled["n_removed"].isin(informed.index)]
    last = shared["n_removed"].max()
    late = shared[shared["n_removed"] == last].groupby("case")["accuracy"].mean()
    rows = {
        "largest mutual information, bits": (
            information.max(), both["right"].max(), both["wrong"].max()
        ),
        f"steps that raise one random curve of layer 1 by more than {RISE}": (
            (random.diff() > RISE).sum(), found["growing set"], found["new set each time"]
        ),
        f"accuracy after {last} of layer 1, lowest mutual information first": (
            informed[last], late["bias-balanced"], late["scaled by P(T=1)"]
        ),
    }  # fmt: skip
    columns = ["in the paper", "in this run", "with the mistake"]
    return pd.DataFrame(rows, index=columns).T
