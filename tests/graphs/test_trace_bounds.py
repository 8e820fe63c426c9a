"""Bounds: no rule leaves them, they are attained, and they are those of a linear program stated independently."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs import trace_bounds
from graphs.kernels.max_flow import push, rows_of_arcs
from graphs.trace import RULES, TraceLimits, trace
from graphs.trace_bounds import bounds, reach
from graphs.trace_record import Trail
from graphs.trace_steps import steps
from tests.graphs.random_ledgers import random_ledger, some_payments

SEEDS = st.integers(0, 10**6)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(SEEDS, st.sampled_from(["forward", "backward"]), st.sampled_from([None, True, False]))
def test_every_rule_lies_within_the_bounds(seed, direction, balances):
    window = random_ledger(seed, balances=balances, fees=True, date_only=seed % 2 == 1, hubs=("a4",))
    found = trace(window, some_payments(window, seed), direction=direction)
    within = {(bound.node, bound.end_class): (bound.lo_minor, bound.hi_minor) for bound in found.bounds}
    by_class = {bound.end_class: (bound.lo_minor, bound.hi_minor) for bound in found.class_bounds}
    for rule in RULES:
        amounts = found.amounts(rule)
        assert amounts.keys() <= within.keys()
        for place, (low, high) in within.items():
            assert low <= amounts.get(place, 0) <= high
        for end in found.endpoints[rule]:
            low, high = within[end.node, end.end_class]
            assert low <= end.least_minor <= end.most_minor <= high
        for kind, (low, high) in by_class.items():
            assert low <= sum(amount for (_, end_class), amount in amounts.items() if end_class == kind) <= high


@settings(deadline=None, derandomize=True, max_examples=80)
@given(SEEDS)
def test_beyond_an_exchange_rules_stay_within_the_bounds_but_for_what_is_rounded_away(seed):
    window = random_ledger(seed, exchanges=True, fees=True)
    found = trace(window, some_payments(window, seed))
    within = {(bound.node, bound.end_class): (bound.lo_minor, bound.hi_minor) for bound in found.bounds}
    for rule in RULES:
        amounts = found.amounts(rule)
        dust = sum(amount for (_, kind), amount in amounts.items() if kind == "dust")
        for place, (low, high) in within.items():
            if place[1] != "dust":
                assert low - dust <= amounts.get(place, 0) <= high


class Program:
    """A forward trace as a linear program, stated from the rows of a ledger whose balances are all reported.

    A variable for the traced part of every payment and of every overdraft paid back. In every account the traced money
    is never below zero and never above the balance; what is left at the end is an endpoint. Expressions are vectors of
    coefficients with the constant last.
    """

    def __init__(self, window, start):
        self.rows = window.payments.to_pylist()
        self.width = 2 * len(self.rows) + 1
        self.most = np.zeros(self.width - 1)
        self.limits = []
        self.ends = {}
        self.held, self.owed = self.openings()
        self.traced = {node: np.zeros(self.width) for node in self.held}
        for number, row in enumerate(self.rows):
            self.payment(number, row, start.get(row["payment_id"], 0))
        for node in self.held:
            self.end((node, "balance"), self.traced[node])

    def openings(self):
        moved, opening = {}, {}
        for row in self.rows:
            for side, sign in (("payer", -1), ("payee", 1)):
                if ":" not in row[side] and row["payer"] != row["payee"]:
                    moved[row[side]] = moved.get(row[side], 0) + sign * row["amount_minor"]
                    opening.setdefault(row[side], row[f"{side}_balance_after_minor"] - moved[row[side]])
        return (
            {node: max(amount, 0) for node, amount in opening.items()},
            {node: max(-amount, 0) for node, amount in opening.items()},
        )

    def variable(self, number, most):
        self.most[number] = most
        expression = np.zeros(self.width)
        expression[number] = 1
        return expression

    def end(self, place, expression):
        self.ends[place] = self.ends.get(place, 0) + expression

    def moves(self, node, expression):
        """Change the traced money of an account, and hold it between nothing and the balance."""
        self.traced[node] = self.traced[node] + expression
        within = np.zeros(self.width)
        within[-1] = self.held[node]
        self.limits += [-self.traced[node], self.traced[node] - within]

    def payment(self, number, row, seed):
        payer, payee, amount = row["payer"], row["payee"], row["amount_minor"]
        part = np.zeros(self.width)
        if payer in self.held and payer != payee:
            short = max(0, amount - self.held[payer])
            self.owed[payer] += short
            self.held[payer] += short - amount
            part = self.variable(2 * number, amount)
            self.moves(payer, -part)
        if seed:
            self.end((payee, "balance"), part)
            part = np.zeros(self.width)
            part[-1] = seed
        if payee not in self.held or payer == payee:
            self.end((payee, KINDS.get(payee, "balance")), part)
            return
        self.held[payee] += amount
        self.moves(payee, part)
        back = min(self.owed[payee], amount)
        if back:
            self.owed[payee] -= back
            self.held[payee] -= back
            paid = self.variable(2 * number + 1, back)
            self.moves(payee, -paid)
            self.end((payee, "overdraft_repaid"), paid)

    def between(self, place):
        """Give the least and the most of an endpoint."""
        wanted = self.ends[place]
        limits = np.array(self.limits) if self.limits else np.zeros((0, self.width))
        known = {"A_ub": limits[:, :-1], "b_ub": -limits[:, -1]} if len(limits) else {}
        bounds_ = [(0, most) for most in self.most]
        least = linprog(wanted[:-1], bounds=bounds_, method="highs", **known)
        most = linprog(-wanted[:-1], bounds=bounds_, method="highs", **known)
        return least.fun + wanted[-1], -most.fun + wanted[-1]


KINDS = {
    "ext:x": "external",
    "cash:atm": "cash",
    "mer:shop": "card",
    "msb:m": "msb",
    "vasp:v": "crypto",
    "fee:bank": "fee",
}


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SEEDS)
def test_bounds_are_the_optima_of_the_linear_program(seed):
    window = random_ledger(seed, balances=True, most=18, accounts=3)
    start = some_payments(window, seed)
    ids = window.payments["payment_id"].to_pylist()
    rows = {ids.index(name): amount for name, amount in start.items()}
    trail = Trail(window, steps(window), "forward")
    found = bounds(trail, rows, reach(trail, rows))
    program = Program(window, start)
    for place in program.ends:
        least, most = program.between(place)
        assert found.of_place.get(place, (0, 0)) == (pytest.approx(least, abs=1e-6), pytest.approx(most, abs=1e-6))


def test_money_that_has_only_one_way_to_go_is_certain():
    window = whole(
        payments_from_arrows("""
        day 0  ext:x -> anna  100 EUR  payee_balance_after_minor=10000
        day 1  anna -> ben     80 EUR  payer_balance_after_minor=2000 payee_balance_after_minor=8000
        day 2  ben -> ext:z    50 EUR  payer_balance_after_minor=3000
    """)
    )
    within = {bound.node: (bound.lo_minor, bound.hi_minor) for bound in trace(window, ["p1"]).bounds}
    assert within == {"ext:z": (5000, 5000), "ben": (3000, 3000), "anna": (2000, 2000)}


def test_an_opening_balance_nobody_reported_leaves_the_bounds_open():
    window = whole(payments_from_arrows("day 0  ext:x -> anna  100 EUR\nday 1  anna -> ext:z  100 EUR"))
    within = {bound.node: (bound.lo_minor, bound.hi_minor) for bound in trace(window, ["p1"]).bounds}
    assert within == {"ext:z": (0, 10000)}


@settings(deadline=None, derandomize=True, max_examples=40)
@given(SEEDS)
def test_a_trail_too_large_to_search_gets_wider_bounds_and_says_so(seed):
    window = random_ledger(seed, fees=True)
    start = some_payments(window, seed)
    exact = trace(window, start)
    most_arcs, trace_bounds.MOST_ARCS = trace_bounds.MOST_ARCS, -1
    try:
        wide = trace(window, start)
    finally:
        trace_bounds.MOST_ARCS = most_arcs
    assert any("too many for exact bounds" in said for said in wide.assumptions)
    width = {(bound.node, bound.end_class): (bound.lo_minor, bound.hi_minor) for bound in wide.bounds}
    for bound in exact.bounds:
        low, high = width[bound.node, bound.end_class]
        assert low <= bound.lo_minor <= bound.hi_minor <= high


def test_how_many_bounds_are_left_out_is_told():
    window = whole(
        payments_from_arrows(
            "day 0 09:00  ext:x -> anna  9 EUR\n"
            + "\n".join(f"day 1 0{hour}:00  anna -> ext:{hour}  1 EUR" for hour in range(9))
        )
    )
    found = trace(window, ["p1"], limits=TraceLimits(most_bounds=4))
    assert len(found.bounds) == 4
    assert any("4 largest of 9 endpoints" in said for said in found.assumptions)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 2**50)), max_size=25))
def test_a_maximum_flow_is_that_of_networkx(arcs):
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(7))
    tail, head, room = [], [], []
    for one, other, most in arcs:
        tail += [one, other]
        head += [other, one]
        room += [most, 0]
        if one != other:
            before = graph.get_edge_data(one, other, {"capacity": 0})["capacity"]
            graph.add_edge(one, other, capacity=before + most)
    columns = [np.array(part, np.int64) for part in (tail, head, room)]
    found = push(*rows_of_arcs(columns[0], 7), columns[1], columns[2], 0, 6)
    assert found == nx.maximum_flow_value(graph, 0, 6)
