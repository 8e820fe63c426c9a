"""The tuning bench counts honestly and says of every alert that differs what became of it and why."""

from __future__ import annotations

import dataclasses
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from detectors.finding import Finding, Reason
from flows.payments import LABELS, PAYMENTS
from reports.alert import Alert, Indicator
from reports.blocks import Page
from reports.facts import ScanFacts, Scanned
from reports.renderers.html import Html
from reports.tuning import Outcomes, Replayed, Share, compared, figures, matched, outcomes
from reports.tuning_page import Tuned, tuning_page

NIGHT = date(2026, 3, 1)
NOTHING_KNOWN = Outcomes({}, {})


def finding(detector: str, account: str, *payments: str) -> Finding:
    reasons = (Reason("{measured}", 1, None, "payments"),)
    return Finding(detector, 1, account, (account,), payments, 0, 0, 0.5, reasons)


def alert(id_: str, *found: Finding, score: float = 0.5, tier: str = "enquire") -> Alert:
    values = dict.fromkeys(Alert.__dataclass_fields__)
    payments = tuple(dict.fromkeys(payment for one in found for payment in one.payments))
    return Alert(
        **{
            **values,
            "alert_id": id_,
            "tier": tier,
            "title": f"title of {id_}",
            "score": score,
            "payments": payments,
            "subjects": tuple(sorted({one.centre for one in found})),
            "findings": tuple(one.finding_id for one in found),
            "indicators": tuple(Indicator(one.detector, 0.5, 1, "", one.payments) for one in found),
        }
    )


def night(alerts: list[Alert], findings: list[Finding], capacity: int | None = None, day: date = NIGHT) -> Replayed:
    scanned = Scanned(1, 1, 1, day, day, {})
    facts = ScanFacts(
        alerts=tuple(alerts),
        findings=tuple(findings),
        payments=PAYMENTS.empty_table(),
        scanned=scanned,
        about_of={},
        as_of=day,
        capacity=capacity,
    )
    return Replayed(day, facts)


@settings(deadline=None)
@given(of=st.integers(1, 400), share=st.floats(0, 1))
def test_the_interval_is_wilsons(of, share):
    found = round(share * of)
    low, high = Share(found, of).interval
    wanted = binomtest(found, of).proportion_ci(method="wilson")
    assert low == pytest.approx(wanted.low, abs=1e-6)
    assert high == pytest.approx(wanted.high, abs=1e-6)
    assert low <= found / of <= high


def test_of_nothing_no_share_is_said():
    assert Share(0, 0).figure is None
    assert Share(0, 0).interval == (0.0, 1.0)


def test_outcomes_come_from_labels_and_judgements_and_unsure_is_none():
    rows = [
        {"subject": "a", "case_id": "A-1", "outcome": "useful"},
        {"subject": "b", "case_id": "A-2", "outcome": "not_useful"},
        {"subject": "c", "case_id": None, "outcome": "planted"},
        {"subject": "d", "case_id": "A-3", "outcome": "unsure"},
    ]
    table = pa.Table.from_pylist([dict.fromkeys(LABELS.names) | row for row in rows], schema=LABELS)
    known = outcomes([table])
    told = [known.of(alert(id_, finding("fan-in", account, "p"))) for id_, account in
            [("A-1", "x"), ("A-9", "b"), ("A-9", "c"), ("A-9", "d"), ("A-9", "z")]]  # fmt: skip
    assert told == [True, False, True, None, None]
    complete = dataclasses.replace(known, complete=True)
    assert complete.of(alert("A-9", finding("fan-in", "z", "p"))) is False


def test_an_alert_counts_once_where_it_stood_highest():
    found = [finding("fan-in", f"a{number}", f"p{number}") for number in range(14)]
    alerts = [alert(f"A-{number:02d}", one) for number, one in enumerate(found)]
    known = Outcomes({"A-00": True, "A-13": False, "A-05": True}, {})
    first = night(alerts, found, capacity=1)
    second = night([alerts[13], *alerts[:13]], found, capacity=1, day=date(2026, 3, 8))
    made = figures("in force", [first, second], known)
    assert made.alerts == 14
    assert made.told == 2
    assert (made.useful_above.found, made.useful_above.of) == (1, 2)
    assert (made.useful_just_below.found, made.useful_just_below.of) == (1, 1)
    assert made.by_night == ((NIGHT, 14, 1), (date(2026, 3, 8), 14, 1))


