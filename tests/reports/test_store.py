"""The store keeps an alert's identity and life, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from flows.errors import SettingsError, StoreError
from reports.store import Store
from reports.store_tables import EVIDENCE, METADATA
from tests.reports.made_alerts import evening, found, made, night, record


@pytest.fixture
def store(database):
    with Store.open(database) as opened:
        yield opened


def states(delta):
    return {change.alert_id: change.state for change in delta.changes}


def test_an_alert_that_grew_has_the_id_it_had_also_if_its_earliest_payment_is_new(store):
    record(store, 1, made("A-b", "bcd"))
    delta = record(store, 2, made("A-a", "abcde"))
    assert states(delta) == {"A-b": "grown"}
    assert delta.changes[0].added == 2
    assert [one.alert_id for one in store.alerts()] == ["A-b"]
    assert store.present()[0]["alert_id"] == "A-a"


def test_each_alert_is_new_then_unchanged_then_quiet(store):
    assert states(record(store, 1, made("A-a", "abc"))) == {"A-a": "new"}
    assert states(record(store, 2, made("A-a", "abc"))) == {"A-a": "unchanged"}
    assert states(record(store, 30, made("A-a", "abc"))) == {"A-a": "unchanged"}
    assert states(record(store, 31, made("A-a", "abc"))) == {"A-a": "quiet"}


def test_recording_the_same_run_twice_changes_nothing_and_gives_the_same_answer(store):
    record(store, 1, made("A-a", "abc"), made("A-x", "xyz"))
    delta = record(store, 2, made("A-a", "abcd"))
    before = store.history("A-a"), store.alerts(gone=True), store.runs()
    assert record(store, 2, made("A-a", "abcd")) == delta == store.delta() == store.delta(delta.run_id)
    assert (store.history("A-a"), store.alerts(gone=True), store.runs()) == before


def test_settings_changed_and_changed_back_are_three_runs(store):
    names = [record(store, 1, made("A-a", "abc"), settings_hash=hash_).run_id for hash_ in ("s", "t", "s")]
    assert len(set(names)) == 3
    assert names[2] == f"{names[0]}-2"


def test_an_older_night_is_refused_after_a_newer_one(store):
    record(store, 2, made("A-a", "abc"))
    with pytest.raises(StoreError, match="after a later one"):
        record(store, 1, made("A-a", "abc"))
    assert len(store.runs()) == 1


@pytest.mark.parametrize(
    ("changed", "counted", "because"),
    [
        ({}, lambda ids: set(ids) - {"b"}, "data corrected"),
        ({"settings_hash": "t"}, set, "settings changed"),
        ({"program": "q"}, set, "program changed"),
        ({"sheet": {"exempted": [{"alert_id": "A-a", "tier": "review", "owners": ["x"], "until": "2027-01-01"}]}}, set,
         "exempted"),
        ({}, set, "behaviour ended"),
    ],
)  # fmt: skip
def test_an_alert_that_is_gone_says_why(store, changed, counted, because):
    record(store, 1, made("A-a", "abc"))
    [change] = record(store, 2, counted=counted, **changed).changes
    assert (change.state, change.because, change.tier) == ("gone", because, "review")
    assert store.alerts() == store.present() == ()
    assert states(record(store, 3, settings_hash="u")) == {}


def test_an_alert_that_lost_a_payment_to_a_correction_says_so(store):
    record(store, 1, made("A-a", "abc"))
    [change] = record(store, 2, made("A-a", "ab"), counted=lambda ids: set()).changes
    assert (change.state, change.because, change.lost) == ("shrunk", "data corrected", 1)


def test_an_alert_that_comes_back_has_its_id_and_its_judgement(store):
    record(store, 1, made("A-b", "bcd"))
    store.desk("ann", evening(1)).judge("A-b", "not_useful", "ordinary_story")
    record(store, 2)
    delta = record(store, 3, made("A-b", "bcd"))
    assert states(delta) == {"A-b": "returned"}
    assert store.alert("A-b").status == "closed"


def test_networks_that_merge_and_split_keep_their_history(store):
    record(store, 1, made("A-a", "abc"), made("A-x", "xy"))
    merged = record(store, 2, made("A-a", "abcxy"))
    assert states(merged) == {"A-a": "grown", "A-x": "merged"}
    assert merged.by_alert["A-x"].into == "A-a"
    split = record(store, 3, made("A-a", "abc"), made("A-x", "xy"), made("A-n", "n"))
    assert states(split) == {"A-a": "shrunk", "A-n": "new", "A-x": "returned"}
    assert split.by_alert["A-x"].split_from == "A-a"
    assert [event.what for event in store.history("A-a")] == ["new", "grown", "absorbed", "shrunk", "split"]
    assert [event.what for event in store.history("A-x")] == ["new", "merged", "returned"]


def test_help_for_somebody_is_never_the_same_alert_as_what_was_found_beside(store):
    record(store, 1, made("A-a", "abc"))
    delta = record(store, 2, made("A-s", "abc", tier="support"))
    assert states(delta) == {"A-a": "gone", "A-s": "new"}


def test_other_settings_may_find_the_same_pattern_about_the_same_account_by_other_payments(store):
    record(store, 1, made("A-a", "abc"))
    assert states(record(store, 2, made("A-x", "xyz"), settings_hash="t")) == {"A-a": "grown"}
    assert states(record(store, 3, made("A-n", "nop", subjects=("acc-2",)))) == {"A-a": "gone", "A-n": "new"}


def test_an_id_that_is_taken_by_an_older_alert_is_not_given_twice(store):
    record(store, 1, made("A-a", "ab", subjects=("acc-1",)))
    delta = record(store, 2, made("A-0", "0ab"), made("A-a", "xyz", subjects=("acc-9",)))
    assert delta.names["A-0"] == "A-a"
    assert delta.names["A-a"] not in ("A-a", "A-0")
    told = delta.named([made("A-0", "0ab", related=("A-a",))])
    assert told[0].alert_id == "A-a"
    assert told[0].related == (delta.names["A-a"],)


def test_a_tier_that_moves_is_said_though_nothing_was_added(store):
    record(store, 1, made("A-a", "abc"))
    [change] = record(store, 2, made("A-a", "abc", tier="priority")).changes
    assert (change.state, change.tier_before, change.tier) == ("unchanged", "review", "priority")


def test_evidence_and_findings_hold_for_the_versions_they_held_for(store):
    record(store, 1, made("A-a", "ab"))
    record(store, 2, made("A-a", "abc"))
    record(store, 3, made("A-a", "bc"))
    with store._engine.connect() as connection:
        rows = connection.execute(sa.select(EVIDENCE).order_by(EVIDENCE.c.payment_id)).all()
    assert [(row.payment_id, row.first_version, row.last_version) for row in rows] == [
        ("a", 1, 2),
        ("b", 1, None),
        ("c", 2, None),
    ]


def test_nothing_is_recorded_of_a_night_that_fails_halfway(store):
    record(store, 1, made("A-a", "abc"))
    before = store.present(), store.runs(), store.history("A-a")

    def fails(ids):
        raise RuntimeError("the ledger went away")

    with pytest.raises(RuntimeError):
        store.record(night(2), [made("A-a", "ab")], at=evening(2), findings=[found("ab")], counted=fails)
    assert (store.present(), store.runs(), store.history("A-a")) == before


def test_alerts_are_given_in_the_order_that_the_last_night_learnt_and_by_score_where_it_learnt_none(store):
    alerts = [made("A-a", "a", score=0.9), made("A-b", "b", score=0.2), made("A-c", "c", score=0.1, tier="priority")]
    learnt = {"alerts": {"A-a": {"score": 0.3}, "A-b": {"score": 0.8}, "A-c": {"score": 0.1}}}
    record(store, 1, *alerts, sheet={"ranker": learnt})
    assert [one.alert_id for one in store.alerts()] == ["A-c", "A-b", "A-a"]
    record(store, 2, *alerts, sheet={"ranker": None})
    assert [one.alert_id for one in store.alerts()] == ["A-c", "A-a", "A-b"]


def test_the_steps_of_the_migrations_end_at_the_tables_of_today(empty_database):
    with Store.open(empty_database) as store, store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_store_of_a_newer_version_is_refused_and_left_alone(database):
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer moneytrail"):
        Store.open(database)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


def test_a_database_of_something_else_is_refused(empty_database):
    engine = sa.create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE cakes (id INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="something else"):
        Store.open(empty_database)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "alerts.db").write_text("this is a letter to my aunt, and long enough to be looked at" * 20)
    with pytest.raises(StoreError, match="no alert store"):
        Store.open(tmp_path / "alerts.db")


def test_a_new_file_can_be_read_by_its_owner_alone(tmp_path):
    with Store.open(tmp_path / "alerts.db") as store:
        record(store, 1, made("A-a", "abc"))
        assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_a_file_that_cannot_be_made_is_said(tmp_path):
    with pytest.raises(StoreError, match="may not be opened"):
        Store.open(tmp_path / "nowhere" / "alerts.db")


@pytest.mark.parametrize("where", ["mysql://db/alerts", "oracle+cx://secret:word@db", "://"])
def test_a_place_of_no_known_form_is_refused_without_repeating_it(where):
    with pytest.raises(SettingsError, match="no place of an alert store") as raised:
        Store.open(where)
    assert "secret" not in str(raised.value)


def test_an_unknown_alert_is_named(store):
    with pytest.raises(SettingsError, match="no such alert"):
        store.history("A-none")
