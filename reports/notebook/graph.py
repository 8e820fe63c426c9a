"""A graph of payments in a notebook: the moving picture, when it happened, and every payment."""

from __future__ import annotations

from graphs.views import PaymentGraph
from reports.frame import framed
from reports.network import graph_network, graph_table, graph_timeline


class Graph:
    """Show a graph of payments."""

    def html(self, thing: PaymentGraph) -> str:
        """Give picture, time line and table."""
        blocks = (graph_network(thing), graph_timeline(thing), graph_table(thing))
        return framed("Who paid whom", blocks, 1180)
