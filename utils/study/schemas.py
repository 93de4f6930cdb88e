"""What the tables of a run can hold: a column means the same wherever it stands.

`checked` holds a table against its schema (pandera) when it is read and when it is written: types,
ranges, words, the order of the rows, no row twice, no more hits than samples.
"""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pandas as pd

from utils.names import DIRECTIONS, REPAIRS, REPLACEMENTS
from utils.study.stages import TABLES, Table


@dataclass(frozen=True)
class Column:
    """Type of the values, meaning or unit, smallest and largest, pattern, may it be missing."""

    type: type
    meaning: str = ""
    low: float | None = None
    high: float | None = None
    pattern: str = ""
    nullable: bool = False


def _words(*words: str) -> Column:
    return Column(str, ", ".join(words), pattern="|".join(words))


def _count(meaning: str = "", low: int = 0) -> Column:
    return Column(int, meaning, low)


COLUMNS = {
    "replicate": _count("0: the first network"),
    "epoch": _count("0: before training"),
    "split": _words("train", "validation", "test"),
    "loss": Column(float, "mean cross-entropy in nats", 0),
    "n_correct": _count("images"),
    "n_intact": _count("images the intact network has right"),
    "n_samples": _count("images", 1),
    "kept": Column(int, "1: the epoch whose network is kept", 0, 1),
    "layer": _count("1: the first hidden layer", 1),
    "neuron": _count("of the layer; of all hidden neurons where the scope is network"),
    "neuron_1": _count("of the layer"),
    "neuron_2": _count("of the layer", 1),
    "entropy": Column(float, "bits", 0),
    "mutual_information": Column(float, "bits", 0),
    "kl_selectivity": Column(float, "bits", 0),
    "selective_class": _count("where the divergence is largest; -1: nowhere", -1),
    "firing_rate": Column(float, "share of images above the threshold", 0, 1),
    "mean_output": Column(float, "over the validation images"),
    "output_variance": Column(float, "over the validation images", 0),
    "scope": Column(
        str, "layer-1, …, network: all layers; of claims also differences and shares",
        pattern=r"(layer-[1-9]\d*|network)( - layer-[1-9]\d*| to \d+%)?|\d+% pruned",
    ),
    "ordering": Column(
        str, "a quantity, random-00, …, these with ranks within layers, or a joint order",
        pattern=r"[a-z_]+(-\d+)?"
    ),
    "direction": _words(*DIRECTIONS, "none"),
    "replacement": _words(*REPLACEMENTS),
    "n_ablated": _count("neurons"),
    "error_rise": Column(int, "test images, against the intact network"),
    "cross_entropy_rise": Column(float, "nats, against the intact network"),
    "scaled_cross_entropy_rise": Column(
        float, "likewise, logits divided by the intact network's temperature"
    ),
    "method": Column(str, "by what the least important neurons are chosen", pattern="[a-z_]+"),
    "repair": _words(*REPAIRS),
    "fraction": Column(float, "share of the neurons pruned", 0, 1),
    "retrain_epochs": _count("0: as pruned"),
    "n_parameters": _count("weights and biases", 1),
    "n_macs": _count("multiply-accumulates for an image", 1),
    "n_bytes": _count("of the weights and biases", 1),
    "batch": _count("images a pass", 1),
    "latency_ms": Column(float, "milliseconds, on one thread", 0),
    "claim": Column(str, "C1 to C11 of the paper, D3 of its later version, the rest ours"),
    "quantity": Column(str, "what the case is about"),
    "estimate": Column(float, "mean over networks; missing where not defined", nullable=True),
    "low": Column(float, "of the 95 % t-interval; missing with one network", nullable=True),
    "high": Column(float, "likewise", nullable=True),
    "n_replicates": _count("networks"),
    "n_other": _count("networks of the run that is subtracted; 0: of none"),
    "p": Column(float, "two-sided, of the bound", 0, 1, nullable=True),
    "p_holm": Column(float, "by Holm over its claim, if counted", 0, 1, nullable=True),
    "verdict": _words("agrees", "disagrees", "negligible", "open"),
    "n_to_decide": _count("networks for a power of 0.8; 0: not known"),
    "note": Column(str, "why there is no verdict", nullable=True),
    "joint_information": Column(float, "bits", 0),
    "co_information": Column(float, "bits; of a set the mean over its pairs"),
    "surplus": Column(
        float, "nats: rise in temperature-scaled cross-entropy, both removed, minus one by one"
    ),
    "place": _count("0: removed first"),
    "error_surplus": Column(int, "test images lost together minus the sum of one by one"),
    "independent_surplus": Column(int, "the same of changes dealt out anew over the images"),
    "mean_information": Column(float, "bits: mean mutual information of a set's neurons", 0),
    "beta": Column(float, "price of entropy in I - beta H", 0),
    "retained": Column(float, "R: mean test accuracy while 0 to 80 % are removed", 0, 1),
    "measure": _words("kl_selectivity", "class_selectivity"),
    "selectivity": Column(float, "by that measure: bits, or from 0 to 1 for the second", 0),
    "class_error_rise": Column(float, "share of the test images of the selective class"),
    "selected_class": _count("whose most selective neurons are removed"),
    "class": _count("of the images counted"),
}  # fmt: skip


