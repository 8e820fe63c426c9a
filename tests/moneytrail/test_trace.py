"""`moneytrail trace` writes what the contract says, says it in words, and refuses what it cannot follow."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from flows.arrows import payments_from_arrows
from flows.errors import InputError, StoreError
from flows.ledger import Ledger
from graphs.trace_record import END_CLASSES
from moneytrail.commands.trace import trace

TRAIL = """
day 0 09:00  ext:x -> anna      100 EUR
day 1 09:00  ext:own -> anna    300 EUR
day 2 09:00  anna -> ben        200 EUR
day 3 09:00  ben -> cash:atm     50 EUR atm_wd
day 3 10:00  ben -> <b>&eve     150 EUR
day 4        <b>&eve -> vasp:v  120 EUR crypto
day 5 09:00  anna -> ext:us      10 USD
day 6 09:00  anna -> kim          5 EUR
day 7 09:00  kim -> anna          5 EUR  reversal_of=p8
"""

CONSERVING = {"fifo", "lifo", "prorata", "libr", "taint_first"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give the folder of a small ledger."""
    ledger = Ledger.create(tmp_path_factory.mktemp("trail") / "ledger")
    payments = payments_from_arrows(TRAIL)
    ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=["arrows"], side={})
    return ledger.path


def run(folder, *words):
    return CliRunner().invoke(trace, ["--ledger", str(folder), *words], catch_exceptions=False)


@pytest.fixture(scope="module")
def traced(folder, tmp_path_factory):
    """Give what a trace of one payment said, and its folder."""
    out = tmp_path_factory.mktemp("traced") / "out"
    done = run(folder, "--payment", "p1", "--out", str(out))
    assert done.exit_code == 0, done.output
    return done, out


def test_the_files_of_the_contract_are_there_and_no_others(traced):
    assert {path.name for path in traced[1].iterdir()} == {"trace.json", "trace.parquet", "trace.html", "SHA256SUMS"}


def test_the_json_has_the_form_of_the_contract_and_every_rule_sums_to_the_start(traced):
    found = json.loads((traced[1] / "trace.json").read_text())
    assert found.keys() >= {"direction", "ledger_version", "seeds", "rules", "bounds", "conserved", "assumptions"}
    assert (found["direction"], found["ledger_version"], found["conserved"]) == ("forward", 1, True)
    assert found["seeds"] == [{"payment_id": "p1", "amount_minor": 10000, "currency": "EUR"}]
    assert found["rules"].keys() == CONSERVING | {"poison"}
    for rule in CONSERVING:
        ends = found["rules"][rule]["endpoints"]
        assert sum(end["amount_minor"] for end in ends) == 10000
        assert all(end.keys() >= {"node", "class", "amount_minor", "payments"} for end in ends)
        assert all(end["class"] in END_CLASSES and end["payments"] for end in ends)
    assert set(found["rules"]["poison"]["reached"]) == {"anna", "ben", "cash:atm", "<b>&eve", "vasp:v"}
    for bound in found["bounds"]:
        assert 0 <= bound["lo_minor"] <= bound["hi_minor"] <= 10000
        assert bound["class"] in END_CLASSES
        assert bound["node"]


def test_the_table_has_one_row_per_rule_and_payment(traced):
    table = pq.read_table(traced[1] / "trace.parquet")
    pairs = list(zip(table["rule"].to_pylist(), table["payment_id"].to_pylist(), strict=True))
    assert len(pairs) == len(set(pairs))
    of_fifo = {row["payment_id"]: row["amount_minor"] for row in table.to_pylist() if row["rule"] == "fifo"}
    assert of_fifo == {"p1": 10000, "p3": 10000, "p4": 5000, "p5": 5000, "p6": 5000}
    assert {row["amount_minor"] for row in table.to_pylist() if row["rule"] == "poison"} == {None}


