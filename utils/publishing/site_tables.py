"""Tables of a notebook as they fit a page: as pandas writes them, less what a reader can spare."""

import re

from bs4 import BeautifulSoup, Tag

Grid = list[list[Tag]]


def grid(table: Tag) -> Grid:
    """Rows of cells, as wide as the table; a cell that spans several places is in each of them."""
    places: dict[tuple[int, int], Tag] = {}
    for row, line in enumerate(table("tr")):
        for cell in line(["th", "td"]):
            column = next(c for c in range(999) if (row, c) not in places)
            for down in range(int(cell.get("rowspan", 1))):
                for right in range(int(cell.get("colspan", 1))):
                    places[row + down, column + right] = cell
    rows = range(1 + max((row for row, _ in places), default=-1))
    columns = range(1 + max((column for _, column in places), default=-1))
    return [[places[row, column] for column in columns] for row in rows]


def text(cell: Tag) -> str:
    return " ".join(cell.get_text().split())


def fitted(html: str) -> tuple[str, list[list[str]]]:
    """The table for a page, and all of it as texts; an empty list where there is none.

    Names of the index stand in the row of the columns' names; a column that has one value in
    every row is said below instead; what may be broken into lines is marked.
    """
    soup = BeautifulSoup(html, "html.parser")
    for style in soup("style"):
        style.decompose()
    for tag in soup(True):
        tag.attrs = {k: v for k, v in tag.attrs.items() if k in ("rowspan", "colspan", "open")}
    table = soup.table
    if table is None or not table.tbody:
        return str(soup), []
    head = _one_row_for_names(table)
    cells = grid(table)
    texts = [[text(cell) for cell in row] for row in cells]
    same = _drop_constant(cells, head)
    for column in zip(*cells, strict=True):
        _aligned(column[:head], column[head:])
    for cell in table.thead("th"):
        if not text(cell):
            cell.name = "td"
    if same:
        note = soup.new_tag("p", attrs={"class": "same"})
        note.string = f"In every row: {'; '.join(same)}."
        table.insert_after(note)
    return str(soup), texts


def _one_row_for_names(table: Tag) -> int:
    """Put the names of the index, which pandas writes in a row of their own, into the row above.

    Returns how many rows of the head are left.
    """
    rows = table.thead("tr")
    first = table.tbody.tr
    n_index = len(first("th")) if first else 0
    if len(rows) > 1 and n_index:
        above, last = rows[-2](["th", "td"]), rows[-1](["th", "td"])
        free = not any(map(text, above[:n_index])) and not any(map(text, last[n_index:]))
        if free and len(above) == len(last):
            for cell, name in zip(above, last[:n_index], strict=False):
                cell.string = text(name)
            rows[-1].decompose()
            return len(rows) - 1
    return len(rows)


def _drop_constant(cells: Grid, head: int) -> list[str]:
    """Take out columns with one word or count in all of three rows or more; says them."""
    body, columns = cells[head:], range(len(cells[0]))
    values = [column for column in columns if all(row[column].name == "td" for row in body)]
    constant = [c for c in values if len({text(row[c]) for row in body}) == 1]
    constant = [c for c in constant if "." not in text(body[0][c])]  # a result is no count
    if len(body) < 3 or len(constant) == len(values):
        return []
    same = []
    for column in constant:
        names = dict.fromkeys(text(row[column]) for row in cells[:head])
        same.append(f"{' '.join(filter(None, names))} {text(body[0][column])}".strip())
        for cell in {id(row[column]): row[column] for row in cells}.values():
            if (width := int(cell.get("colspan", 1))) > 1:
                cell["colspan"] = str(width - 1)
            else:
                cell.extract()
    return [word for word in same if word]


def _aligned(head: list[Tag], body: list[Tag]) -> None:
    """Words to the left, and they may be broken; numbers to the right, each in one piece."""
    if not body:
        return
    texts = [text(cell) for cell in body]
    starts = [bool(re.match(r"\W{0,2}[^\W\d]", cell)) for cell in texts]
    words = 2 * sum(starts) > len(body) or body[0].name == "th"
    widest = max(map(len, texts))
    size = "short" if widest < 15 else "long" if widest > 40 else ""
    for cell in [*head, *body] if words else []:
        cell["class"] = f"words {size}".strip()
    for cell in [] if words else body:
        for part in cell.find_all(string=re.compile(r"\S [^\[(]")):
            part.replace_with(re.sub(r"(?<=\S) (?![\[(])", "\u00a0", part))
