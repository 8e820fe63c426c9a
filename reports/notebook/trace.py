"""A trace in a notebook: where the money ended under every rule, the trail, and where the money was over time."""

from __future__ import annotations

from graphs import trace
from reports.frame import framed
from reports.trace_page import trace_blocks


class Trace:
    """Show a trace."""

    def html(self, thing: trace.Trace) -> str:
        """Give the amounts rule by rule, the pictures of each rule, and what was taken for granted."""
        return framed("Trace", trace_blocks(thing), 1180)