class Page(HTMLParser):
    """Collects what a browser would load, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        self.loads += [given[name] for name in ("src", "href") if given.get(name) and not given[name].startswith("#")]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_stands_alone_and_shows_names_as_text(traced):
    text = (traced[1] / "trace.html").read_text()
    page = Page(text)
    assert page.loads == []
    assert "default-src 'none'" in page.policy
    assert {"svg", "table"} <= page.tags
    assert "<b>&eve" not in text
    assert "<b>&eve" in "".join(page.text)


def test_the_page_names_the_payments_of_every_endpoint_and_states_every_convention(traced):
    said = "".join(Page((traced[1] / "trace.html").read_text()).text)
    found = json.loads((traced[1] / "trace.json").read_text())
    for rule in CONSERVING:
        for end in found["rules"][rule]["endpoints"]:
            assert all(name in said for name in end["payments"])
    for words in ("first in, first out", "last in, first out", "pro rata", "lowest intermediate balance", "poison"):
        assert words in said
    assert "question of law" in said


def test_the_same_trace_gives_the_same_bytes(folder, traced, tmp_path):
    run(folder, "--payment", "p1", "--out", str(tmp_path / "again"))
    for path in traced[1].iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_what_is_printed_has_a_column_per_rule_and_leaves_the_choice_to_a_lawyer(traced):
    output = traced[0].stdout
    head = next(line for line in output.splitlines() if "Where it ended" in line)
    assert head.split()[-7:] == ["fifo", "lifo", "prorata", "libr", "taint_first", "least", "most"]
    assert re.search(r"cash:atm +50\.00", output)
    assert "question of law for a lawyer" in output
    assert "trace.html" in output


def test_backward_says_where_the_money_came_from(folder, tmp_path):
    done = run(folder, "--payment", "p4", "--backward", "--out", str(tmp_path))
    found = json.loads((tmp_path / "trace.json").read_text())
    assert found["direction"] == "backward"
    (source,) = found["rules"]["fifo"]["endpoints"]
    assert (source["node"], source["class"], source["amount_minor"], source["payments"]) == (
        "ext:x",
        "external",
        5000,
        ["p1"],
    )
    assert "Where it began" in done.stdout


def test_an_account_is_traced_per_currency_into_one_set_of_files(folder, tmp_path):
    run(folder, "--account", "anna", "--since", "2026-01-01", "--out", str(tmp_path))
    found = json.loads((tmp_path / "trace.json").read_text())
    for currency, total in {"EUR": 20000, "USD": 1000}.items():
        ends = [end for end in found["rules"]["fifo"]["endpoints"] if end["currency"] == currency]
        assert sum(end["amount_minor"] for end in ends) == total
        assert sum(seed["amount_minor"] for seed in found["seeds"] if seed["currency"] == currency) == total
    assert set(pq.read_table(tmp_path / "trace.parquet")["currency"].to_pylist()) == {"EUR", "USD"}


def test_several_payments_are_followed_together(folder, tmp_path):
    run(folder, "--payment", "p1", "--payment", "p2", "--out", str(tmp_path))
    found = json.loads((tmp_path / "trace.json").read_text())
    assert sum(end["amount_minor"] for end in found["rules"]["lifo"]["endpoints"]) == 40000


@pytest.mark.parametrize("rule", sorted(CONSERVING | {"poison"}))
def test_one_rule_may_be_asked_for(folder, tmp_path, rule):
    done = run(folder, "--payment", "p1", "--rule", rule, "--out", str(tmp_path))
    assert done.exit_code == 0
    found = json.loads((tmp_path / "trace.json").read_text())
    assert found["rules"].keys() == {rule}
    assert found["bounds"]


def test_what_is_printed_and_handed_on_names_the_payments_it_began_with(folder, tmp_path):
    done = run(folder, "--payment", "p1", "--rule", "fifo")
    assert "money of payment p1 go?" in done.stdout
    run(folder, "--payment", "p1", "--payment", "p2", "--out", str(tmp_path), "--format", "evidence-pack")
    about = (tmp_path / "evidence_about.csv").read_text().splitlines()
    assert [line for line in about if line.startswith("The trail begins")] == [
        "The trail begins with payment,p1",
        "The trail begins with payment,p2",
    ]


@pytest.mark.parametrize(
    ("account", "since", "message"),
    [
        ("anna", "2027-01-01", "no payment out since that day"),
        ("vasp:v", "2026-01-01", "has payments in, but none out"),
        ("nobody", "2026-01-01", "no booked payment names this account"),
    ],
)
def test_an_account_with_nothing_to_follow_is_told_from_one_that_is_not_there(folder, account, since, message):
    with pytest.raises(InputError, match=message):
        run(folder, "--account", account, "--since", since)


def test_without_a_folder_nothing_is_written(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(folder, "--payment", "p1").exit_code == 0
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--payment", "p1", "--account", "anna", "--since", "2026-01-01"),
        ("--account", "anna"),
        ("--payment", "p1", "--since", "2026-01-01"),
        ("--payment", "p1", "--rule", "guess"),
        ("--payment", "p1", "--known-on", "2026-01-03", "--ledger-version", "1"),
    ],
)
def test_words_that_do_not_go_together_are_refused(folder, words):
    done = run(folder, *words)
    assert done.exit_code == 2


@pytest.mark.parametrize(
    "words", [("--payment", "p99"), ("--payment", "p8"), ("--account", "nobody", "--since", "2026-01-01")]
)
def test_what_cannot_be_followed_is_refused_without_naming_it(folder, tmp_path, words):
    with pytest.raises(InputError) as told:
        run(folder, *words, "--out", str(tmp_path / "out"))
    assert told.value.exit_code == 3
    assert told.value.try_
    assert "nobody" not in str(told.value)
    assert not [*tmp_path.glob("out/*")]


def test_the_bundled_bank_is_traced_to_the_cent(tmp_path):
    from flows.ingest import ingest
    from moneytrail.bundled import copy_to
    from moneytrail.planted import TRAIL, read_truth

    files = copy_to(tmp_path / "input")
    ledger = Ledger.create(tmp_path / "ledger")
    ingest(ledger, {table: files[table] for table in ("payments", "accounts")})
    begins = next(one.first_payment for one in read_truth(tmp_path / "input" / "truth") if one.kind == TRAIL)
    run(ledger.path, "--payment", begins, "--out", str(tmp_path / "out"))
    found = json.loads((tmp_path / "out" / "trace.json").read_text())
    total = sum(seed["amount_minor"] for seed in found["seeds"])
    for rule in CONSERVING:
        assert sum(end["amount_minor"] for end in found["rules"][rule]["endpoints"]) == total
    within = {(bound["node"], bound["class"]): bound for bound in found["bounds"]}
    for rule in CONSERVING:
        for end in found["rules"][rule]["endpoints"]:
            bound = within.get((end["node"], end["class"]))
            assert bound is None or bound["lo_minor"] <= end["amount_minor"] <= bound["hi_minor"]
    assert (tmp_path / "out" / "trace.html").stat().st_size < 3_000_000


def test_the_payments_of_a_trail_are_exported_in_the_formats_asked_for(folder, tmp_path):
    out = tmp_path / "out"
    done = run(folder, "--payment", "p1", "--out", str(out), "--format", "graphml", "--format", "neo4j")
    assert done.exit_code == 0, done.output
    assert {"payments.graphml", "neo4j_nodes.csv", "trace.json"} <= {path.name for path in out.iterdir()}
    assert run(folder, "--payment", "p1", "--format", "graphml").exit_code == 2


def test_what_an_older_trace_left_in_the_folder_is_told_from_this_one(folder, tmp_path):
    run(folder, "--payment", "p1", "--out", str(tmp_path), "--format", "graphml")
    done = run(folder, "--payment", "p2", "--out", str(tmp_path))
    assert "1 file in that folder is not of this trace: payments.graphml" in done.stdout
    sums = dict(reversed(line.split("  ")) for line in (tmp_path / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        name: sha256((tmp_path / name).read_bytes()).hexdigest()
        for name in ("trace.html", "trace.json", "trace.parquet")
    }
    again = run(folder, "--payment", "p2", "--out", str(tmp_path), "--format", "graphml")
    assert "not of this trace" not in again.stdout


def test_a_folder_that_cannot_be_written_is_said_before_the_work(folder, tmp_path, monkeypatch):
    (tmp_path / "out").write_text("a file")

    def worked(*args, **more):
        raise AssertionError("the ledger was read first")

    monkeypatch.setattr(Ledger, "window", worked)
    with pytest.raises(StoreError, match="folder you may write with --out"):
        run(folder, "--payment", "p1", "--out", str(tmp_path / "out"))


@pytest.fixture
def grown(tmp_path, monkeypatch):
    """Give the folder of a ledger that took in the beginning on 3 January and all that followed on 5 January."""
    ledger = Ledger.create(tmp_path / "ledger")
    rows = payments_from_arrows(TRAIL)
    for part in (rows.slice(0, 3), rows.slice(3)):
        ledger = ledger.commit(part.to_reader(), rows=part.num_rows, source_hashes=[f"{part.num_rows} rows"], side={})
    clock = {1: datetime(2026, 1, 3, 20, tzinfo=UTC), 2: datetime(2026, 1, 5, 20, tzinfo=UTC)}
    monkeypatch.setattr(Ledger, "recorded", lambda self: {n: at for n, at in clock.items() if n <= self.version})
    return ledger.path


def ends_under(rule, out):
    told = json.loads((out / "trace.json").read_text())
    return told, {end["node"]: end["amount_minor"] for end in told["rules"][rule]["endpoints"]}


def test_as_of_follows_what_was_booked_by_then_though_it_was_taken_in_later(grown, tmp_path):
    out = tmp_path / "out"
    done = run(grown, "--payment", "p1", "--as-of", "2026-01-04", "--out", str(out), "--format", "evidence-pack")
    told, ends = ends_under("fifo", out)
    assert (told["ledger_version"], told["as_of"], told["known_on"]) == (2, "2026-01-04", None)
    assert ends == {"cash:atm": 5000, "<b>&eve": 5000}
    assert "Payments booked up to 4 January 2026; ledger version 2." in done.stdout
    assert "Nothing booked after,2026-01-04" in (out / "evidence_about.csv").read_text()


def test_known_on_follows_what_had_been_taken_in_by_then(grown, tmp_path):
    out = tmp_path / "out"
    done = run(grown, "--payment", "p1", "--known-on", "2026-01-04", "--out", str(out), "--format", "evidence-pack")
    told, ends = ends_under("fifo", out)
    assert (told["ledger_version"], told["known_on"]) == (1, "2026-01-04")
    assert ends == {"ben": 10000}
    words = "ledger version 1: what had been taken in by the end of 4 January 2026 (UTC)"
    assert words in " ".join(done.stdout.split())
    assert words in (out / "trace.html").read_text()
    assert "Nothing taken in after,2026-01-04" in (out / "evidence_about.csv").read_text()


def test_a_version_gives_the_same_as_the_day_it_was_the_newest(grown, tmp_path):
    run(grown, "--payment", "p1", "--ledger-version", "1", "--out", str(tmp_path / "version"))
    run(grown, "--payment", "p1", "--known-on", "2026-01-03", "--out", str(tmp_path / "day"))
    first, second = (json.loads((tmp_path / name / "trace.json").read_text()) for name in ("version", "day"))
    assert {**first, "known_on": "2026-01-03"} == second


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--known-on", "2026-01-02"), "nothing had been taken in by the end of that day"),
        (("--ledger-version", "9"), "no version 9"),
        (("--as-of", "2025-12-31"), "no booked payments to follow"),
    ],
)
def test_a_day_or_version_with_nothing_in_it_is_refused(grown, words, error):
    with pytest.raises((InputError, StoreError), match=error):
        run(grown, "--payment", "p1", *words)


def said(folder, *words):
    """Give what is printed, with line breaks and columns made single spaces."""
    done = run(folder, "--payment", "p1", *words)
    assert done.exit_code == 0, done.output
    # A line that ends in a path is as long as the path.
    assert max(len(line) for line in done.stdout.splitlines() if str(folder.parent) not in line) <= 100
    return " ".join(done.stdout.split())


def test_what_is_printed_names_the_days_and_payments_of_every_endpoint(folder):
    printed = said(folder)
    assert "cash; 1 payment, 4 January 2026: p4" in printed
    assert "crypto assets; 1 payment, 5 January 2026: p6" in printed
    assert "times leave the order open" not in printed


def test_what_is_printed_says_what_is_left_how_fast_it_went_and_through_whom(folder):
    printed = said(folder)
    assert "fifo - 100.00 3 days 3 days 4 days" in printed
    assert "lifo 100.00 - - - -" in printed
    assert "fifo, taint_first: ben; 100.00 passed lifo, libr: none" in printed
    assert "What is left" not in said(folder, "--backward")
    assert "What is left" not in said(folder, "--rule", "poison")


DAYS = """
day 0  ext:x -> anna                        1000000.00 EUR
day 1  ext:own -> anna                      3000000.00 EUR
day 1  anna -> DE89370400440532013000       2000000.00 EUR
day 2  DE89370400440532013000 -> cash:atm-1 1500000.00 EUR atm_wd
day 3  anna -> cash:atm-1                    500000.00 EUR atm_wd
day 4  anna -> cash:atm-1                    600000.00 EUR atm_wd
day 5  anna -> cash:atm-1                    700000.00 EUR atm_wd
"""


def test_days_without_hours_are_printed_with_the_range_they_leave_and_the_largest_payments(tmp_path):
    ledger = Ledger.create(tmp_path / "ledger")
    payments = payments_from_arrows(DAYS)
    ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=["arrows"], side={})
    printed = said(ledger.path)
    assert "4 payments, 3 January 2026 to 6 January 2026: p4, p7, p6 and 1 smaller" in printed
    assert "times leave the order open: 0.00 to 500,000.00 under fifo" in printed
    assert "DE89370400440532013000" in printed
    assert "all its payments: add --out DIR" in printed
    assert "all its payments: in trace.json" in said(ledger.path, "--out", str(tmp_path / "out"))


def test_an_endpoint_that_only_another_order_of_the_same_day_reaches_is_printed_so(tmp_path):
    ledger = Ledger.create(tmp_path / "ledger")
    payments = payments_from_arrows("day 0  anna -> cash:atm  50 EUR atm_wd\nday 0  ext:x -> anna  80 EUR")
    ledger.commit(payments.to_reader(), rows=2, source_hashes=["arrows"], side={})
    printed = " ".join(run(ledger.path, "--payment", "p2", "--rule", "lifo").stdout.split())
    assert "cash; 1 payment, only if times were ordered otherwise: p1" in printed
    assert "times leave the order open: 0.00 to 50.00 under lifo" in printed
