"""GEXF 1.3 reads back by networkx, keeps parallel payments apart, and puts every payment at its time."""

from __future__ import annotations

import io
from datetime import datetime
from xml.etree.ElementTree import fromstring

import networkx as nx
import pytest

from reports.exports.gexf import Gexf

SPACE = "{http://gexf.net/1.3}"


@pytest.fixture(scope="module")
def written(hard) -> bytes:
    return Gexf().files(hard)["payments.gexf"]


def test_networkx_reads_back_every_payment_and_what_is_known_of_it(written, hard):
    read = nx.read_gexf(io.BytesIO(written), version="1.3")
    given = hard.graph()
    assert isinstance(read, nx.MultiDiGraph)
    assert {node: {**known, "label": node} for node, known in given.nodes(data=True)} == dict(read.nodes(data=True))
    assert set(read.edges(keys=True)) == set(given.edges(keys=True))
    for payer, payee, key, known in given.edges(keys=True, data=True):
        assert read.edges[payer, payee, key].items() >= known.items()


def test_parallel_payments_differ_in_kind_since_gephi_merges_those_that_do_not(written, hard):
    edges = fromstring(written).findall(f".//{SPACE}edge")
    assert len({(edge.get("source"), edge.get("target"), edge.get("kind")) for edge in edges}) == len(hard.rows)
    assert len({edge.get("id") for edge in edges}) == len(hard.rows)


def test_every_payment_is_at_its_time_and_both_its_ends_are_there_then(written):
    root = fromstring(written)
    graph = root.find(f"{SPACE}graph")
    assert (root.get("version"), graph.get("mode")) == ("1.3", "dynamic")
    assert (graph.get("timerepresentation"), graph.get("timeformat")) == ("timestamp", "dateTime")
    there = {node.get("id"): node.get("timestamps") for node in root.iter(f"{SPACE}node")}
    assert all(times.startswith("<[") and times.endswith("]>") for times in there.values())
    for edge in root.iter(f"{SPACE}edge"):
        at = edge.get("timestamp")
        assert datetime.fromisoformat(at).utcoffset() is not None
        assert at in there[edge.get("source")][2:-2].split(", ")
        assert at in there[edge.get("target")][2:-2].split(", ")
        assert edge.get("weight") is None
