"""A case in a notebook: what it stands on, and its steps with what each gave."""

from __future__ import annotations

from graphs import case
from reports.blocks import Paragraph
from reports.case_page import steps_table
from reports.frame import framed
from reports.wording import day


class Case:
    """Show a case."""

    def html(self, thing: case.Case) -> str:
        """Give the steps; what is in view shows itself as ``case.view``, and traces as what they gave."""
        stands = f"Ledger version {thing.ledger.version}, nothing booked after {day(thing.as_of)}."
        steps = steps_table(thing) if thing.steps else Paragraph("No step was taken yet: begin with `open`.")
        return framed(f"Case “{thing.title}”", (Paragraph(stands, "quiet"), steps), 420)
