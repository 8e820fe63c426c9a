"""Peer groups: who is compared with whom, and that every merge is said."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from detectors.peers import EVERYONE, TRAITS, Merge, peer_groups
from flows.arrows import payments_from_arrows
from flows.errors import SettingsError
from flows.payments import ACCOUNTS, CUSTOMERS
from flows.window import SideTables, whole
from graphs.features import account_features


def people(count, a_month=2):
    """Everyone pays one shop a few times within thirty days."""
    lines = [f"day {10 * day} p{one} -> mer:shop 5 EUR" for one in range(count) for day in range(a_month)]
    return account_features(whole(payments_from_arrows("\n".join([*lines, "day 29 p0 -> mer:shop 1 EUR"]))))


def known(features, kinds, opened=date(2020, 1, 1), **of_customer):
    accounts = [{"account_id": name, "customer_id": f"c-{name}", "opened_on": opened} for name in features.accounts]
    customers = [
        {"customer_id": f"c-{name}", "kind": kind, **of_customer}
        for name, kind in zip(features.accounts, kinds, strict=True)
    ]
    return SideTables(
        accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS),
        customers=pa.Table.from_pylist(customers, schema=CUSTOMERS),
    )


def test_without_anything_known_of_customers_peers_are_as_active():
    features = people(80)
    peers = peer_groups(features)
    assert set(peers.of(features)) == {"1 to 4 payments a month"}
    assert not peers.merges


def test_kind_trade_and_tenure_make_the_finest_group():
    features = people(60)
    peers = peer_groups(features, known(features, ["person"] * 60, occupation_group="5"))
    name = "person, occupation group 5, 3 years up, 1 to 4 payments a month"
    assert set(peers.of(features)) == {name}
    assert peers.groups[name] == 60


def test_a_small_group_is_compared_with_the_wider_one_and_the_merge_is_said():
    features = people(100)
    side = known(features, ["firm"] * 10 + ["person"] * 90)
    peers = peer_groups(features, side)
    group = peers.of(features)
    assert set(group[:10]) == {"1 to 4 payments a month"}
    assert set(group[10:]) == {"person, 3 years up, 1 to 4 payments a month"}
    assert peers.merges == (Merge("firm, 3 years up, 1 to 4 payments a month", 10, "1 to 4 payments a month"),)
    # The wider group holds all who share its traits, those with a group of their own too.
    assert peers.compared_with(features, "1 to 4 payments a month").sum() == 100


def test_too_few_for_any_group_are_compared_with_everyone():
    features = people(7)
    peers = peer_groups(features)
    assert set(peers.of(features)) == {EVERYONE}
    assert peers.groups == {EVERYONE: 7}


def test_a_group_depends_on_the_account_alone():
    features = people(120)
    side = known(features, ["person", "firm"] * 60)
    peers = peer_groups(features, side)
    together = peers.of(features)
    for row in range(0, 120, 7):
        assert peers.of(features.of(np.array([row])))[0] == together[row]
    mixed = np.random.default_rng(0).permutation(120)
    assert peers.of(features.of(mixed)).tolist() == together[mixed].tolist()


def test_an_account_opened_since_is_placed_by_newer_tables():
    features = people(120)
    side = known(features.of(np.arange(119)), ["person"] * 119)
    peers = peer_groups(features, side)
    late = features.of(np.array([119]))
    assert peers.of(late)[0] == "1 to 4 payments a month"
    newer = peers.knowing(known(features, ["person"] * 120))
    assert newer.of(late)[0] == peers.of(features)[0]


def test_no_trait_is_a_banned_one():
    # Sex, age, names, nationality, places: none is read, whatever the customer table holds.
    features = people(60)
    plain = peer_groups(features, known(features, ["person"] * 60))
    told = peer_groups(
        features,
        known(features, ["person"] * 60, age_band="18-24", home_country="FR", home_city="Lyon", household_id="h"),
    )
    assert plain.of(features).tolist() == told.of(features).tolist()
    assert TRAITS == ("kind", "trade", "tenure", "activity")


def test_a_group_of_nobody_is_refused():
    with pytest.raises(SettingsError, match="a group of nobody"):
        peer_groups(people(3), least=0)
