from __future__ import annotations

import random
from dataclasses import replace

import pytest

from detectors.finding import Reason
from flows.arrows import payments_from_arrows
from flows.errors import PluginError
from flows.window import SideTables
from reports.alert import join
from reports.joining import Joining

OUTLIERS = ["isolation-forest"]


def test_one_network_gives_one_alert(night):
    ring = night.alerts[0]
    assert len(ring.findings) == 5
    assert ring.lead == "ACC-40117"
    assert {"ACC-40893", "ACC-55020"} <= {account.account_id for account in ring.accounts}
    assert ring.typology == "Gathering and passing on"


def test_the_title_says_who_what_how_much_and_when_without_adding_hops(night):
    assert night.alerts[0].title == (
        "Gathering and passing on: ACC-40117 and 2 more accounts took in 1,800.00 EUR from 13 payers and paid "
        "1,525.00 EUR to 2 payees, 2–5 March 2026"
    )


def test_alerts_do_not_depend_on_the_order_of_findings(night, example):
    rng = random.Random(3)
    for _ in range(5):
        findings = rng.sample(night.findings, len(night.findings))
        again = join(
            findings, night.payments, {"gov:tax"}, example.about_of, night.side, failures=["fan-out"], outliers=OUTLIERS
        )
        assert again.alerts == night.alerts


def test_an_alert_that_grows_keeps_its_number(night, example):
    later = "day 64 20:00  ext:n-299 -> ACC-40117  90.00 EUR p2p payment_id=later"
    payments = payments_from_arrows(example.arrows + later)
    reason = [Reason("{measured} came.", 1, None, "payments")]
    grown = [*night.findings, example.finding("fan-out", "ACC-40117", ["later"], 0.4, reason, payments)]
    tomorrow = join(grown, payments, {"gov:tax"}, example.about_of, night.side, outliers=OUTLIERS)
    ring = next(alert for alert in tomorrow.alerts if "later" in alert.payments)
    assert ring.alert_id == night.alerts[0].alert_id
    assert len(ring.payments) == len(night.alerts[0].payments) + 1


def test_alerts_come_by_tier_then_score(night):
    assert [alert.tier for alert in night.alerts] == ["enquire"] * 4
    assert list(night.alerts) == sorted(night.alerts, key=lambda alert: alert.order)


def test_a_lone_kind_of_evidence_is_an_enquiry(night):
    assert next(alert for alert in night.alerts if alert.lead == "ACC-77300").tier == "enquire"


def test_something_rare_alone_is_an_enquiry_named_by_its_detector(night):
    rare = next(alert for alert in night.alerts if alert.lead == "ACC-3003")
    assert (rare.tier, rare.typology) == ("enquire", "Unlike its peers")


def test_a_club_gets_its_ordinary_story_counted(night, example):
    club = next(alert for alert in night.alerts if alert.lead == "ACC-9000")
    without = join(night.findings, night.payments, (), example.about_of, SideTables(), outliers=OUTLIERS)
    unknown = next(alert for alert in without.alerts if alert.lead == "ACC-9000")
    assert [found.id for found in club.mitigations] == ["MIT-07"]
    assert club.score < unknown.score
    assert any("no accounts table" in missing for missing in unknown.not_computable)


def test_what_was_not_asked_or_failed_or_is_unknown_is_said(night):
    cash = next(alert for alert in night.alerts if alert.lead == "ACC-77300")
    said = " ".join(cash.not_computable)
    assert "Running costs of exploitation: no question" in said
    assert "What fan-out would have shown: it failed" in said
    assert "only the booking date is known" in said


def test_every_alert_has_an_innocent_story_a_source_and_what_would_clear_it(night):
    for alert in night.alerts:
        assert alert.innocent
        assert alert.sources
        assert alert.would_clear


def test_indicators_name_their_payments_and_the_strongest_comes_first(night):
    ring = night.alerts[0]
    assert [indicator.id for indicator in ring.indicators] == ["pass-through", "fan-in"]
    for indicator in ring.indicators:
        assert set(indicator.payments) <= set(ring.payments)
        assert indicator.support == len(indicator.payments)


def test_the_pieces_of_a_split_group_have_own_numbers_and_name_those_next_to_them(night, example):
    joined = join(
        night.findings, night.payments, (), example.about_of, outliers=OUTLIERS, joining=Joining(most_accounts=4)
    )
    pieces = [alert for alert in joined.alerts if alert.related]
    assert len(pieces) > 1
    related = {alert.alert_id: set(alert.related) for alert in pieces}
    assert all(id_ in related[other] for id_, others in related.items() for other in others)
    assert len({alert.alert_id for alert in joined.alerts}) == len(joined.alerts)
    assert len({alert.split_group for alert in pieces} - {None}) == 1
    assert all(alert.split_group is None for alert in joined.alerts if alert not in pieces)
    assert joined.notes[0].kind == "capped"
    assert joined.notes[0].count == len(pieces)


def test_the_strongest_detector_decides_the_name(example):
    lines = [f"day 0 1{n}:00  ext:{n} -> anna  50.00 EUR p2p" for n in range(6)]
    payments = payments_from_arrows("\n".join(lines))
    ids = payments["payment_id"].to_pylist()
    reason = [Reason("{measured}.", 1, None, "payments")]
    for strongest, name in (("fan-in", "Gathering from many"), ("structuring", "Amounts under a reporting threshold")):
        found = [
            example.finding(detector, "anna", ids, 0.9 if detector == strongest else 0.2, reason, payments)
            for detector in ("fan-in", "structuring")
        ]
        [alert] = join(found, payments, (), example.about_of, outliers=OUTLIERS).alerts
        assert alert.typology == name


