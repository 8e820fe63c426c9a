"""GraphML, for networkx, yEd, Cytoscape, igraph and most graph tools."""

from __future__ import annotations

import io

import networkx as nx
from networkx.readwrite.graphml import write_graphml_xml

from reports.cells import for_xml
from reports.extract import Extract, Value
from reports.report import BANNER


class Graphml:
    """Write `payments.graphml`: a directed multigraph, the id of each edge being its payment's.

    Read it with ``networkx.read_graphml(path, force_multigraph=True)``: without that word networkx makes a graph in
    which parallel payments cannot be, whenever it happens to meet none.
    """

    def files(self, extract: Extract) -> dict[str, bytes]:
        """Give the file; the same extract gives the same bytes."""
        given = extract.graph()
        graph = nx.MultiDiGraph(title=for_xml(extract.title), restricted=BANNER)
        for node, attributes in given.nodes(data=True):
            graph.add_node(for_xml(node), **_safe(attributes))
        for payer, payee, key, attributes in given.edges(keys=True, data=True):
            graph.add_edge(for_xml(payer), for_xml(payee), key=for_xml(key), **_safe(attributes))
        written = io.BytesIO()
        # `write_graphml` would take lxml where it is installed, and write other bytes.
        write_graphml_xml(graph, written)
        return {"payments.graphml": written.getvalue() + b"\n"}


def _safe(attributes: dict[str, Value]) -> dict[str, Value]:
    return {name: for_xml(value) if isinstance(value, str) else value for name, value in attributes.items()}
