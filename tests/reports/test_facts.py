from __future__ import annotations

from dataclasses import replace


def test_the_evidence_of_an_alert_is_its_payments_in_order(night):
    alert = night.alerts[0]
    assert night.evidence(alert)["payment_id"].to_pylist() == list(alert.payments)


def test_an_alert_without_payments_has_an_empty_table(night):
    assert night.evidence(replace(night.alerts[0], payments=())).num_rows == 0


def test_findings_of_an_alert_come_strongest_first(night):
    strengths = [finding.strength for finding in night.findings_of(night.alerts[0])]
    assert strengths == sorted(strengths, reverse=True)
    assert len(strengths) == 5