def test_the_reason_told_is_of_the_finding_that_gave_the_name(example):
    lines = [f"day 0 1{n}:00  ext:{n} -> anna  50.00 EUR p2p" for n in range(6)]
    payments = payments_from_arrows("\n".join(lines))
    ids = payments["payment_id"].to_pylist()
    found = [
        example.finding(detector, "anna", ids, strength, [Reason(says, 6, None, "payments")], payments)
        for detector, strength, says in (("isolation-forest", 0.9, "Rare: {measured}."), ("fan-in", 0.5, "{measured}."))
    ]
    [alert] = join(found, payments, (), example.about_of, outliers=OUTLIERS).alerts
    assert alert.typology == "Gathering from many"
    assert alert.why == "At anna: 6 payments."


def test_headline_and_reason_are_of_one_account(example):
    taken = [f"day 0 1{n}:00  ext:{n} -> anna  50.00 EUR p2p" for n in range(6)]
    payments = payments_from_arrows("\n".join([*taken, "day 0 20:00  anna -> boss  290.00 EUR instant"]))
    ids = payments["payment_id"].to_pylist()
    found = [
        example.finding(detector, centre, of, strength, [Reason(says, 1, None, "payments")], payments)
        for detector, centre, of, strength, says in (
            ("structuring", "anna", ids[:6], 0.9, "Just under it: {measured}."),
            ("fan-out", "anna", ids, 0.8, "Paid on: {measured}."),
            ("pass-through", "boss", ids, 0.95, "Passed on: {measured}."),
            ("isolation-forest", "boss", ids, 0.9, "Rare: {measured}."),
        )
    ]
    [alert] = join(found, payments, (), example.about_of, outliers=OUTLIERS).alerts
    assert alert.lead == "anna"
    assert alert.title.startswith("Amounts under a reporting threshold")
    assert alert.why == "At anna: Just under it: 1 payment."


def test_where_a_hub_is_in_the_middle_the_reason_says_whose_it_is(example):
    payments = payments_from_arrows("day 0 10:00  anna -> shop  50.00 EUR p2p")
    reason = [Reason("{measured} came in.", 1, None, "payments")]
    found = [example.finding("fan-in", "shop", ["p1"], 0.9, reason, payments)]
    [alert] = join(found, payments, {"shop"}, example.about_of, outliers=OUTLIERS).alerts
    assert alert.lead == "anna"
    assert alert.why == "Beside it, at shop: 1 payment came in."


def test_payers_are_no_part_of_the_headline(example):
    lines = [f"day 0 1{n}:00  p{n} -> anna  50.00 EUR p2p" for n in range(6)]
    payments = payments_from_arrows("\n".join([*lines, "day 0 20:00  anna -> p0  10.00 EUR p2p"]))
    reason = [Reason("{measured}.", 1, None, "payments")]
    roles = [("anna", "collects"), *((f"p{n}", "pays in") for n in range(6))]
    found = [example.finding("fan-in", "anna", payments["payment_id"].to_pylist(), 0.8, reason, payments, roles)]
    [alert] = join(found, payments, (), example.about_of, outliers=OUTLIERS).alerts
    assert len(alert.accounts) == 7
    assert [account.account_id for account in alert.in_pattern] == ["anna"]
    assert "more account" not in alert.title


def test_an_account_at_a_centre_leads_not_the_payer_all_findings_share(example):
    wages = [f"day 0 0{n}:00  ext:firm -> w{n}  900.00 EUR payroll_file" for n in range(3)]
    passed = [f"day 0 1{n}:00  w{n} -> boss  850.00 EUR instant" for n in range(3)]
    payments = payments_from_arrows("\n".join([*wages, *passed]))
    reason = [Reason("{measured}.", 1, None, "payments")]
    found = [
        example.finding("pass-through", f"w{n}", [f"p{n + 1}", f"p{n + 4}"], 0.5, reason, payments) for n in range(3)
    ]
    [alert] = join(found, payments, (), example.about_of, outliers=OUTLIERS).alerts
    assert alert.lead in {"w0", "w1", "w2"}


def test_what_is_too_faint_is_counted(night, example):
    joined = join(
        night.findings, night.payments, (), example.about_of, outliers=OUTLIERS, joining=Joining(least_score=0.3)
    )
    assert len(joined.alerts) == 2
    assert joined.notes[0].sentence.startswith("2 groups of findings weigh less than 0.30 and raised no alert")


def test_nothing_found_gives_no_alert(night, example):
    assert join([], night.payments, (), example.about_of).alerts == ()


def test_a_payment_nobody_handed_over_is_refused(night, example):
    with pytest.raises(PluginError, match="not in the table"):
        join(night.findings, night.payments.slice(3), (), example.about_of)


def test_a_finding_of_an_unknown_detector_is_refused(night, example):
    stranger = replace(night.findings[0], detector="nobody")
    with pytest.raises(PluginError, match="was not run"):
        join([stranger], night.payments, (), example.about_of)


def test_a_payment_to_oneself_can_be_told(example):
    payments = payments_from_arrows("day 0 10:00  anna -> anna  40.00 EUR internal")
    reason = [Reason("{measured}.", 1, None, "payments")]
    alone = example.finding("fan-out", "anna", ["p1"], 0.5, reason, payments)
    [alert] = join([alone], payments, (), example.about_of).alerts
    assert alert.title.endswith("anna paid itself, 1 January 2026")
