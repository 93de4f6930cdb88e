"""Long tables are folded, and whole."""

import pandas as pd

from utils.drawing.folded import Folded


def test_a_table_stands_whole_behind_a_line_that_says_what_it_is():
    table = pd.DataFrame({"accuracy": range(30)})
    html = Folded(table, "Accuracy <of> 30 networks")._repr_html_()
    assert html.startswith("<details><summary>Accuracy &lt;of&gt; 30 networks</summary><table")
    assert html.count("<tr") == 31
    assert repr(Folded(table, "Accuracy")).startswith("Accuracy\n    accuracy\n0")
