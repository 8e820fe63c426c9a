"""Masks: no account number in anything people read, and every question about an alert has the answer it had."""

from __future__ import annotations

import io
import re
import zlib
from base64 import b64decode
from dataclasses import replace

import openpyxl
import pytest

from flows.payments import node_class
from reports.files import files
from reports.masking import HOLDERS, for_people, masks_of
from reports.report import page
from tests.reports.made_nights import with_night

FOR_PEOPLE = ("report.html", "alerts.csv", "alerts.xlsx", "summary.txt")


@pytest.fixture(scope="module")
def hidden(night):
    return with_night(replace(night, masked=True))


def holders(facts):
    named = {*facts.payments["payer"].to_pylist(), *facts.payments["payee"].to_pylist()}
    return {account for account in named if node_class(account) in HOLDERS}


def text_of(name, content):
    """Give everything that can be read in a file."""
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    packed = re.compile('class="folded">([A-Za-z0-9+/=]+)<')
    return packed.sub(lambda found: zlib.decompress(b64decode(found[1])).decode(), content.decode())


def test_nothing_people_read_holds_an_account_number(hidden):
    made = files(hidden, page(hidden))
    for name in FOR_PEOPLE:
        said = text_of(name, made[name])
        found = [account for account in holders(hidden) if account.removeprefix("ext:") in said]
        assert not found, f"{name} names {found}"
    assert "report.pdf" in made


def test_the_canary_would_be_found_in_an_unmasked_report(night):
    made = files(night, page(night))
    for name in ("report.html", "alerts.csv", "alerts.xlsx"):
        assert "ACC-40117" in text_of(name, made[name]), name
    assert "ACC-40117" not in made["summary.txt"].decode()


def test_files_for_programs_have_account_numbers_in_full(hidden, night):
    assert files(hidden, page(hidden))["alerts.json"] == files(night, page(night))["alerts.json"]


def test_an_alert_keeps_its_findings_payments_and_figures(night):
    masked = for_people(replace(night, masked=True))
    for before, after in zip(night.alerts, masked.alerts, strict=True):
        assert [f.finding_id for f in night.findings_of(before)] == [f.finding_id for f in masked.findings_of(after)]
        assert night.evidence(before)["payment_id"] == masked.evidence(after)["payment_id"]
        assert len({one.account_id for one in after.accounts}) == len(before.accounts)
        digits = re.compile(r"[\d,.]+ (?:EUR|USD)")
        assert digits.findall(before.title) == digits.findall(after.title)


def test_accounts_that_would_look_alike_are_told_apart_and_places_keep_their_names():
    masks = masks_of(["DE89370400440532", "ext:DE00000000000532", "FR1111110532", "cash:branch-12", "mer:rooms-direct"])
    assert masks == {
        "DE89370400440532": "…0532",
        "FR1111110532": "…0532 (2)",
        "ext:DE00000000000532": "ext:…0532",
    }


def test_facts_that_are_not_to_be_masked_are_given_as_they_are(night):
    assert for_people(night) is night


def test_a_night_says_whether_account_numbers_are_masked(night, hidden):
    assert "Account numbers are masked" in page(hidden).promise
    assert "stand here in full" in page(with_night(night)).promise