class TableError(ValueError):
    """A table with a column, a value or an order of rows that it cannot have."""


def checked(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The table, its numbers in their types.

    Raises
    ------
    TableError
        Names the column, and the line of the file (the first row is line 2) with its value.
    """
    from pandera.errors import SchemaErrors

    table = TABLES[name]
    if list(frame.columns) != list(table.columns):
        columns, expected = ", ".join(frame.columns), ", ".join(table.columns)
        raise TableError(f"has the columns {columns}; expected are {expected}")
    try:
        return _schema(name).validate(frame, lazy=True)
    except SchemaErrors as error:
        raise TableError(_explain(error.failure_cases, table, frame)) from None


@cache
def _schema(name: str) -> Any:
    """The pandera schema of a table; pandera is imported at the first one, since it takes long."""
    import pandera.pandas as pa

    def column(spec: Column) -> Any:
        checks = [pa.Check.ge(spec.low)] if spec.low is not None else []
        checks += [pa.Check.le(spec.high)] if spec.high is not None else []
        checks += [pa.Check.str_matches(f"^({spec.pattern})$")] if spec.pattern else []
        coerce = spec.type is float or spec.nullable  # all words missing: read as numbers
        return pa.Column(spec.type, checks, nullable=spec.nullable, coerce=coerce)

    table = TABLES[name]
    checks = [pa.Check(lambda rows: _in_order(rows, table), error="rows in order, none twice")]
    for hits in {"n_correct", "n_intact"} & set(table.columns):
        right = partial(_at_most_all, hits=hits)
        checks.append(pa.Check(right, error=f"{hits} <= n_samples"))
    columns = {name: column(COLUMNS[name]) for name in table.columns}
    return pa.DataFrameSchema(columns, checks=checks, strict=True, ordered=True)


def _at_most_all(rows: pd.DataFrame, hits: str) -> pd.Series:
    return rows[hits] <= rows["n_samples"]


def _in_order(rows: pd.DataFrame, table: Table) -> pd.Series:
    """Which rows come after the row before them in their group, and are not the same."""
    if not table.order:
        return ~rows.duplicated(list(table.group))
    ranks = rows.groupby(list(table.order)).ngroup()
    steps = ranks.groupby([rows[name] for name in table.group]).diff()
    return steps.isna() | (steps > 0)


def _explain(failures: pd.DataFrame, table: Table, frame: pd.DataFrame) -> str:
    """What is wrong in the first row that pandera found; with columns before whole rows."""
    of_columns = failures[failures["schema_context"] == "Column"]
    first = (failures if of_columns.empty else of_columns).iloc[0]
    if of_columns.empty:
        row = int(first["index"])
        key = ", ".join(f"{name} {frame[name].iloc[row]}" for name in (*table.group, *table.order))
        return f"line {row + 2} ({key}): it must have {first['check']}"
    name, spec = first["column"], COLUMNS[first["column"]]
    if pd.isna(first["index"]):  # the type of the whole column: what in it is no whole number?
        row = int((pd.to_numeric(frame[name], errors="coerce") % 1 != 0).to_numpy().argmax())
    else:
        row = int(first["index"])
    kind = {int: "a whole number", float: "a number", str: "a word"}[spec.type]
    limits = [f"from {spec.low:g}"] if spec.low is not None else []
    limits += [f"to {spec.high:g}"] if spec.high is not None else []
    limits += [f"as {spec.pattern}"] if spec.pattern else []
    allowed = " ".join([kind, *limits])
    value = frame[name].tolist()[row]
    return f"line {row + 2}: {name} is {value!r}; it must be {allowed}"
