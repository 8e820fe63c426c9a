"""What every detector owes, whatever it asks: a member of a shelf is held to this by existing."""

import dataclasses
import pickle
import tomllib
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.about import LEGS, About, settable
from detectors.finding import said
from detectors.interface import SEARCHED, Reading
from detectors.surprise import UNREAD
from flows.money import CURRENCIES, exponent
from flows.payments import OUTSIDE_PREFIXES, PAYMENTS
from flows.plugins import Shelf
from flows.window import Reach, SideTables, cut_by_account, cut_by_time, no_payments, times, whole

SOURCES = Path(__file__).parents[2] / "detectors" / "sources.toml"
GREGORIAN_CYCLE = timedelta(days=146_097)  # 400 years: weekdays, month lengths and leap years all fall as before


def answers(detector, window):
    """Give the findings of a window, those it owns, as a bag."""
    return Counter(finding for finding in detector.find(window) if window.owns(finding.centre, finding.first_at))


def told(finding, accounts=lambda name: name):
    """Give what a finding says, with its accounts renamed and without their order."""
    return (
        accounts(finding.centre),
        frozenset(map(accounts, finding.accounts)),
        finding.payments,
        finding.first_at,
        finding.last_at,
        finding.strength,
        tuple(reason.sentence for reason in finding.reasons),
        frozenset((accounts(name), role) for name, role in finding.roles),
        finding.surprise,
    )


def test_it_says_what_it_is(shelf, motif):
    about = Shelf(f"detectors.{shelf}").load(motif).about
    assert isinstance(about, About)
    assert about.leg in LEGS
    assert about.question.endswith("?")


def test_its_sources_are_listed(shelf, motif):
    with SOURCES.open("rb") as file:
        listed = tomllib.load(file)
    unknown = set(Shelf(f"detectors.{shelf}").load(motif).about.sources) - listed.keys()
    assert not unknown, f"add to detectors/sources.toml: {sorted(unknown)}"


def test_its_docstring_is_a_page(shelf, motif):
    text = Shelf(f"detectors.{shelf}").load(motif).__doc__ or ""
    assert len(text.split()) > 30, "say what it looks for, when it is wrong, and where the definition comes from"


def test_its_parameters_have_a_unit_and_a_reason(shelf, motif):
    detector_class = Shelf(f"detectors.{shelf}").load(motif)
    parameters = settable(detector_class)
    assert {field.name for field in dataclasses.fields(detector_class)} == parameters.keys()
    for name, field in parameters.items():
        limits = field.metadata
        assert limits["unit"], name
        assert len(limits["why"].split()) >= 3, f"{name}: say where the default comes from"
        assert limits["least"] is None or field.default >= limits["least"], name
        assert limits["most"] is None or field.default <= limits["most"], name
        assert hash(field.default) is not None


def test_it_is_a_frozen_value_that_travels(shelf, motif):
    detector = Shelf(f"detectors.{shelf}").load(motif)()
    assert type(detector).__dataclass_params__.frozen
    assert pickle.loads(pickle.dumps(detector)) == detector


def test_it_declares_a_reach_that_fits_its_cut(shelf, motif):
    reach = Shelf(f"detectors.{shelf}").load(motif)().reach
    assert isinstance(reach, Reach)
    assert reach.back >= timedelta(0)
    assert reach.ahead >= timedelta(0)
    if reach.cut == "account":
        assert reach.back == reach.ahead == timedelta(0)


def test_it_has_a_case_that_finds_and_an_innocent_one(cases):
    assert any(case.finds for case in cases), "write a case that finds something"
    assert any(not case.finds and case.payments.num_rows for case in cases), "write an innocent case with finds = []"


def test_nothing_is_found_in_nothing(shelf, motif):
    detector = Shelf(f"detectors.{shelf}").load(motif)()
    assert not list(detector.find(whole(no_payments(), cut=detector.reach.cut)))


def test_a_finding_names_its_detector_and_version(case):
    for finding in case.as_written:
        assert (finding.detector, finding.version) == (case.detector_id, case.detector_class.about.version)


def test_evidence_lies_in_the_window_in_the_order_of_time(case):
    check_evidence(case, case.window())


