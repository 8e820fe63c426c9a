"""Where cards were: uses of a card that its holder, or whoever holds it, was there for."""

from __future__ import annotations

import numpy as np

from detectors.sight import Sight
from detectors.stays import PRESENT
from graphs.legs import Ints


def card_uses(sight: Sight) -> Ints:
    """Give the payments by own cards that bear time and town, in the order of the window."""
    there = sight.channel(*PRESENT) & sight.timed & (sight.codes("city") >= 0) & sight.own[sight.payer]
    return np.flatnonzero(there)


def place_of(sight: Sight) -> Ints:
    """Give each payment a number of its place: the terminal, else whoever was paid; made once."""

    def found() -> Ints:
        terminal = sight.codes("terminal_id")
        return np.where(terminal >= 0, terminal, len(sight.values("terminal_id")) + sight.payee)

    return sight.once("places", found)


def home_town(sight: Sight) -> Ints:
    """Give each node's home town as a number of the payments' column ``city``; made once.

    Where none is known, it is the town where its card is used most; -1 where it is never used.
    """

    def found() -> Ints:
        uses = card_uses(sight)
        town = sight.codes("city")[uses]
        pair, count = np.unique(sight.payer[uses] * (len(sight.values("city")) + 1) + town, return_counts=True)
        node, usual = pair // (len(sight.values("city")) + 1), pair % (len(sight.values("city")) + 1)
        order = np.lexsort((usual, -count, node))
        node, first = np.unique(node[order], return_index=True)
        of_node = np.full(sight.graph.nodes, -1, np.int64)
        of_node[node] = usual[order][first]
        return np.where(sight.home_city == -1, of_node, sight.home_city)

    return sight.once("home towns", found)
