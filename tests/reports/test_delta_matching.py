"""Who is who: one rule for every night, in whatever order alerts come."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.delta_matching import Standing, match
from reports.store import Store
from tests.reports.made_alerts import made, record

PAYMENTS = "abcdefgh"


def standings(prefix):
    one = st.builds(
        Standing,
        st.just(""),
        st.booleans(),
        st.sampled_from(["ring", "fan"]),
        st.frozensets(st.sampled_from("xyz"), max_size=2),
        st.frozensets(st.sampled_from(PAYMENTS), min_size=1, max_size=5),
        st.just(True) if prefix == "T" else st.booleans(),
        st.integers(0, 2),
    )
    return st.lists(one, max_size=5).map(
        lambda several: [replace(one, id=f"{prefix}{number}") for number, one in enumerate(several)]
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(standings("B"), standings("T"), st.randoms())
def test_who_is_who_does_not_depend_on_order_and_no_id_is_given_twice(before, today, random):
    matched = match(before, today)
    random.shuffle(before)
    random.shuffle(today)
    assert match(before, today) == matched
    assert len(set(matched.heirs.values())) == len(matched.heirs)
    by_id = {one.id: one for one in [*before, *today]}
    assert all(by_id[new].help == by_id[old].help for new, old in matched.heirs.items())
    # What was merged gave its id to nobody, and half of it is somewhere today.
    assert not set(matched.merged) & set(matched.heirs.values())
    for old, new in matched.merged.items():
        assert by_id[old].payments & by_id[new].payments
    for new, old in matched.split.items():
        assert by_id[old].payments & by_id[new].payments
        assert matched.heirs.get(new) != old


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(standings("T"))
def test_on_the_next_night_without_news_everything_is_itself(today):
    unlike = [one for one, _ in itertools.groupby(sorted(today, key=_likeness), key=_likeness)]
    before = [next(replace(one, id="B" + one.id) for one in today if _likeness(one) == likeness) for likeness in unlike]
    matched = match(before, [replace(one, id=one.id[1:]) for one in before])
    assert matched.heirs == {one.id[1:]: one.id for one in before}
    assert not matched.merged
    assert not matched.split


def _likeness(one):
    return (one.help, sorted(one.payments))


NETWORKS = st.lists(st.integers(0, 3), min_size=len(PAYMENTS), max_size=len(PAYMENTS))
"""The network that each payment is in on one night; 3: it is no evidence on that night."""


@pytest.mark.parametrize("repeated", [False, True])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nights=st.lists(NETWORKS, min_size=1, max_size=5))
def test_after_any_nights_the_store_holds_what_a_fresh_one_would(tmp_path_factory, repeated, nights):
    """Payments come and go, networks merge and split; each night may be recorded twice, as after a kill."""
    folder = tmp_path_factory.mktemp("stores")
    told = [_alerts_of(networks) for networks in nights]
    ids: dict[str, str] = {}
    with Store.open(folder / "old.db") as store:
        for day, alerts in enumerate(told, 1):
            delta = record(store, day, *alerts)
            if repeated:
                assert record(store, day, *alerts) == delta
            assert set(delta.names) == {alert.alert_id for alert in alerts}
            assert len(set(delta.names.values())) == len(alerts)
            for alert in alerts:
                # The same network on the next night is the same alert.
                key = f"{day - 1}{alert.payments}"
                if key in ids:
                    assert delta.names[alert.alert_id] == ids[key]
                ids[f"{day}{alert.payments}"] = delta.names[alert.alert_id]
            there = {change.alert_id for change in delta.changes if change.state not in ("gone", "merged")}
            assert there == {one.alert_id for one in store.alerts()}
        with Store.open(folder / "new.db") as fresh:
            record(fresh, len(told), *told[-1])
            assert store.present() == fresh.present()
        assert store.wrong() == ()


def _alerts_of(networks):
    several = {}
    for payment, network in zip(PAYMENTS, networks, strict=True):
        if network != 3:
            several.setdefault(network, []).append(payment)
    return [made("A-" + payments[0], payments, subjects=(payments[0],)) for payments in several.values()]
