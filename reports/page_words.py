"""What templates and scripts of the page say, found in their source: so they speak the language of the report too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from flows.language import ENGLISH, chosen, say, spoken_language

SCRIPTS: Final = ("words.js", "report.js", "picture_places.js", "picture_pens.js", "picture.js")
"""What a page runs: the tables and the queue, and the moving picture, which is made only when a reader asks for it."""

TEMPLATES: Final = ("page.html.j2", "piece.html.j2", "blocks.html.j2")

_CALL: Final = re.compile(r'\b(?:say\("([^"]+)"|told\(\s*"([^"]+)",\s*"([^"]+)")')


def said_in_page() -> Iterator[tuple[str, str]]:
    """Give each sentence of templates and scripts with its form for many, or nothing."""
    for name in (*TEMPLATES, *SCRIPTS):
        yield from _said_in(name)


def words_of_scripts() -> dict[str, str]:
    """Give what scripts say in the language of the moment, by what they say in English; nothing in English."""
    if spoken_language() == ENGLISH:
        return {}
    words: dict[str, str] = {}
    for one, many in sorted({said for name in SCRIPTS for said in _said_in(name)}):
        words |= {one: chosen(one, many, 1), many: chosen(one, many, 2)} if many else {one: say(one)}
    return words


@cache
def _said_in(name: str) -> tuple[tuple[str, str], ...]:
    source = files("reports").joinpath("assets", name).read_text(encoding="utf-8")
    return tuple((alone or one, many) for alone, one, many in _CALL.findall(source))
