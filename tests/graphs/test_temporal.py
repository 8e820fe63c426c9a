"""The temporal graph beside its definition, on small random windows."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from flows.window import Window, cut_by_account, no_payments, times, whole
from graphs.temporal import copies, owned_edges, temporal_graph
from tests.graphs.kernels.random_payments import random_window


@pytest.fixture(params=range(30))
def window(request):
    return random_window(request.param, most=120)


def test_edge_i_is_row_i(window):
    graph = temporal_graph(window)
    names = graph.names.to_pylist()
    columns = ("payer", "payee", "amount_minor", "currency")
    rows = zip(*(window.payments[column].to_pylist() for column in columns), strict=True)
    for edge, (payer, payee, amount, currency) in enumerate(rows):
        assert (names[graph.payer[edge]], names[graph.payee[edge]]) == (payer, payee)
        assert (graph.amount[edge], graph.currencies[graph.unit[edge]]) == (amount, currency)
    assert graph.at.tolist() == times(window.payments).tolist()


def test_accounts_are_numbered_in_order_of_appearance(window):
    both = [*window.payments["payer"].to_pylist(), *window.payments["payee"].to_pylist()]
    graph = temporal_graph(window)
    assert graph.names.to_pylist() == list(dict.fromkeys(both))
    assert graph.number == {name: number for number, name in enumerate(graph.names.to_pylist())}


def test_every_index_holds_every_edge_in_its_row_and_order(window):
    graph = temporal_graph(window)
    orders = {
        "out": (graph.payer, graph.payee, lambda edge: edge),
        "into": (graph.payee, graph.payer, lambda edge: edge),
        "pairs": (graph.payer, graph.payee, lambda edge: (graph.payee[edge], edge)),
        "amounts": (graph.payer, graph.payee, lambda edge: (graph.bucket[edge], edge)),
    }
    for name, (here, there, key) in orders.items():
        rows = getattr(graph, name)
        for node in range(graph.nodes):
            expected = sorted(np.flatnonzero(here == node).tolist(), key=key)
            assert rows.of(node).tolist() == expected, name
        assert rows.neighbour.tolist() == there[rows.edge].tolist(), name


def test_equal_amounts_of_two_currencies_are_in_different_buckets(window):
    graph = temporal_graph(window)
    of_bucket = {}
    for bucket, unit in zip(graph.bucket.tolist(), graph.unit.tolist(), strict=True):
        assert of_bucket.setdefault(bucket, unit) == unit


def test_arrays_are_of_one_kind_so_that_kernels_compile_once(window):
    graph = temporal_graph(window)
    kinds = {"payer": "int32", "payee": "int32", "at": "int64", "amount": "int64", "unit": "int16", "hub": "bool"}
    for name, kind in kinds.items():
        array = getattr(graph, name)
        assert array.dtype == kind
        assert array.flags.c_contiguous
        assert array.flags.writeable


def test_chunked_columns_give_the_same_graph(window):
    rows = window.payments.num_rows
    pieces = [window.payments.slice(0, rows // 3), window.payments.slice(rows // 3)]
    other = temporal_graph(Window(pa.concat_tables(pieces)))
    graph = temporal_graph(window)
    assert other.payee.tolist() == graph.payee.tolist()
    assert other.names.to_pylist() == graph.names.to_pylist()


def test_nothing_is_a_graph_too():
    graph = temporal_graph(whole(no_payments()))
    assert (graph.nodes, graph.edges) == (0, 0)
    assert graph.out.edge.tolist() == graph.amounts.edge.tolist() == graph.until(timedelta(0)).tolist() == []


def test_owned_edges_are_those_whose_time_the_window_owns(window):
    at = times(window.payments)
    piece = Window(window.payments, since=int(at[1]), until=int(at[-1]))
    first, last = owned_edges(piece, temporal_graph(piece))
    assert [int(at[1]) <= moment < int(at[-1]) for moment in at.tolist()] == [
        first <= edge < last for edge in range(at.size)
    ]


def test_under_an_account_cut_every_edge_may_start_a_search(window):
    for piece in cut_by_account(window, 2):
        assert owned_edges(piece, temporal_graph(piece)) == (0, piece.payments.num_rows)


def test_the_graph_of_copies_is_the_one_made_from_a_table_of_them(window):
    graph, rows = temporal_graph(window), window.payments.num_rows
    random = np.random.default_rng(rows)
    edge, copy = random.integers(0, rows, 3 * rows), random.integers(0, 4, 3 * rows)
    at = np.sort(random.choice(graph.at, 3 * rows))
    marks = pa.array([" one", " two", " three", " four"])
    columns = window.payments.take(edge).to_pydict() | {"at": at}
    for side in ("payer", "payee"):
        columns[side] = [name + marks[which].as_py() for name, which in zip(columns[side], copy, strict=True)]
    made = temporal_graph(Window(pa.table(columns, schema=window.payments.schema)))
    taken = copies(graph, edge, at, copy, marks)
    assert taken.names.equals(made.names)
    assert taken.currencies == made.currencies
    for name in ("payer", "payee", "at", "amount", "unit", "hub"):
        assert getattr(taken, name).tolist() == getattr(made, name).tolist(), name
        assert getattr(taken, name).dtype == getattr(made, name).dtype, name
