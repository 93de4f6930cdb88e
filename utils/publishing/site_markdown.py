"""Markdown of a notebook as part of a web page: formulas as MathML, links to other pages."""

import re
from html import unescape
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer


class Renderer(IPythonRenderer):
    """Markdown of a notebook; `files`: all pages of the site, which links may lead to."""

    def __init__(self, files: set[str]) -> None:
        super().__init__(escape=False)
        self.files = files

    def heading(self, text: str, level: int, **_: Any) -> str:
        name = re.sub(r"\W+", "-", re.sub("<[^>]+>", "", text).lower()).strip("-")
        anchor = f' <a class="anchor" href="#{name}" aria-label="Link to this section">#</a>'
        return f'<h{level} id="{name}">{text}{anchor * (level > 1)}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """To another page, or to the web; a file that is not in the site is named, not linked."""
        if re.match("#|https?:|mailto:", url):
            return super().link(text, url, title)
        target = re.sub(r"\.(ipynb|md)(?=$|#)", ".html", url.rsplit("/", 1)[-1])
        return super().link(text, target, title) if target.split("#")[0] in self.files else text

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return f'<span class="formula">{mathml(body, "block")}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


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
