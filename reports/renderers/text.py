"""The report as plain text: the summary a command prints, with the strongest alerts in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from reports.blocks import AlertCard, Block, Bullets, Page, Pair, Paragraph, Queue, Tiles
from reports.visible import visible

WIDTH = 100
MOST_CARDS = 3
MOST_ITEMS = 4
PARTS = ("changes", "summary", "left-out", "alerts")
"""Sections a terminal has room for."""


class Text:
    """Write a page as text, UTF-8, with the three strongest alerts."""

    def render(self, page: Page) -> bytes:
        """Give the bytes; the same page gives the same bytes."""
        lines = [page.title, page.subtitle, "", *_wrapped(page.banner)]
        for part in page.parts:
            if part.id in PARTS:
                lines += ["", part.title, "-" * len(part.title)]
                lines += [line for block in part.blocks for line in _said(block)]
        lines += ["", *_wrapped(page.promise)]
        return ("\n".join(line.rstrip() for line in lines) + "\n").encode()


def _said(block: Block) -> Iterator[str]:
    """Write one block; tables and pictures are left to the page."""
    if isinstance(block, Paragraph):
        yield from _wrapped(block.text)
    elif isinstance(block, Tiles):
        for tile in block.tiles:
            yield visible(f"{tile.label:<18}{tile.value}" + (f"  ({tile.note})" if tile.note else ""))
    elif isinstance(block, Bullets):
        yield from _items(block.title, block.items, len(block.items))
    elif isinstance(block, Queue):
        for card in block.cards[:MOST_CARDS]:
            yield from _card(card)
        further = sum(1 + len(card.pieces) for card in block.cards) - len(block.cards[:MOST_CARDS])
        if further:
            yield ""
            yield f"The report has {further:,} more."


def _card(card: AlertCard) -> Iterator[str]:
    yield ""
    yield visible(f"{card.place}. {card.pattern}  [{card.tier}, score {card.score:.2f}]  {card.alert_id}")
    yield from _wrapped(f"{card.headline}.", "   ")
    yield from _wrapped(f"Why: {card.why}", "   ")
    for block in card.blocks:
        for inner in (*block.left, *block.right) if isinstance(block, Pair) else ():
            if isinstance(inner, Bullets):
                yield from _items(inner.title, inner.items, MOST_ITEMS, "   ")


def _items(title: str, items: Sequence[str], most: int, indent: str = "") -> Iterator[str]:
    if title:
        yield visible(f"{indent}{title}:")
    for item in items[:most]:
        yield from _wrapped(item, f"{indent}  - ", f"{indent}    ")
    if len(items) > most:
        yield f"{indent}  - and {len(items) - most} more"


def _wrapped(text: str, first: str = "", then: str | None = None) -> list[str]:
    return textwrap.wrap(
        visible(text), WIDTH, initial_indent=first, subsequent_indent=first if then is None else then
    ) or [""]
