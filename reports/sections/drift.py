"""How far the accounts of today lie from those the models learnt on."""

from __future__ import annotations

from detectors.drift import MOVED
from flows.language import figures, say
from flows.plural import told
from reports.blocks import Block, Cell, Column, Fold, Paragraph, Table
from reports.facts import ScanFacts


class Drift:
    """The population stability index of every feature and score, where a reference is kept."""

    rank = 47
    title = "Drift from the reference"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """List what moved; nothing where nobody keeps a reference, for then the models learn anew each time."""
        measured = [
            (index, detector, name)
            for detector, indices in facts.run.get("drift", {}).items()
            for name, index in indices.items()
        ]
        if not measured:
            return ()
        measured.sort(key=lambda one: (-one[0], one[1], one[2]))
        moved = [one for one in measured if one[0] >= MOVED]
        limit = figures(f"{MOVED:.2f}")
        said = told(
            "{moved} of {count} column has moved: its index is {limit} or more.",
            "{moved} of {count} columns have moved: their index is {limit} or more.",
            len(measured),
            moved=str(len(moved)),
            limit=limit,
        )
        advice = say(
            "The population stability index compares how accounts are spread today with how they were when the models "
            "learnt: below 0.1 nothing moved; from {limit} on, look before the models are trusted, and make another "
            "reference if the world has changed.",
            limit=limit,
        )
        every = Table(say("Index of every feature and score"), _columns(), tuple(map(_row, measured)), tools=True)
        return (Paragraph(said), Paragraph(advice, "quiet"), Fold(say("Index of every feature and score"), (every,)))


def _columns() -> tuple[Column, ...]:
    return (Column(say("Feature or score")), Column(say("Detector"), "id"), Column(say("Index"), "number"))


def _row(one: tuple[float, str, str]) -> tuple[Cell, ...]:
    index, detector, name = one
    return (Cell(name.replace("_", " ")), Cell(detector), Cell(figures(f"{index:.3f}"), index))