def check_evidence(case, window):
    """Give the findings of a window that owns everything, after a look at their evidence."""
    row = {name: index for index, name in enumerate(window.payments["payment_id"].to_pylist())}
    at = times(window.payments)
    ends = list(zip(window.payments["payer"].to_pylist(), window.payments["payee"].to_pylist(), strict=True))
    findings = list(case.detector().find(window))
    for finding in findings:
        rows = [row[name] for name in finding.payments]
        assert rows == sorted(set(rows)), "each payment once, in the order of the window"
        assert (finding.first_at, finding.last_at) == (at[rows[0]], at[rows[-1]])
        assert type(finding.first_at) is int
        assert finding.accounts[0] == finding.centre
        assert list(finding.accounts[1:]) == sorted(set(finding.accounts[1:]) - {finding.centre})
        assert set(finding.accounts) <= {name for index in rows for name in ends[index]}
        assert {name for name, _ in finding.roles} <= set(finding.accounts)
    return findings


def test_every_reason_holds_its_number(case):
    for finding in case.as_written:
        for reason in finding.reasons:
            assert isinstance(reason.measured, int | float), "a plain number, not one of numpy"
            assert said(reason.measured, reason.unit) in reason.sentence
            assert reason.limit is None or said(reason.limit, reason.unit) in reason.sentence


def test_findings_travel(case):
    for finding in case.as_written:
        assert pickle.loads(pickle.dumps(finding)) == finding
        assert pickle.loads(pickle.dumps(finding)).finding_id == finding.finding_id


def test_the_same_window_gives_the_same_answer_twice(case):
    window = case.window()
    assert list(case.detector().find(window)) == list(case.detector().find(window))


def test_the_order_of_rows_changes_nothing(case):
    shuffled = np.random.default_rng(7).permutation(case.payments.num_rows)
    window = case.window(case.payments.take(pa.array(shuffled)))
    assert answers(case.detector(), window) == Counter(case.as_written)


def test_it_reads_no_column_but_those_it_names(case):
    detector, window = case.detector(), case.window()
    if isinstance(detector, Reading):
        held = [name for name in PAYMENTS.names if name in SEARCHED | detector.columns]
        narrow = dataclasses.replace(window, payments=window.payments.select(held), _memo={})
        assert list(detector.find(narrow)) == list(detector.find(window))


@pytest.mark.parametrize("order", ["kept", "reversed"])
def test_the_names_of_accounts_change_nothing(case, order):
    renamed = renaming(case, reverse=order == "reversed")
    payments = case.payments
    for column in ("payer", "payee"):
        payments = replaced(payments, column, map(renamed.get, payments[column].to_pylist()))
    accounts = case.side.accounts
    if accounts is not None:
        ids = accounts["account_id"].to_pylist()
        accounts = replaced(accounts, "account_id", (renamed.get(name, name) for name in ids))
    side = SideTables(accounts, case.side.customers, case.side.links)
    other = dataclasses.replace(case, payments=payments, side=side, hubs={renamed.get(hub, hub) for hub in case.hubs})

    expected = Counter(told(finding, renamed.get) for finding in case.as_written)
    assert Counter(map(told, answers(case.detector(), other.window()))) == expected


def test_what_is_shuffled_is_found_without_the_columns_that_shuffles_leave_out(case):
    window = case.window()
    payments = window.payments
    for column in UNREAD if case.detector_class.about.shuffled else ():
        payments = replaced(payments, column, [None] * payments.num_rows)
    without = dataclasses.replace(window, payments=payments, _memo={})
    assert answers(case.detector(), without) == Counter(case.as_written)


def renaming(case, *, reverse):
    """Give every account a new name of the same class."""
    names = sorted({*case.payments["payer"].to_pylist(), *case.payments["payee"].to_pylist()}, reverse=reverse)
    classes = {name: next((prefix for prefix in OUTSIDE_PREFIXES if name.startswith(prefix)), "") for name in names}
    return {name: f"{classes[name]}n{index:04d}" for index, name in enumerate(names)}


def replaced(table, column, values):
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(column), pa.array(values, table.schema.field(column).type))


@pytest.mark.parametrize("shift", [timedelta(days=7), GREGORIAN_CYCLE], ids=["a week", "400 years"])
def test_a_shift_in_time_changes_nothing(case, shift):
    if case.calendar and shift != GREGORIAN_CYCLE:
        shift = 2 * GREGORIAN_CYCLE  # months matter to this case, so only whole turns of the calendar may pass
    found = answers(case.detector(), case.window(moved(case.payments, shift)))
    assert Counter((finding.centre, finding.payments, finding.strength) for finding in found) == Counter(
        (finding.centre, finding.payments, finding.strength) for finding in case.as_written
    )


