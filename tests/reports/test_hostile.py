"""What an attacker may write into any field of a night stays text in every file that people open."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from base64 import b64decode
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from detectors.finding import Reason
from detectors.notes import Note
from flows import duck
from flows.arrows import payments_from_arrows
from flows.quality import Gap, Quality, QuietDay
from graphs.habits import habits_in
from reports.alert import join
from reports.facts import ScannedFile
from reports.files import files
from reports.night import Change, Said
from reports.report import page
from reports.usual import Alike, Usual, asked_of
from tests.reports.made_nights import with_night

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img/src=x/onerror=alert(1)>',
    "</script><svg/onload=alert(1)>",
    "'onmouseover='alert(1)",
    "=cmd|'/c'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "{{7*7}}{%raw%}",
    '#panic("x")',
    '#eval("1")*bold*_it_`raw`$x$',
    "javascript:alert(1)",
)
LEADING = ("href", "src", "action", "formaction", "xlink:href")
RISKY = tuple("=+-@\t\r")


class Tags(HTMLParser):
    """Which tags and attributes a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.listening: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.listening += [
            name for name, value in attrs if name.startswith("on") or (name in LEADING and value[:1] != "#")
        ]


def unpacked(content: bytes) -> str:
    packed = re.compile('<script type="application/octet-stream" class="folded">([A-Za-z0-9+/=]+)</script>')
    return packed.sub(lambda found: zlib.decompress(b64decode(found[1])).decode(), content.decode())


@pytest.fixture(scope="module")
def hostile(night, example):
    """A night with hostile text in every field that is not ours: accounts, towns, reasons, people, files, settings."""
    # Arrow notation takes what follows a # for a comment.
    names = [text.replace("#", "") for text in HOSTILE]
    lines = [
        f"day 0 1{n % 10}:0{n // 10} {text} -> to{text} {100 + n}.00 EUR p2p city={text}"
        for n, text in enumerate(names)
    ]
    payments = payments_from_arrows("\n".join(lines))
    found = [
        example.finding(
            "fan-in",
            f"to{names[number - 1]}",
            [f"p{number}"],
            0.5,
            [Reason(f"{text.replace('{', '{{').replace('}', '}}')} {{measured}}.", 1, None, "payments")],
            payments,
            [(text, text)],
        )
        for number, text in enumerate(HOSTILE, 1)
    ]
    about_of = {**example.about_of, "fan-in": example.about(HOSTILE[0], "REV", question=HOSTILE[1], innocent=HOSTILE)}
    alerts = join(found, payments, (), about_of).alerts
    asked = [stretch for alert in alerts for stretch in asked_of(alert)]
    with duck.connection() as opened:
        opened.register("counted", payments)
        habits = habits_in(opened, asked)
    facts = replace(
        night,
        alerts=alerts,
        findings=tuple(found),
        payments=payments,
        about_of=about_of,
        failures={"fan-out": HOSTILE[0]},
        rejects=dict.fromkeys(HOSTILE, 1),
        notes=tuple(Note("skipped", "{x}", "{x}", 1, values=(("x", text),)) for text in HOSTILE),
        scanned=replace(night.scanned, files=tuple(ScannedFile(text, text, 1, 1, 0, 0) for text in HOSTILE)),
        quality=Quality((Gap(HOSTILE[0], 1, 1),), ((HOSTILE[1], 1),), (QuietDay(date(2026, 1, 1), 0, 9),)),
        usual=Usual(habits, {one.account: Alike(HOSTILE[0], 3, 30, {"night": (0.0, 0.1)}) for one in asked}),
        run={"drift": {HOSTILE[0]: {HOSTILE[1]: 0.5}}, **{text: text for text in HOSTILE}},
    )
    return with_night(
        facts,
        said={one.alert_id: tuple(Said(date(2026, 3, 2), text, text, text) for text in HOSTILE) for one in alerts},
        earlier={one.alert_id: HOSTILE for one in alerts},
        changes=tuple(Change(one.alert_id, "grown", one.title, one.tier, HOSTILE[0]) for one in alerts)
        + tuple(Change(text, "gone", text, text, text) for text in HOSTILE),
        settings_before={text: {text: text} for text in HOSTILE},
        late=dict.fromkeys(HOSTILE, 2),
        hidden=dict.fromkeys(HOSTILE, 2),
        drift=HOSTILE,
    )


@pytest.fixture(scope="module")
def written(hostile):
    return files(hostile, page(hostile))


def test_a_page_makes_no_tag_of_it(written, night):
    made, ordinary = Tags(unpacked(written["report.html"])), Tags(unpacked(files(night, page(night))["report.html"]))
    assert made.seen <= ordinary.seen | {"noscript", "polyline"}
    assert made.listening == []


def test_no_cell_of_the_csv_is_run_as_a_formula(written):
    rows = list(csv.reader(io.StringIO(written["alerts.csv"].decode(), newline="")))
    assert len(rows) == len(HOSTILE) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(RISKY) and not re.fullmatch(r"-?[\d.]+", cell)]


def test_the_workbook_holds_text_and_no_formula_and_no_link(written):
    book = zipfile.ZipFile(io.BytesIO(written["alerts.xlsx"]))
    sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet]
    texts = re.findall(r"<t[^>]*>(.*?)</t>", book.read("xl/sharedStrings.xml").decode(), re.DOTALL)
    assert not [text for text in texts if text.startswith(RISKY)]


def test_the_print_takes_it_for_text(written):
    assert written["report.pdf"].startswith(b"%PDF")


def test_the_body_of_the_mail_has_none_of_it(written):
    text = written["summary.txt"].decode()
    assert not [one for one in HOSTILE if one in text]
