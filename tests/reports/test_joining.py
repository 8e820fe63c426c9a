from __future__ import annotations

import random
from datetime import timedelta

import pytest

from detectors.finding import Finding, Reason
from reports.joining import Joining, Paid, carriers, groups

HOUR = 3_600_000_000
DAY = 24 * HOUR


def paid(payer, payee, amount=100, at=0, currency="EUR"):
    return Paid(payer, payee, amount, currency, at, "event", place=0)


def found(centre, payments, table, detector="fan-in", strength=0.5):
    ends = {side for name in payments for side in (table[name].payer, table[name].payee)}
    return Finding(
        detector=detector,
        version=1,
        centre=centre,
        accounts=(centre, *sorted(ends - {centre})),
        payments=tuple(payments),
        first_at=min(table[name].at for name in payments),
        last_at=max(table[name].at for name in payments),
        strength=strength,
        reasons=(Reason("{measured}.", 1, None, "payments"),),
    )


def star(centre, leaves, at=0, prefix=""):
    return {f"{prefix or centre}-{leaf}": paid(leaf, centre, at=at) for leaf in leaves}


def sizes(made):
    return [len(group.findings) for group in made]


def test_two_detectors_on_the_same_payments_see_one_network():
    table = star("club", "abcde")
    payments = list(table)
    made = groups([found("club", payments, table), found("club", payments[:3], table, "pass-through")], table)
    assert sizes(made) == [2]


def test_a_payment_that_matters_to_one_of_two_findings_only_does_not_join_them():
    table = star("club", "abcdefgh") | {f"life-{n}": paid("a", f"shop{n}", 100) for n in range(9)}
    life = ["club-a", *(name for name in table if name.startswith("life"))]
    made = groups([found("club", list(table)[:8], table), found("a", life, table, "fan-out")], table)
    assert sizes(made) == [1, 1]


def test_wages_that_a_worker_passes_on_join_worker_and_employer():
    table = {f"wage-{n}": paid("firm", f"w{n}", 900) for n in range(9)} | {"on": paid("w3", "boss", 850, HOUR)}
    made = groups(
        [
            found("firm", [name for name in table if name.startswith("wage")], table, "fan-out"),
            found("w3", ["wage-3", "on"], table, "pass-through"),
        ],
        table,
    )
    assert sizes(made) == [2]


def test_one_customer_of_two_collectors_does_not_join_them():
    table = star("club", "abcde") | star("kiosk", "evwxy")
    made = groups([found(name, [p for p in table if p.startswith(name)], table) for name in ("club", "kiosk")], table)
    assert sizes(made) == [1, 1]


def test_whoever_receives_most_of_the_money_of_two_collectors_joins_them():
    table = star("one", "abcde") | star("two", "fghij")
    table |= {"one-out": paid("one", "boss", 500, DAY), "two-out": paid("two", "boss", 500, DAY)}
    made = groups([found(name, [p for p in table if p.startswith(name)], table) for name in ("one", "two")], table)
    assert sizes(made) == [2]


def test_a_hub_joins_nothing():
    table = star("one", "abcde") | star("two", "fghij")
    table |= {"one-out": paid("one", "power", 500, DAY), "two-out": paid("two", "power", 500, DAY)}
    findings = [found(name, [p for p in table if p.startswith(name)], table) for name in ("one", "two")]
    assert sizes(groups(findings, table, hubs={"power"})) == [1, 1]


@pytest.mark.parametrize("place", ["cash:atm-7", "mer:shop", "msb:office", "vasp:one", "gov:tax", "fee:bank"])
def test_a_place_where_strangers_meet_joins_nothing(place):
    table = {"p": paid(place, "anna"), "q": paid(place, "bert")}
    assert sizes(groups([found("anna", ["p"], table), found("bert", ["q"], table)], table)) == [1, 1]


@pytest.mark.parametrize(("gap", "expected"), [(7 * DAY, [2]), (7 * DAY + 1, [1, 1])])
def test_a_shared_account_joins_only_what_is_close_in_time(gap, expected):
    table = {"p": paid("x", "anna"), "q": paid("anna", "y", at=gap)}
    made = groups(
        [found("anna", ["p"], table), found("anna", ["q"], table)], table, joining=Joining(within=timedelta(7))
    )
    assert sizes(made) == expected


