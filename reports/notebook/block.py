"""One picture or table in a notebook, without the page it usually stands on."""

from __future__ import annotations

from reports.blocks import Network, Table, Timeline, Whereabouts
from reports.frame import framed

HEIGHTS = {Network: 860, Timeline: 260, Table: 560, Whereabouts: 760}
"""Pixels a frame begins with, by kind."""


class Block:
    """Show one block."""

    def html(self, thing: Network | Table | Timeline | Whereabouts) -> str:
        """Give the block in a frame of its own."""
        return framed(thing.title, (thing,), HEIGHTS[type(thing)])