def moved(payments, shift):
    for column in ("at", "sent_at"):
        payments = replaced(payments, column, pc.add(payments[column], pa.scalar(shift, pa.duration("us"))).to_pylist())
    booked = (None if day is None else day + shift for day in payments["booked_on"].to_pylist())
    return replaced(payments, "booked_on", booked)


def test_another_currency_changes_nothing(case):
    codes = sorted(set(case.payments["currency"].to_pylist()))
    free = sorted(CURRENCIES - set(codes))
    other = {}
    for code in codes:
        other[code] = next(name for name in free if exponent(name) == exponent(code) and name not in other.values())
    payments = replaced(case.payments, "currency", map(other.get, case.payments["currency"].to_pylist()))

    found = answers(case.detector(), case.window(payments))
    expected = () if case.money else case.as_written
    assert Counter((finding.centre, finding.payments, finding.strength) for finding in found) == Counter(
        (finding.centre, finding.payments, finding.strength) for finding in expected
    )


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_cutting_loses_no_finding_and_doubles_none(case, data):
    payments = data.draw(variations(case), "payments")
    names = sorted({*payments["payer"].to_pylist(), *payments["payee"].to_pylist()})
    hubs = case.hubs | data.draw(st.sets(st.sampled_from(names), max_size=2), "hubs")
    window = case.window(payments, hubs)
    uncut = Counter(check_evidence(case, window))
    detector = case.detector()
    if detector.reach.cut == "account":
        pieces = cut_by_account(window, data.draw(st.integers(2, 7), "buckets"), detector.reach.whose)
    else:
        at = times(window.payments)
        span = int(at[-1] - at[0]) + 1
        step = data.draw(st.integers(max(1, span // 12), span), "microseconds of a slice")
        pieces = cut_by_time(window, detector.reach, timedelta(microseconds=step))

    pieced = Counter()
    for piece in pieces:
        pieced.update(pickle.loads(pickle.dumps(answers(detector, piece))))

    assert pieced == uncut


@st.composite
def variations(draw, case):
    """Give the case's payments with some gone, some again, some at the same time or just beside, some turned round."""
    rows = case.payments.to_pylist()
    names = sorted({*(row["payer"] for row in rows), *(row["payee"] for row in rows)})
    place = st.integers(0, len(rows) - 1)
    gone = draw(st.sets(place, max_size=len(rows) // 3))
    kept = [row for index, row in enumerate(rows) if index not in gone]
    reach = case.detector().reach
    # Edges of the reach are where a wrong one shows; a microsecond to either side of them most of all.
    spans = sorted({timedelta(0), timedelta(hours=1), timedelta(days=1), reach.back, reach.ahead, reach.ahead / 2})
    nudges = [sign * (span + timedelta(microseconds=tick)) for span in spans for tick in (-1, 0, 1) for sign in (-1, 1)]
    for number in range(draw(st.integers(0, 12))):
        like, when = rows[draw(place)], rows[draw(place)]
        nudge = draw(st.sampled_from(nudges))
        row = {**like, "payment_id": f"x{number}", "at": when["at"] + nudge}
        row["sent_at"] = None if like["sent_at"] is None else row["at"]
        row["booked_on"] = row["at"].date()
        if draw(st.booleans()):
            row["payer"], row["payee"] = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        kept.append(row)
    if draw(st.booleans()):  # the whole case again, soon after: findings that overlap
        nudge = draw(st.sampled_from([nudge for nudge in nudges if nudge > timedelta(0)]))
        kept += [again(row, nudge) for row in rows]
    kept = kept or rows
    return pa.Table.from_pylist(kept, schema=PAYMENTS)


def again(row, nudge):
    at = row["at"] + nudge
    return {
        **row,
        "payment_id": row["payment_id"] + "-again",
        "at": at,
        "sent_at": None if row["sent_at"] is None else at,
        "booked_on": at.date(),
        "reversal_of": row["reversal_of"] and row["reversal_of"] + "-again",
    }


def test_accounts_that_serve_the_public_do_not_trip_it(case):
    names = sorted({*case.payments["payer"].to_pylist(), *case.payments["payee"].to_pylist()})
    for hubs in [names, *([name] for name in names[:10])]:
        check_evidence(case, case.window(hubs=hubs))
