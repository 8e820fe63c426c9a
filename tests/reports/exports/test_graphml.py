"""GraphML reads back, by networkx, as the very graph that was handed on."""

from __future__ import annotations

import io

import networkx as nx

from reports.exports.graphml import Graphml


def test_networkx_reads_back_the_same_graph(hard):
    written = Graphml().files(hard)["payments.graphml"]
    read = nx.read_graphml(io.BytesIO(written), force_multigraph=True)
    given = hard.graph()
    assert isinstance(read, nx.MultiDiGraph)
    assert dict(read.nodes(data=True)) == dict(given.nodes(data=True))
    assert {key: (payer, payee, known) for payer, payee, key, known in read.edges(keys=True, data=True)} == {
        key: (payer, payee, known) for payer, payee, key, known in given.edges(keys=True, data=True)
    }


def test_an_amount_beyond_what_a_float_holds_comes_back_to_the_cent(hard):
    read = nx.read_graphml(io.BytesIO(Graphml().files(hard)["payments.graphml"]), force_multigraph=True)
    assert read.edges["'quoted", "+plus", "p7"]["amount_minor"] == 90071992547409993
