"""A dossier shows every step, note and trace of its case; its exports hold what was in view and what was followed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from html import unescape
from itertools import count

import pytest

from flows.arrows import payments_from_arrows
from flows.errors import PluginError
from flows.ledger import Ledger
from graphs.case import Case
from reports import trace_page as trace_page_module
from reports.blocks import Bullets, Fold, Network, Table, Timeline
from reports.case_files import case_files, of_case
from reports.case_page import asked_in_words, case_page, found_in_words

STORY = """
day 0 09:00   ext:own -> anna        100 EUR
day 1 09:00   ext:x -> anna          300 EUR
day 2 09:00   anna -> ben            200 EUR
day 3 09:00   ben -> cash:atm        150 EUR atm_wd
day 3 10:00   ben -> <b>&cara         40 EUR p2p
day 4 09:00   <b>&cara -> ext:y       40 EUR
day 9 09:00   eve -> kim               7 EUR
"""


def worked(path) -> Case:
    payments = payments_from_arrows(STORY)
    empty = Ledger.create(path)
    ledger = empty.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=["one"], side={})
    ticks = count()
    first = datetime(2026, 3, 3, 9, tzinfo=UTC)
    case = Case(ledger, title="The <300>", who="an analyst", clock=lambda: first + timedelta(minutes=next(ticks)))
    case.open("anna", hops=1)
    case.filter(since=date(2026, 1, 2), channels=["other"], currency="EUR", least_minor=5000, without=["ext:own"])
    case.trace(payments=["p2"], rules=["fifo", "poison"])
    case.note("Half of it left in cash; ask <b>&cara what the 40 was for.")
    return case


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return worked(tmp_path_factory.mktemp("case") / "ledger")


@pytest.fixture(scope="module")
def files(case):
    return case_files(case, ["graphml", "evidence-pack"])


def test_the_files_are_case_dossier_exports_and_their_hashes(files):
    assert {"case.json", "dossier.html", "payments.graphml", "evidence_pack.xlsx", "SHA256SUMS"} <= files.keys()
    told = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
    assert told == {name: sha256(content).hexdigest() for name, content in files.items() if name != "SHA256SUMS"}


def test_the_same_case_gives_the_same_bytes(files, tmp_path):
    assert case_files(worked(tmp_path / "again"), ["graphml", "evidence-pack"]) == files


def test_a_format_that_is_not_there_is_refused_by_name(case):
    with pytest.raises(PluginError, match="graphml"):
        case_files(case, ["grahpml"])


def test_the_page_has_notes_view_traces_and_the_trail_of_what_was_looked_at(case):
    parts = {part.id: part.blocks for part in case_page(case).parts}
    assert list(parts) == ["start", "notes", "view", "trace-3", "looked-at", "check"]
    (notes,) = parts["notes"]
    assert isinstance(notes, Bullets)
    assert "ask <b>&cara" in notes.items[0]
    assert [type(block) for block in parts["view"]] == [Network, Timeline, Table]
    assert any(isinstance(block, Fold) and block.title == "Where it ended" for block in parts["trace-3"])
    (steps,) = parts["looked-at"]
    assert len(steps.rows) == len(case.steps)


def test_steps_are_told_in_words_with_their_numbers(case):
    words = [(asked_in_words(step), found_in_words(step)) for step in case.steps]
    assert words[0] == ("opened anna, 1 hop, the last 60 days", "4 accounts, 3 payments, 600.00 EUR")
    assert words[1][0] == ("kept the payments since 2 January 2026, by other, of at least 50.00 EUR, without ext:own")
    assert words[2] == (
        "traced where the money went, from p2; rules fifo, poison",
        "300.00 EUR in 1 payment, touching 5 payments at most",
    )
    assert words[3][1] == ""


def test_what_people_wrote_is_text_in_the_page(files):
    page = files["dossier.html"].decode()
    assert "<b>&cara" not in page
    assert "The <300>" not in page
    assert "default-src 'none'" in unescape(page)


def test_exports_hold_what_is_in_view_and_what_was_followed_and_no_more(case):
    extract = of_case(case)
    rows = {row["payment_id"]: row["step_3_fifo_eur_minor"] for row in extract.rows}
    assert rows == {"p2": 30000, "p3": 10000, "p4": 5000, "p5": 4000, "p6": 4000}


def test_the_facts_of_an_export_tell_every_step_and_the_last_mark(case):
    facts = dict(of_case(case).facts)
    assert "opened anna, 1 hop" in facts["Step 1, 2026-03-03T09:00:00Z, an analyst"]
    assert facts["Mark of the last step"] == case.steps[-1].mark
    assert facts["Fingerprint of the ledger"] == case.fingerprint


def test_the_case_file_of_a_dossier_replays(files, case):
    again = Case.replayed(files["case.json"], case.ledger, who="w")
    assert json.loads(again.as_bytes()) == json.loads(files["case.json"])


def test_a_case_without_steps_has_a_dossier_too(case):
    fresh = Case(case.ledger, title="Begun", who="w")
    assert [part.id for part in case_page(fresh).parts] == ["start", "check"]
    assert of_case(fresh).rows == ()


def test_a_dossier_names_no_file_that_a_case_has_not(case, monkeypatch):
    for cap in ("MOST_ROWS", "MOST_NAMED", "MOST_DOTS"):
        monkeypatch.setattr(trace_page_module, cap, 1)
    dossier = unescape(case_files(case)["dossier.html"].decode())
    assert "trace.json" not in dossier
    assert "the files beside this page" not in dossier
    assert "`moneytrail trace --ledger-version 1 --as-of 2026-01-10` from the same start gives all" in dossier
