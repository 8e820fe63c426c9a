"""The words of the report, explained once."""

from __future__ import annotations

from flows.language import say
from reports.blocks import Block, Cell, Column, Table
from reports.facts import ScanFacts
from reports.weighing import TIERS

WORDS = {
    "Alert": "Findings on the same accounts and payments, put together so that one network is one thing to look at.",
    "Finding": "One answer of one detector, with the payments that show it.",
    "Evidence leg": "A kind of evidence. One kind alone never makes an alert of the tier review or priority.",
    "Score": "A rank from 0 to 1, high = look sooner. It is not a probability.",
    "Likely role": "What an account seems to do in the pattern. It says nothing of its holder, who may be controlled.",
    "Hub": "An account that serves the public, such as a utility, the tax office or a large employer.",
    "Group": "The accounts that money passed through. Sums count what entered or left it, never the hops within.",
}


class Words:
    """A glossary."""

    rank = 50
    title = "Words used here"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """Explain the words; the tiers with the sentence that is also their rule."""
        words = {**WORDS, **{say("Tier: {tier}", tier=tier): meaning for tier, meaning in TIERS.items()}}
        rows = tuple((Cell(say(word)), Cell(say(meaning))) for word, meaning in words.items())
        return (Table(say("Words"), (Column(say("Word")), Column(say("Meaning"))), rows),)