def test_an_alert_that_lost_its_evidence_names_the_detector():
    fan, ring = finding("fan-in", "a", "p1"), finding("round-trip", "b", "p2")
    before = night([alert("A-1", fan), alert("A-2", ring)], [fan, ring])
    (one,) = compared([before], [night([alert("A-2", ring)], [ring])], NOTHING_KNOWN, least_score=0.0)
    assert (one.alert_id, one.change) == ("A-1", "only before")
    assert one.why == "there nothing is found by fan-in"
    (other,) = compared([night([alert("A-2", ring)], [ring])], [before], NOTHING_KNOWN, least_score=0.0)
    assert (other.alert_id, other.change) == ("A-1", "only after")


def test_an_alert_too_light_for_the_other_settings_says_so():
    fan = finding("fan-in", "a", "p1")
    before, after = night([alert("A-1", fan, score=0.2)], [fan]), night([], [fan])
    (one,) = compared([before], [after], NOTHING_KNOWN, least_score=0.25)
    assert one.why == "it weighs 0.20, and there 0.25 is needed"


def test_an_alert_that_crosses_the_line_says_how():
    found = [finding("fan-in", f"a{number}", f"p{number}") for number in range(2)]
    alerts = [alert(f"A-{number}", one) for number, one in enumerate(found)]
    known = Outcomes({"A-1": True}, {})
    (fewer,) = compared([night(alerts, found, 2)], [night(alerts, found, 1)], known, least_score=0.0)
    assert (fewer.alert_id, fewer.change, fewer.useful) == ("A-1", "falls below the line", True)
    assert fewer.why == "it stands at place 2 (before: 2), and people can look at 1"
    heavier = [alert("A-1", found[1], score=0.9), alerts[0]]
    rises, falls = compared([night(alerts, found, 1)], [night(heavier, found, 1)], known, least_score=0.0)[::-1]
    assert (rises.change, rises.why) == ("rises above the line", "score 0.500 becomes 0.900")
    assert (falls.change, falls.why) == ("falls below the line", "place 1 becomes 2: others stand before it")


def test_alerts_are_the_same_by_id_or_by_most_of_the_smaller_one():
    big, grown = finding("fan-in", "a", "p1", "p2", "p3"), finding("fan-in", "a", "p0", "p1", "p2", "p3")
    other = finding("fan-in", "b", "p9", "p3")
    assert matched([alert("A-1", big)], [alert("A-7", other), alert("A-8", grown)]) == {"A-1": "A-8"}
    assert matched([alert("A-1", big)], [alert("A-8", finding("fan-in", "c", "p3", "p8", "p9"))]) == {}
    assert matched([alert("A-1", big)], [alert("A-1", other), alert("A-8", grown)]) == {"A-1": "A-1"}


def test_the_page_tells_counts_differences_and_reasons():
    fan = finding("fan-in", "a", "p1")
    before, after = [night([alert("A-1", fan)], [fan])], [night([], [])]
    known = Outcomes({"A-1": True}, {})
    tuned = Tuned(
        (figures("in force", before, known), figures("bank.toml", after, known)),
        {"bank.toml": compared(before, after, known, least_score=0.0)},
        {"bank.toml": ("[detectors.fan-in] enabled was true and is false.",)},
        1,
    )
    page = tuning_page(tuned)
    assert isinstance(page, Page)
    html = Html().render(page).decode()
    for said in (
        "there nothing is found by fan-in",
        "enabled was true and is false",
        "1 of 1; 21 to 100 %",
        "none known",
    ):
        assert said in html


def test_a_swept_key_is_drawn_value_by_value_and_a_single_challenger_is_not():
    fan = finding("fan-in", "a", "p1")
    some, none = [night([alert("A-1", fan)], [fan])], [night([], [])]
    known = Outcomes({"A-1": True}, {})
    every = [figures("in force", some, known)]
    every += [figures(f"alerts.least_score = {value}", given, known) for value, given in (("0.1", some), ("0.9", none))]
    alerts, shares = (block for block in tuning_page(Tuned(tuple(every), {}, {}, 1)).parts[1].blocks[1:])
    assert alerts.days == shares.days == ("0.1", "0.9")
    assert [series.values for series in alerts.series] == [(1.0, 0.0), (1.0, 0.0)]
    assert shares.series[0].values == (100.0, None)
    html = Html().render(tuning_page(Tuned(tuple(every), {}, {}, 1))).decode()
    assert "Alerts by value tried: 2 values" in html
    assert "0.9: 0 alerts" in html
    assert len(tuning_page(Tuned(tuple(every[:2]), {}, {}, 1)).parts[1].blocks) == 1
