"""The report as one self-contained HTML file that asks nothing of any network.

Text reaches the page through Jinja's escaping only, and pictures are SVG made of numbers and escaped text. All of it is
in the file as it stands, also without scripts; the script only sorts, filters, copies and unfolds.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from flows.language import figures, say, spoken_language
from flows.plural import told
from reports import axis, picture, picture_time, plot
from reports.blocks import Block, Moving, Page, Table
from reports.network import packed
from reports.page_words import SCRIPTS, TEMPLATES, words_of_scripts
from reports.visible import in_lines, shortened, visible

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""Content security policy of the page: even an escaped mistake could load nothing and send nothing."""

MOST_STATIC = 3
"""Alerts that stand in the page as they are; the further ones lie in it packed, and are unfolded when opened.

What is read first can be read without scripts. A night's evidence as it is makes a page of 13 MB, which no mail lets
through and a browser lays out cell by cell before it shows the first one; packed it is a tenth of that.
"""

_PLAIN: Final = re.compile(r"[\w .,:;()/+…→%-]*")


class Html:
    """Write a page as HTML."""

    def render(self, page: Page) -> bytes:
        """Give the bytes of the file; the same page gives the same bytes."""
        return _filled("page.html.j2", page=page, open_pictures=False).encode()

    def piece(self, title: str, blocks: tuple[Block, ...]) -> str:
        """Give a small page of some blocks, as safe as a whole one; moving pictures in it have begun to move."""
        return _filled("piece.html.j2", title=title, blocks=blocks, open_pictures=True)


def _filled(template: str, **given: object) -> str:
    scripts = Markup("\n").join(_asset(name) for name in SCRIPTS)
    page = _environment().get_template(template)
    words = words_of_scripts()
    brought = htmlsafe_json_dumps(words, separators=(",", ":"), ensure_ascii=False) if words else ""
    return page.render(policy=POLICY, css=_asset("report.css"), js=scripts, words=brought, **given)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=DictLoader({name: str(_asset(name)) for name in TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finished,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["deflated"] = _deflated
    environment.filters["kind"] = _kind
    environment.filters["rows"] = _rows
    environment.filters["drawn"] = picture.draw
    environment.filters["over_time"] = picture_time.draw
    environment.filters["plotted"] = plot.draw
    environment.filters["packed"] = _packed
    environment.filters["laid_out"] = axis.lay_out
    environment.filters["shortened"] = lambda text, most: shortened(visible(text), most)
    environment.filters["in_lines"] = lambda text, most, lines: in_lines(visible(text), most, lines)
    environment.globals["told"] = told
    environment.globals["say"] = say
    environment.globals["figures"] = figures
    environment.globals["language"] = spoken_language
    environment.globals["most_static"] = MOST_STATIC
    environment.globals["most_letters"] = picture.MOST_LETTERS
    environment.globals["box"] = {"width": picture.BOX_WIDTH, "height": picture.BOX_HEIGHT}
    return environment


def _packed(moving: Moving) -> Markup:
    """Write the facts of a moving picture as JSON that ends no script and opens no tag."""
    return htmlsafe_json_dumps(packed(moving), separators=(",", ":"))


def _deflated(text: str) -> Markup:
    """Pack a piece of the page (zlib, RFC 1950, in base64), which the browser's own `DecompressionStream` unpacks."""
    return Markup(b64encode(zlib.compress(str(text).encode(), 9)).decode())  # noqa: S704 - letters, digits, + / =


def _kind(block: Block) -> str:
    return type(block).__name__


def _rows(table: Table) -> Markup:
    """Write the body of a table, without the template: of a night's page, most is cells."""
    # Only what looks unlike text has a class.
    begins = [f'<td class="{one.kind}"' if one.kind in ("amount", "number", "time") else "<td" for one in table.columns]
    lines = [
        "".join(
            f"{begin}>{_text(cell.text)}</td>"
            if cell.sort is None
            else f'{begin} data-by="{_text(str(cell.sort))}">{_text(cell.text)}</td>'
            for begin, cell in zip(begins, row, strict=True)
        )
        for row in table.rows
    ]
    return Markup("".join(f"<tr>{line}</tr>\n" for line in lines))  # noqa: S704 - `_text` escapes every text in it


def _text(text: str) -> str:
    """Escape a text as the template does, at less cost where there is nothing to escape."""
    return text if _PLAIN.fullmatch(text) else str(escape(visible(text)))


def _finished(value: Any) -> Any:
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


@cache
def _asset(name: str) -> Markup:
    return Markup(files("reports").joinpath("assets", name).read_text(encoding="utf-8"))  # noqa: S704 - our own files