@pytest.mark.parametrize(("gap", "expected"), [(35 * DAY, [2]), (35 * DAY + 1, [1, 1])])
def test_the_same_two_accounts_are_joined_over_a_month(gap, expected):
    table = {"p": paid("bert", "anna"), "q": paid("bert", "anna", at=gap)}
    made = groups([found("anna", ["p"], table), found("anna", ["q"], table)], table)
    assert sizes(made) == expected


def test_a_long_finding_bridges_later_ones_even_after_a_short_one():
    table = {"a1": paid("x", "anna"), "a2": paid("x", "anna", at=20 * DAY), "b": paid("y", "anna", at=DAY)}
    table["c"] = paid("z", "anna", at=25 * DAY)
    made = groups([found("anna", ["a1", "a2"], table), found("anna", ["b"], table), found("anna", ["c"], table)], table)
    assert sizes(made) == [3]


def test_carriers_are_told_by_payments_or_by_money_of_one_currency():
    table = {f"p{i}": paid(f"x{i}", "anna", 10) for i in range(8)} | {"out": paid("anna", "boss", 80)}
    table["yen"] = paid("anna", "tokyo", 5, currency="JPY")
    assert carriers(found("anna", list(table), table), table, 0.25) == ["anna", "boss", "tokyo"]


def test_a_group_too_large_to_read_is_split_and_says_so():
    table, findings = {}, []
    for ring in range(4):
        own = {f"{ring}-{i}": paid(f"{ring}.{i}", f"{ring}.{(i + 1) % 6}", at=ring * HOUR) for i in range(6)}
        table |= own
        findings += [found(f"{ring}.0", list(own), table), found(f"{ring}.1", list(own), table, "pass-through")]
    for ring in range(3):
        table[f"bridge-{ring}"] = paid(f"{ring}.0", f"{ring + 1}.0", at=5 * HOUR)
        findings.append(found(f"{ring}.0", [f"bridge-{ring}"], table, "round-trip"))
    assert len(groups(findings, table)) == 1
    made = groups(findings, table, joining=Joining(most_accounts=8))
    assert len(made) > 1
    assert {group.of_split for group in made} == {0}
    assert sum(sizes(made)) == len(findings)


def test_a_piece_of_a_split_group_knows_the_findings_next_to_it_and_no_others():
    table = {f"p{day}": paid(f"n{day}", f"n{day + 1}", at=day * DAY) for day in range(12)}
    findings = [found(f"n{day}", [f"p{day}"], table) for day in range(12)]
    made = groups(findings, table, joining=Joining(most_accounts=4))
    assert len(made) >= 4
    for group in made:
        days = {int(finding.centre[1:]) for finding in group.findings}
        around = {findings[day].finding_id for day in range(12) if {day - 1, day + 1} & days and day not in days}
        assert group.beside == around


def test_a_group_that_is_not_split_lies_next_to_nothing():
    table = {"p0": paid("anna", "boris", at=0), "p1": paid("boris", "clara", at=HOUR)}
    [group] = groups([found("anna", ["p0"], table), found("boris", ["p1"], table)], table)
    assert (group.of_split, group.beside) == (None, frozenset())


def test_what_no_community_parts_is_cut_in_time():
    table = {f"p{i}": paid(f"x{i}", "anna", at=i) for i in range(30)}
    findings = [found("anna", [f"p{i}", f"p{(i + 1) % 30}"], table) for i in range(30)]
    made = groups(findings, table, joining=Joining(most_accounts=3))
    assert sum(sizes(made)) == 30
    assert all(group.of_split == 0 for group in made)
    assert all(len({a for finding in group.findings for a in finding.accounts}) <= 3 for group in made)


def test_order_and_repetition_of_findings_change_nothing():
    rng = random.Random(5)
    table = {
        f"p{i}": paid(f"n{rng.randrange(40)}", f"n{rng.randrange(40)}", at=rng.randrange(40) * DAY) for i in range(200)
    }
    names = list(table)
    findings = [
        found(table[first].payer, sorted({first, *rng.sample(names, 2)}), table) for first in rng.sample(names, 60)
    ]
    expected = groups(findings, table, joining=Joining(most_accounts=12))
    for _ in range(5):
        shuffled = rng.sample(findings, len(findings)) + findings[:3]
        assert groups(shuffled, table, joining=Joining(most_accounts=12)) == expected
