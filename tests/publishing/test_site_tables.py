"""Tables of the site say all that the notebook's say, in less space."""

import pandas as pd
from bs4 import BeautifulSoup

from utils.publishing.site_tables import fitted

TABLE = pd.DataFrame(
    {
        ("size", "mean"): ["0.10 [0.05, 0.15]", "0.20 [0.15, 0.25]", "0.30 [0.25, 0.35]"],
        ("size", "networks"): [10, 10, 10],
        ("word", ""): ["holds", "open", "it holds in most of the cases, but not in all"],
    },
    index=pd.MultiIndex.from_tuples(
        [("1", "a"), ("1", "b"), ("2", "a")], names=["layer", "quantity"]
    ),
)


def _rows(html: str) -> list[list[str]]:
    rows = BeautifulSoup(html, "html.parser")("tr")
    return [[cell.get_text() for cell in row(["th", "td"])] for row in rows]


def test_names_share_a_row_and_a_constant_column_is_said_below():
    html, texts = fitted(TABLE.to_html())
    assert _rows(html) == [
        ["", "", "size", "word"],
        ["layer", "quantity", "mean", ""],
        ["1", "a", "0.10 [0.05,\u00a00.15]", "holds"],
        ["b", "0.20 [0.15,\u00a00.25]", "open"],
        ["2", "a", "0.30 [0.25,\u00a00.35]", TABLE["word", ""].iloc[2]],
    ]
    soup = BeautifulSoup(html, "html.parser")
    assert soup.select_one(".same").get_text() == "In every row: size networks 10."
    assert [cell["class"] for cell in soup.select("td.long")] == [["words", "long"]] * 4
    assert not soup.select("[style], [border], th:empty")
    assert texts[1] == ["layer", "quantity", "mean", "networks", ""]
    assert texts[3] == ["1", "b", "0.20 [0.15, 0.25]", "10", "open"]


def test_what_is_no_such_table_stays():
    two = TABLE.head(2).reset_index(drop=True)
    assert "In every row" not in fitted(two.to_html())[0]
    results = pd.DataFrame({"x": ["0.97"] * 3, "y": [1, 2, 3]})
    assert len(_rows(fitted(results.to_html())[0])[0]) == 3
    only = pd.DataFrame({"x": [1, 1, 1]})
    assert _rows(fitted(only.to_html())[0])[1:] == [["0", "1"], ["1", "1"], ["2", "1"]]
    assert fitted("<p>text</p>") == ("<p>text</p>", [])
    assert fitted("<table></table>") == ("<table></table>", [])
    folded, texts = fitted(f"<details open><summary>s</summary>{two.to_html()}</details>")
    assert folded.startswith("<details open")
    assert len(texts) == 4


def test_a_table_without_rows_keeps_its_head():
    html, texts = fitted(TABLE.iloc[:0].to_html())
    assert "layer" in html
    assert all("0.10" not in cell for row in texts for cell in row)
