"""Markdown of a notebook as part of a web page: formulas as MathML, links to other pages."""

import re
from html import unescape
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer


class Renderer(IPythonRenderer):
    """Markdown of a notebook; `files`: all pages of the site, which links may lead to."""

    def __init__(self, files: set[str]) -> None:
        super().__init__(escape=False)
        self.files = files

    def heading(self, text: str, level: int, **_: Any) -> str:
        name = _anchor(re.sub("<[^>]+>", "", text))
        anchor = f' <a class="anchor" href="#{name}" aria-label="Link to this section">#</a>'
        return f'<h{level} id="{name}">{text}{anchor * (level > 1)}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """To another page, or to the web; a file that is not in the site is named, not linked."""
        if re.match("https?:|mailto:", url):
            return super().link(text, url, title)
        path, mark, section = url.partition("#")
        target = re.sub(r"\.(ipynb|md)$", ".html", path.rsplit("/", 1)[-1])
        if target and target not in self.files:
            return text
        state = "=" in section  # of the playground
        return super().link(
            text, target + mark + (section if state else _anchor(unquote(section))), title
        )

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return f'<span class="formula">{mathml(body, "block")}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def _anchor(heading: str) -> str:
    """Of a heading, as it stands or as notebooks link to it.

    >>> _anchor("The paper's curves"), _anchor("The-paper's-curves")
    ('the-paper-s-curves', 'the-paper-s-curves')
    """
    return re.sub(r"\W+", "-", heading.lower()).strip("-")


def mathml(tex: str, display: str) -> str:
    """A formula as MathML, with the spaces that TeX leaves around names of functions."""
    formula = convert_to_element(tex, display=display)
    for part in formula.iter():
        part.text = text = unescape(part.text or "")  # the converter writes entities
        if part.tag in ("mi", "mo") and len(text) > 1 and text.isalpha():
            part.tag = "mo"
            part.attrib |= {"lspace": "0.17em", "rspace": "0.17em"}
        elif text in ("|", "/"):
            part.attrib |= {"lspace": "0", "rspace": "0"}
    for part in formula.iter("msub"):
        if display == "block" and part[0].text in ("max", "min"):
            part.tag = "munder"
    return ElementTree.tostring(formula, "unicode")
