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


def used(kinds, seed=0):
    """Accounts of several kinds of use, so many of each: (payments, share that comes in, amount)."""
    draw = np.random.default_rng(seed)
    lines = ["day 29 a0-0 -> mer:shop 1 EUR"]
    for kind, (count, payments, comes, amount) in enumerate(kinds):
        for one in range(count):
            for _ in range(payments):
                name, sum_ = f"a{kind}-{one}", f"{amount * draw.uniform(0.8, 1.2):.2f}"
                ends = f"ext:x -> {name}" if draw.random() < comes else f"{name} -> mer:shop"
                lines.append(f"day {draw.integers(29)} {ends} {sum_} EUR")
    return account_features(whole(payments_from_arrows("\n".join(lines))))


KINDS = ((60, 2, 0.5, 10), (60, 20, 0.9, 10), (60, 20, 0.1, 10), (60, 20, 0.1, 4000))


def kind_of(features):
    return np.array([name.partition("-")[0] for name in features.accounts])


def test_where_no_holder_is_known_peers_are_the_accounts_used_alike():
    features = used(KINDS)
    group, kinds = peer_groups(features, least=10).of(features), kind_of(features)
    # More to pay or to be paid, and for which sums, tells apart what bands of activity cannot.
    for name in set(group):
        _, count = np.unique(kinds[group == name], return_counts=True)
        assert count.max() / count.sum() > 0.9, name
    assert set(group[kinds == "a0"]) <= {"alike in use 1", "alike in use 2"}, "the least active come first"


def test_a_cluster_depends_on_the_account_alone_and_not_on_the_order_of_the_reference():
    features = used(KINDS)
    peers = peer_groups(features, least=10)
    together = peers.of(features)
    mixed = np.random.default_rng(1).permutation(len(together))
    assert peer_groups(features.of(mixed), least=10) == peers
    assert peers.of(features.of(mixed)).tolist() == together[mixed].tolist()
    for row in mixed[:20]:
        assert peers.of(features.of(np.array([row])))[0] == together[row]
    # Others come into the clusters of the reference, whoever comes with them.
    later = used(KINDS[:2], seed=5)
    alone = [peers.of(later.of(np.array([row])))[0] for row in range(len(later.accounts))]
    assert peers.of(later).tolist() == alone
    assert set(alone) <= peers.groups.keys()


def test_only_accounts_whose_holder_is_unknown_are_clustered():
    features = used(KINDS)
    told = kind_of(features) != "a3"
    some = known(features.of(np.flatnonzero(told)), ["person"] * int(told.sum()))
    peers = peer_groups(features, some, least=10)
    group = peers.of(features)
    assert all(name.startswith("person, ") for name in group[told])
    assert not any("person" in name or "unknown" in name for name in group[~told])
    assert any(name.startswith("alike in use") for name in group[~told])
    # Who becomes known later leaves the cluster.
    everybody = peers.knowing(known(features, ["person"] * len(told)))
    assert not any(name.startswith("alike in use") for name in everybody.of(features))


def test_a_small_cluster_is_compared_with_accounts_as_active_and_the_merge_is_said():
    features = used(((90, 3, 0.5, 10), (9, 3, 0.5, 90_000)))
    peers = peer_groups(features, least=10)
    assert set(peers.of(features)[kind_of(features) == "a1"]) == {"1 to 4 payments a month"}
    assert (9, "1 to 4 payments a month") in [(merge.accounts, merge.into) for merge in peers.merges]


def test_accounts_used_all_alike_are_one_cluster():
    features = people(80)
    peers = peer_groups(features)
    assert set(peers.of(features)) <= {"alike in use 1", "1 to 4 payments a month"}
    assert len(peers.uses.centres) <= 2


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
    assert TRAITS == ("kind", "trade", "tenure", "use", "activity")


def test_a_group_of_nobody_is_refused():
    with pytest.raises(SettingsError, match="a group of nobody"):
        peer_groups(people(3), least=0)
