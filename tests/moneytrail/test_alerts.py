"""`moneytrail alerts`: every verb answers people and programs, and a dry run keeps nothing."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from flows.errors import SettingsError
from moneytrail.alert_store import KEY_FILE
from moneytrail.cli import moneytrail
from reports.store import Store
from tests.reports.made_alerts import evening, made, record

NEXT_WEEK = str(datetime.now(UTC).date() + timedelta(days=7))


@pytest.fixture
def bank(sqlite_store, tmp_path):
    """Give a settings file whose store holds two nights."""
    (tmp_path / "alerts.db").write_bytes(sqlite_store.read_bytes())
    (tmp_path / "bank.toml").write_text('[night]\nstore = "alerts.db"\n')
    with Store.open(tmp_path / "alerts.db") as store:
        record(store, 1, made("A-a", "abc"), made("A-p", "pqr", tier="priority", subjects=("acc-9",)))
        record(store, 2, made("A-a", "abcd"), made("A-p", "pqr", tier="priority", subjects=("acc-9",)))
    return tmp_path / "bank.toml"


def run(bank, *words):
    result = CliRunner().invoke(moneytrail, ["alerts", *words, "--settings", str(bank)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def asked(bank, *words):
    return json.loads(run(bank, *words, "--json"))


def test_list_gives_one_line_for_each_alert_in_reading_order(bank):
    lines = run(bank, "list").splitlines()
    assert [line.split()[:3] for line in lines] == [["A-p", "priority", "unchanged"], ["A-a", "review", "grown"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--tier", "review"], ["A-a"]),
        (["--state", "unchanged"], ["A-p"]),
        (["--status", "closed"], []),
        (["--assignee", "ben"], []),
    ],
)
def test_list_can_be_narrowed(bank, words, found):
    assert [one["alert_id"] for one in asked(bank, "list", *words)] == found


def test_show_tells_why_and_what_people_made_of_it(bank):
    run(bank, "judge", "A-a", "useful", "--reason", "watched", "--note", "asked the branch", "--who", "ann")
    text = run(bank, "show", "A-a")
    assert "because" in text
    assert "ann: useful, worth knowing" in text
    assert "ann wrote: asked the branch" in text
    assert asked(bank, "show", "A-a")["alert"]["payments"] == list("abcd")


def test_show_names_the_first_accounts_and_says_how_many_more_there_are(bank):
    with Store.open(bank.parent / "alerts.db") as store:
        record(store, 3, made("A-a", "abcd", subjects=[f"acc-{number}" for number in range(15)]))
    text = run(bank, "show", "A-a", "--unmask")
    assert "acc-11  " in text
    assert "acc-12" not in text
    assert "and 3 more" in text


def test_account_numbers_are_masked_for_people_and_whoever_unmasks_them_is_written_down(bank):
    with Store.open(bank.parent / "alerts.db") as store:
        record(store, 3, made("A-a", "abcd", subjects=("DE02700100100000000189",), why="DE02700100100000000189 paid"))
    for words in (["list"], ["show", "A-a"]):
        assert "DE0270" not in run(bank, *words)
        assert [one["what"] for one in asked(bank, "history", "A-a")].count("unmasked") == 0
    assert "…0189 paid" in run(bank, "show", "A-a")
    assert "DE02700100100000000189 paid" in run(bank, "show", "A-a", "--unmask", "--who", "ben")
    run(bank, "list", "--unmask", "--who", "ann")
    assert asked(bank, "show", "A-a")["alert"]["subjects"] == ["DE02700100100000000189"]
    assert "ben  read its account numbers in full" in run(bank, "history", "A-a")
    with Store.open(bank.parent / "alerts.db") as store:
        entries = [(one.who, one.subject) for one in store.log() if one.action == "unmasked"]
        assert (entries, store.wrong()) == ([("ben", "A-a"), ("ann", "")], ())


def test_the_first_of_two_is_told_who_closes_it_and_again_when_they_try_themselves(bank):
    words = ("judge", "A-p", "not_useful", "--reason", "too_little", "--who", "ann")
    assert "closed once somebody else judges it not_useful as well" in run(bank, *words)
    with pytest.raises(SettingsError, match="your judgement is kept") as refused:
        run(bank, *words)
    assert "somebody else" in refused.value.try_
    assert "ann  judged it not useful: too little in it" in run(bank, "history", "A-p")


def test_history_says_in_words_what_became_of_an_alert_and_why(bank):
    with Store.open(bank.parent / "alerts.db") as store:
        record(store, 3, made("A-b", "abcdxy"), made("A-p", "pqrst", tier="review", subjects=("acc-9",)))
        record(store, 4)
    first, *_ = run(bank, "history", "A-a").splitlines()
    assert first.endswith("night of 2026-03-01: new, 3 payments")
    grown, gone = run(bank, "history", "A-p").splitlines()[-2:]
    assert grown.endswith("grown, 2 payments more, tier review, before priority")
    assert gone.endswith("gone, because with what was paid since, the pattern does not stand out any more")


def test_an_alert_is_assigned_escalated_judged_by_two_and_its_history_tells_it(bank):
    run(bank, "assign", "A-a", "ben", "--who", "ann")
    run(bank, "escalate", "A-a", "--facts-on", "2026-03-01", "--who", "ann")
    assert asked(bank, "judge", "A-a", "useful", "--reason", "reported", "--who", "ann")["status"] == "to_confirm"
    assert asked(bank, "judge", "A-a", "useful", "--reason", "reported", "--who", "ben")["status"] == "closed"
    said = [one["what"] for one in asked(bank, "history", "A-a")]
    assert said == ["new", "grown", "assigned", "escalated", "facts", "judged", "judged"]
    assert "escalated" in run(bank, "history", "A-a")
    assert "facts detected on 2026-03-01" in run(bank, "show", "A-a")


def test_a_suppression_hides_from_the_list_which_says_so(bank):
    words = ("suppress", "--account", "acc-1", "--reason", "payroll", "--until", NEXT_WEEK, "--who", "ann")
    assert asked(bank, *words, "--dry-run")["hides"] == ["A-a"]
    assert "No suppression" in run(bank, "hidden")
    made_ = asked(bank, *words)
    assert made_["hides"] == ["A-a"]
    assert "1 more hidden by suppressions" in run(bank, "list")
    assert len(asked(bank, "list", "--hidden")) == 2
    assert "owner ann: payroll" in run(bank, "hidden")
    assert asked(bank, "hidden")[0]["expires"] == NEXT_WEEK
    run(bank, "lift", str(made_["number"]), "--who", "ben")
    assert len(asked(bank, "list")) == 2


@pytest.mark.parametrize(
    ("scope", "says"),
    [(("--account", "acc-11"), "--unmask"), (("--typology", "Gatherin"), "did you mean 'Gathering'")],
)
def test_a_suppression_of_what_no_alert_is_about_is_refused(bank, scope, says):
    with pytest.raises(SettingsError, match="no alert of the store") as refused:
        run(bank, "suppress", *scope, "--reason", "payroll", "--until", NEXT_WEEK, "--who", "ann")
    assert says in refused.value.try_
    assert "No suppression" in run(bank, "hidden")


def test_history_tells_merges_and_splits_from_both_sides(tmp_path, sqlite_store):
    shutil.copy(sqlite_store, tmp_path / "alerts.db")
    (tmp_path / "bank.toml").write_text('[night]\nstore = "alerts.db"\n')
    with Store.open(tmp_path / "alerts.db") as store:
        record(store, 1, made("A-a", "abcdef"), made("A-b", "xy", subjects=("acc-2",)))
        record(store, 2, made("A-a", "abcdefxy"))
        record(store, 3, made("A-a", "abcdxy"), made("A-e", "ef", subjects=("acc-3",)))
        store.desk("ann", evening(3)).assign("A-e", "")
    said = {id_: run(tmp_path / "bank.toml", "history", id_) for id_ in ("A-a", "A-b", "A-e")}
    assert "night of 2026-03-02: took in A-b\n" in said["A-a"]
    assert "merged into A-a\n" in said["A-b"]
    assert "A-e split from it\n" in said["A-a"]
    assert "new, 2 payments, split from A-a\n" in said["A-e"]
    assert "took it from whoever had it\n" in said["A-e"]


@pytest.mark.parametrize(
    "words",
    [
        ("assign", "A-a", "ben"),
        ("note", "A-a", "rang them"),
        ("escalate", "A-a"),
        ("judge", "A-a", "useful", "--reason", "watched"),
        ("suppress", "--alert", "A-a", "--reason", "known", "--until", NEXT_WEEK),
    ],
)
def test_a_dry_run_keeps_nothing(bank, words):
    before = asked(bank, "history", "A-a"), asked(bank, "hidden")
    answer = asked(bank, *words, "--dry-run", "--who", "ann")
    assert answer["kept"] is False
    assert "nothing was kept" in run(bank, *words, "--dry-run", "--who", "ann")
    assert (asked(bank, "history", "A-a"), asked(bank, "hidden")) == before


@pytest.mark.parametrize("words", [("list",), ("show", "A-a"), ("history", "A-a"), ("hidden",)])
def test_verbs_that_only_read_take_a_dry_run_too(bank, words):
    assert run(bank, *words, "--dry-run") == run(bank, *words)


def test_a_store_is_named_directly_or_by_settings_and_never_made_by_a_question(tmp_path, bank):
    result = CliRunner().invoke(moneytrail, ["alerts", "list", "--store", str(bank.parent / "alerts.db")])
    assert "A-a" in result.output
    for words, says in (
        (["--store", str(tmp_path / "none.db")], "no alert store here"),
        ([], "no store is named"),
    ):
        with pytest.raises(SettingsError, match=says):
            CliRunner().invoke(moneytrail, ["alerts", "list", *words], catch_exceptions=False)
    assert not (tmp_path / "none.db").exists()


def test_the_key_that_signs_the_log_comes_from_a_file_the_environment_names(bank, monkeypatch, tmp_path):
    (tmp_path / "key").write_bytes(b"sixteen bytes and more")
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "key"))
    run(bank, "note", "A-a", "signed", "--who", "ann")
    with Store.open(tmp_path / "alerts.db", b"sixteen bytes and more") as store:
        assert store.wrong() == ()
    with Store.open(tmp_path / "alerts.db", b"some other key, as long") as store:
        assert store.wrong() == ("the head of the audit log does not bear the signature of this key",)
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(SettingsError, match="too short"):
        run(bank, "list")


def test_days_since_facts_are_counted_from_the_facts(bank):
    run(bank, "escalate", "A-a", "--facts-on", str(date(2026, 3, 1)), "--who", "ann")
    days = (datetime.now(UTC).date() - date(2026, 3, 1)).days
    assert f"({days} days ago)" in run(bank, "show", "A-a")
