"""GEXF 1.3 with the time of every payment, for Gephi and its timeline.

networkx writes GEXF without the times and without the attribute that keeps parallel edges apart, so it is written here.
It takes the namespace and version of 1.3; ``timerepresentation="timestamp"`` on the graph, a ``timestamp`` on each edge
and ``timestamps`` on each node, since an edge may not be where its nodes are not; and a ``kind`` that differs among
parallel edges, since Gephi keeps two edges between the same nodes only if their kinds differ. Edges bear no ``weight``,
which would be a float.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reports.cells import for_xml
from reports.extract import NODE_COLUMNS, Extract, Kind, Value
from reports.report import BANNER

NAMESPACE: Final = "http://gexf.net/1.3"

_TYPES: Final[Mapping[Kind, str]] = {
    "text": "string",
    "whole": "long",
    "yes-no": "boolean",
    "day": "string",
    "moment": "string",
}


class Gexf:
    """Write `payments.gexf`."""

    def files(self, extract: Extract) -> dict[str, bytes]:
        """Give the file; the same extract gives the same bytes."""
        root = Element("gexf", xmlns=NAMESPACE, version="1.3")
        about = SubElement(root, "meta")
        SubElement(about, "creator").text = "moneytrail"
        SubElement(about, "description").text = for_xml(f"{extract.title} {BANNER}")
        graph = SubElement(
            root,
            "graph",
            mode="dynamic",
            defaultedgetype="directed",
            idtype="string",
            timeformat="dateTime",
            timerepresentation="timestamp",
            timezone="UTC",
        )
        of_node = _declared(graph, "node", {name: kind for name, kind in NODE_COLUMNS.items() if name != "node"})
        ends = ("payer", "payee")
        of_edge = _declared(graph, "edge", {name: kind for name, kind in extract.columns.items() if name not in ends})
        taken: dict[Value, dict[str, None]] = defaultdict(dict)
        for row in extract.rows:
            for end in ends:
                taken[row[end]][str(row["at"])] = None
        nodes = SubElement(graph, "nodes", count=str(len(extract.nodes)))
        for node in extract.nodes:
            name = for_xml(str(node["node"]))
            element = SubElement(nodes, "node", id=name, label=name)
            element.set("timestamps", f"<[{', '.join(taken[node['node']])}]>")
            _valued(element, node, of_node)
        edges = SubElement(graph, "edges", count=str(len(extract.rows)))
        parallel: dict[tuple[Value, Value], int] = defaultdict(int)
        for row in extract.rows:
            parallel[row["payer"], row["payee"]] += 1
            element = SubElement(
                edges,
                "edge",
                id=for_xml(str(row["payment_id"])),
                source=for_xml(str(row["payer"])),
                target=for_xml(str(row["payee"])),
                label=f"{row['amount']} {row['currency']}",
                kind=f"payment {parallel[row['payer'], row['payee']]}",
                timestamp=str(row["at"]),
            )
            _valued(element, row, of_edge)
        indent(root)
        return {"payments.gexf": tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"}


def _declared(graph: Element, of: str, columns: Mapping[str, Kind]) -> dict[str, str]:
    """Declare the attributes of nodes or edges, and give the id of each."""
    declared = SubElement(graph, "attributes", {"class": of, "mode": "static"})
    ids = {name: str(number) for number, name in enumerate(columns)}
    for name, kind in columns.items():
        SubElement(declared, "attribute", id=ids[name], title=name, type=_TYPES[kind])
    return ids


def _valued(element: Element, row: Mapping[str, Value], ids: Mapping[str, str]) -> None:
    values = SubElement(element, "attvalues")
    for name, id_ in ids.items():
        value = row[name]
        if value is not None:
            written = str(value).lower() if isinstance(value, bool) else for_xml(str(value))
            SubElement(values, "attvalue", {"for": id_, "value": written})
