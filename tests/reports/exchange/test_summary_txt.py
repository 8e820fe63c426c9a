from __future__ import annotations

import re
from dataclasses import replace

from detectors.notes import Note
from reports.exchange.summary_txt import SummaryTxt
from tests.reports.made_nights import with_night


def said(facts):
    return SummaryTxt().write(facts).decode()


def test_it_counts_and_names_alerts_by_number(night):
    text = said(with_night(night))
    assert "4 alerts; payments booked up to 2026-03-05." in text
    assert f"{night.alerts[0].alert_id}  enquire, grown" in text
    assert "Since last night: 1 new, 1 grown, 2 unchanged, 1 gone" in text
    assert "1 setting was changed." in text
    assert max(map(len, text.splitlines())) <= 72


def test_it_holds_no_account_no_amount_no_name_and_no_free_text(night):
    owner = Note("excluded", "{count} alert of Jane Roe", "{count} alerts of Jane Roe", 2)
    failed = {"fan-out": "broke at ACC-40117"}
    text = said(with_night(replace(night, notes=(owner,), failures=failed), hidden={"Jane Roe": 2}))
    accounts = {*night.payments["payer"].to_pylist(), *night.payments["payee"].to_pylist()}
    assert not [account for account in accounts if account in text]
    assert not re.search(r"\d EUR|\d USD|Jane|kb|safeguarding|ACC-", text)
    assert "Set aside on purpose: 1" in text


def test_a_scan_by_itself_says_nothing_of_last_night(night):
    assert "Since last night" not in said(night)
