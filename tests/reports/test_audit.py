"""Whoever changes the store by hand is found, and what was changed is named."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from reports.store import Store
from reports.store_checking import wrong
from tests.reports.made_alerts import evening, made, record

KEY = b"kept in another hand"


BY_HAND = [
    ("UPDATE audit SET who = 'eve' WHERE number = 2", "audit entry 2 was changed"),
    ("DELETE FROM audit WHERE number = 4", "audit entry 4 is missing"),
    ("DELETE FROM audit WHERE number >= 9", "the audit log ends with entry 8"),
    ("UPDATE audit_head SET hash = 'x'", "head of the audit log does not fit"),
    ("UPDATE audit_head SET signature = 'x'", "does not bear the signature"),
    ("UPDATE judgements SET outcome = 'useful'", "judgement 2 of alert A-a is not what was logged"),
    ("DELETE FROM judgements", "judgement 2 of alert A-a is missing"),
    ("UPDATE notes SET text = 'nothing'", "note 3 of alert A-a is not what was logged"),
    ("UPDATE alert_versions SET content = replace(content, 'because', 'why') WHERE alert_id = 'A-x'",
     "alert A-x, version 1: it is not what was recorded"),
    ("UPDATE alert_versions SET measured = '{ }' WHERE alert_id = 'A-x'",
     "alert A-x, version 1: what was measured of its account is not what was recorded"),
    ("DELETE FROM alert_versions WHERE alert_id = 'A-a' AND version = 1", "alert A-a, version 1: missing"),
    ("UPDATE findings SET content = '{}' WHERE alert_id = 'A-x'", "alert A-x, version 1: finding F-"),
    ("DELETE FROM findings WHERE alert_id = 'A-x'", "is missing"),
    ("UPDATE evidence SET payment_id = 'q' WHERE payment_id = 'z'", "alert A-x, version 1: its evidence"),
    ("DELETE FROM evidence WHERE payment_id = 'd'", "alert A-a, version 2: its evidence"),
    ("UPDATE alerts SET tier = 'enquire' WHERE alert_id = 'A-a'", "alert A-a: tier is not"),
    ("UPDATE alerts SET assignee = 'eve' WHERE alert_id = 'A-x'", "alert A-x: assignee is not"),
    ("UPDATE alerts SET facts_on = NULL WHERE alert_id = 'A-x'", "alert A-x: facts on is not"),
    ("UPDATE runs SET sheet = '[]' WHERE number = 1", ": sheet is not what was recorded"),
    ("UPDATE runs SET ledger_version = 7 WHERE number = 2", ": ledger version is not what was recorded"),
    ("UPDATE changes SET state = 'quiet' WHERE run = 2 AND alert_id = 'A-a'", ": changes is not"),
    ("UPDATE suppressions SET expires = '2030-01-01' WHERE account_id = 'acc-1'", "suppression 8 is not"),
    ("UPDATE suppressions SET lifted_by = '', lifted_at = NULL WHERE alert_id = 'A-a'", "suppression 7 is not"),
]  # fmt: skip
"""What somebody may do to a store by hand, and what is then said of it."""


@pytest.fixture
def store(database):
    with Store.open(database, KEY) as opened:
        record(opened, 1, made("A-a", "abc"), made("A-x", "xyz"))
        desk = opened.desk("ann", evening(1))
        desk.judge("A-a", "not_useful", "ordinary_story", note="asked the branch")
        desk.assign("A-x", "ben")
        desk.escalate("A-x", facts_on=date(2026, 2, 28))
        number = desk.suppress(reason="known", expires=date(2026, 4, 1), alert_id="A-a").number
        desk.suppress(reason="known", expires=date(2026, 4, 1), account_id="acc-1")
        desk.lift(number)
        record(opened, 2, made("A-a", "abcd"))
        yield opened


def by_hand(connection, statement):
    """Run a statement with the guards of the audit log taken off, as somebody who owns the database can."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    else:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for trigger in ("audit_no_update", "audit_no_delete"):
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}"))
    done = connection.execute(sa.text(statement))
    assert done.rowcount > 0


def test_a_store_that_nobody_touched_is_whole(store):
    assert store.wrong() == ()


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'eve'", "DELETE FROM audit WHERE number = 2"])
def test_the_database_itself_refuses_to_change_the_audit_log(store, statement):
    with pytest.raises(sa.exc.DatabaseError, match="only grows"), store._engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert store.wrong() == ()


def test_what_was_changed_by_hand_is_found_and_named(store):
    # Each is taken back before the next: a store of its own for each would cost ten times as much.
    for statement, named in BY_HAND:
        with store._engine.connect() as connection, connection.begin() as transaction:
            by_hand(connection, statement)
            said = list(wrong(connection, KEY))
            transaction.rollback()
        assert any(named in one for one in said), (statement, said)
    assert store.wrong() == ()


def test_a_chain_that_was_made_anew_does_not_bear_the_signature(store):
    with store._engine.begin() as connection:
        by_hand(connection, "DELETE FROM audit WHERE number = 10")
        by_hand(connection, "UPDATE audit_head SET number = 9, hash = (SELECT hash FROM audit WHERE number = 9)")
    assert "the head of the audit log does not bear the signature of this key" in store.wrong()
