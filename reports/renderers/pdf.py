"""The report on paper: one PDF, typeset without a browser, the same bytes for the same page.

Pictures stay in the page: on paper their tables say the same. What is folded there is left out here, and long tables
are cut and say so; whoever needs the rest has report.html and alerts.json beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import typst

from flows.language import figures, say, spoken_language
from reports.blocks import (
    AlertCard,
    Block,
    Bullets,
    Legs,
    Page,
    Pair,
    Paragraph,
    Plot,
    Queue,
    Reasons,
    Table,
    Tiles,
)
from reports.visible import visible

MOST_ROWS = 20
"""Rows of a table on paper; ours: a third of a page, so that an alert is two or three."""

MOST_CARDS = 50
"""Alerts told in full on paper, ours: a shelf of paper is not read; the further ones are a line each."""

MOST_NIGHTS = 14
"""Nights of a course on paper."""

WIDEST = 60
"""Letters of a text in a column that are given room, next to the other columns."""

MANY_COLUMNS = 9
"""Columns beyond which a table is set smaller."""

LINE = {False: 140, True: 160}
"""Letters across the paper, by whether a table is set smaller; a gap between columns takes about two."""

GAP = 2

LEAST = 18
"""Letters that a column of sentences has room for at least: a word a line is not read."""

WHOLE = ("amount", "time")
"""Kinds of columns whose texts are not broken."""

SHORT = 1_500
"""Letters of two things side by side that stay on one page."""

LEFT_OUT = ("words", "run-sheet", "questions")
"""Sections for looking things up, which nobody prints."""

LONGEST_WORD = 12
"""Letters after which a word without a gap may be broken: account numbers are wider than a column."""

SPARED = 4
"""Letters that a word may have more and is not broken: what is left would be no piece."""

NEVER = datetime.fromtimestamp(0, UTC)
"""A fixed stamp in place of the clock."""


class Pdf:
    """Write a page as PDF."""

    def render(self, page: Page) -> bytes:
        """Give the bytes of the file; the same page gives the same bytes."""
        told = {
            "title": page.title,
            "subtitle": page.subtitle,
            "banner": page.banner,
            "promise": page.promise,
            "language": spoken_language(),
            "parts": [
                {"title": part.title, "blocks": _told(part.blocks)} for part in page.parts if part.id not in LEFT_OUT
            ],
        }
        source = files("reports").joinpath("assets", "report.typ").read_bytes()
        # Fonts of the machine would make other bytes on another machine.
        printed: bytes = typst.compile(
            source, sys_inputs={"page": json.dumps(_shown(told))}, ignore_system_fonts=True, timestamp=NEVER
        )
        return printed


def _shown(value: Any) -> Any:
    """Make every text visible and breakable."""
    if isinstance(value, str):
        return " ".join(_breakable(word) for word in visible(value).split(" "))
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    return [_shown(inner) for inner in value] if isinstance(value, list) else value


def _breakable(word: str) -> str:
    if len(word) <= LONGEST_WORD + SPARED:
        return word
    if "-" in word:
        return "-\u200b".join(map(_breakable, word.split("-")))
    return "\u200b".join(word[start : start + LONGEST_WORD] for start in range(0, len(word), LONGEST_WORD))


def _told(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    plots = tuple(block for block in blocks if isinstance(block, Plot))
    told: list[dict[str, Any]] = []
    for block in blocks:
        if not isinstance(block, Plot):
            told += _one(block)
        elif block is plots[0]:
            told.append(_course(plots))
    return told


def _one(block: Block) -> Iterator[dict[str, Any]]:
    """Give a block as the template reads it; pictures and folds are left to the page."""
    if isinstance(block, Paragraph):
        yield {"kind": "paragraph", "text": block.text, "quiet": block.tone == "quiet"}
    elif isinstance(block, Bullets):
        yield {"kind": "bullets", "title": block.title, "items": list(block.items)}
    elif isinstance(block, Reasons):
        items = [f"({one.number}) {one.title}, {one.account}: {one.sentence}" for one in block.reasons]
        yield {"kind": "bullets", "title": block.title, "items": items}
    elif isinstance(block, Legs):
        said = [f"{leg.name} {say('not asked') if leg.weight is None else f'{leg.weight:.2f}'}" for leg in block.legs]
        yield {"kind": "paragraph", "text": " · ".join(said), "quiet": True}
    elif isinstance(block, Tiles):
        yield {"kind": "tiles", "tiles": [vars(tile) for tile in block.tiles]}
    elif isinstance(block, Table):
        yield _table(block)
    elif isinstance(block, Pair):
        left, right = _told(block.left), _told(block.right)
        yield {"kind": "pair", "left": left, "right": right, "whole": _letters([left, right]) <= SHORT}
    elif isinstance(block, Queue):
        for card in block.cards[:MOST_CARDS]:
            yield _card(card)
            if card.pieces:
                yield _further(say("Further pieces of this group; report.html tells them in full"), card.pieces)
        if len(block.cards) > MOST_CARDS:
            rest = [one for card in block.cards[MOST_CARDS:] for one in (card, *card.pieces)]
            yield _further(say("Further alerts; report.html tells them in full"), rest)


def _letters(told: Any) -> int:
    """Count the letters of everything in some blocks."""
    if isinstance(told, str):
        return len(told)
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return sum(map(_letters, inner))


def _table(table: Table) -> dict[str, Any]:
    head = [column.title for column in table.columns]
    rows = [[cell.text for cell in row] for row in table.rows[:MOST_ROWS]]
    note = table.note
    if len(table.rows) > MOST_ROWS:
        cut = say("The first {most} of {all} rows.", most=str(MOST_ROWS), all=figures(f"{len(table.rows):,}"))
        note = f"{cut} {note}".strip()
    kinds = [column.kind for column in table.columns]
    # A sum or a time is read in one piece.
    rows = [
        [text.replace(" ", "\u00a0") if kind in WHOLE else text for kind, text in zip(kinds, row, strict=True)]
        for row in rows
    ]
    return _grid(table.title, head, rows, [kind in ("amount", "number") for kind in kinds], note)


def _course(plots: tuple[Plot, ...]) -> dict[str, Any]:
    """Print the last days of all plots of a section as one table."""
    series = [one for plot in plots for one in plot.series]
    head = [say("Day"), *(f"{one.name[:1].upper()}{one.name[1:]}" for one in series)]
    rows = [
        [
            step,
            *("" if (value := one.values[place]) is None else figures(f"{value:,.0f}") for one in series),
        ]
        for place, step in enumerate(plots[0].steps)
    ]
    cut = say("The last {most} of {all} nights.", most=str(MOST_NIGHTS), all=str(len(rows)))
    note = cut if len(rows) > MOST_NIGHTS else ""
    return _grid(say("The last nights"), head, rows[-MOST_NIGHTS:], [False, *(True for _ in series)], note)


def _further(title: str, cards: Sequence[AlertCard]) -> dict[str, Any]:
    head = [say("Place"), say("Alert"), say("Tier"), say("Score"), say("What")]
    rows = [
        [str(card.place), card.alert_id, card.tier, figures(f"{card.score:.2f}"), f"{card.pattern}: {card.headline}"]
        for card in cards
    ]
    return _grid(title, head, rows, [True, False, False, True, False], "")


def _grid(title: str, head: list[str], rows: list[list[str]], right: list[bool], note: str) -> dict[str, Any]:
    small = len(head) > MANY_COLUMNS
    return {
        "kind": "table",
        "title": title,
        "head": head,
        "rows": rows,
        "widths": _widths([head, *rows], LINE[small] - GAP * len(head)),
        "right": right,
        "small": small,
        "note": note,
    }


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[float]:
    """Give each column room for its longest word, and of what is left as much as its longest text needs more."""
    columns = list(zip(*rows, strict=True))
    texts = [min(WIDEST, max(map(len, column))) for column in columns]
    words = [
        max(LEAST if text == WIDEST else 0, *(_longest_piece(word) for one in column for word in one.split(" ")))
        for text, column in zip(texts, columns, strict=True)
    ]
    more = [max(0, text - word) for text, word in zip(texts, words, strict=True)]
    left = max(0, room - sum(words))
    share = min(1.0, left / sum(more)) if any(more) else 0.0
    return [GAP + word + share * further for word, further in zip(words, more, strict=True)]


def _longest_piece(word: str) -> int:
    return max(map(len, _breakable(word).split("\u200b")))


def _card(card: AlertCard) -> dict[str, Any]:
    return {
        "kind": "card",
        "place": str(card.place),
        "pattern": card.pattern,
        "tier": card.tier,
        "score": f"{card.score:.2f}",
        "facts": " · ".join([*card.facts, card.alert_id]),
        "headline": f"{card.headline}.",
        "why": card.why,
        "blocks": _told(card.blocks),
    }
