"""Loads the product's templates, without the white space that only their readers need.

A tag, a variable or a comment may go over several lines, which Django alone takes for text: so a page keeps to the
columns of the code, the many arguments of a component below each other. And no page carries the indentation of its
template, nor a line for every attribute and every condition: a browser shows them nowhere, they were a quarter of its
bytes, and a cell that holds nothing but a line break is not `:empty`."""

import re

from django.template.base import Origin
from django.template.loaders import app_directories

TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
BREAK = re.compile(r"\s*\n\s*")
PART = r"\{%.*?%\}|\{\{.*?\}\}|\{(?![%{])"  # of a template within an element's start tag
REST = rf'(?:{PART}|"(?:{PART}|[^"{{])*+"|[^>"{{])*+>'
START = re.compile(rf"<[a-zA-Z]{REST}", re.DOTALL)
SILENT = r"\{%\s*(?:(?:end)?(?:if|for|with|block|partialdef)|elif|else|empty)\b[^%]*%\}|\{#[^#]*#\}"
ALONE = re.compile(rf"(?<=\n)((?:{SILENT})+)\n")  # a line of tags that write nothing
BLOCK = "(?:button|d[dlt]|div|form|h[1-6]|legend|li|option|p|section|summary|t[dhr])"
EDGE = re.compile(rf"(<{BLOCK}\b{REST})\n|\n(?=</{BLOCK}>)", re.DOTALL)  # where a block begins and ends


def _one_line(tag: re.Match[str]) -> str:
    return tag[0].replace("\n>", ">").replace("\n", " ")


def joined(text: str) -> str:
    """A template whose tags, variables and comments each stand on one line, as Django wants them."""
    return TAG.sub(lambda tag: BREAK.sub(" ", tag[0]), text)


class Loader(app_directories.Loader):
    def get_contents(self, origin: Origin) -> str:
        text = joined(super().get_contents(origin))
        if not origin.name.endswith(".html"):
            return text
        text = START.sub(_one_line, BREAK.sub("\n", text))
        return EDGE.sub(r"\1", ALONE.sub(r"\1", text))
