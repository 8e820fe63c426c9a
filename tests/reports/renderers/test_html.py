from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from detectors.finding import Reason
from flows.arrows import payments_from_arrows
from flows.language import speaking
from reports.alert import join
from reports.page_words import TEMPLATES
from reports.renderers.html import MOST_STATIC, Html
from reports.report import page, render

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img/src=x/onerror=alert(1)>',
    "</script><b>x",
    "'onmouseover='alert(1)",
    "=cmd|'/c'!A1",
    "{{7*7}}{%raw%}",
    "acc\u202e\u200b1",
    "javascript:alert(1)",
    "x" * 400,
)


class Tags(HTMLParser):
    """What a browser would make of a page: its tags and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def unpacked(text: str) -> str:
    """Unfold every alert of a page, as a browser does."""
    packed = re.compile('<script type="application/octet-stream" class="folded">([A-Za-z0-9+/=]+)</script>')
    return packed.sub(lambda found: zlib.decompress(b64decode(found[1])).decode(), text)


@pytest.fixture(scope="module")
def hostile(night, example):
    lines = [f"day 0 1{n}:00 {text} -> col{text} {100 + n}.00 EUR p2p city={text}" for n, text in enumerate(HOSTILE)]
    payments = payments_from_arrows("\n".join(lines))
    found = []
    for number, text in enumerate(HOSTILE, 1):
        about = [Reason(f"{text.replace('{', '{{').replace('}', '}}')} {{measured}}.", 1, None, "payments")]
        roles = [(text, text)]
        found.append(example.finding("fan-in", f"col{text}", [f"p{number}"], 0.5, about, payments, roles))
    about_of = {**example.about_of, "fan-in": example.about(HOSTILE[0], "REV", question=HOSTILE[1], innocent=HOSTILE)}
    alerts = join(found, payments, (), about_of).alerts
    return replace(
        night,
        alerts=alerts * 6,
        findings=tuple(found),
        payments=payments,
        about_of=about_of,
        failures={"fan-out": HOSTILE[0]},
        rejects=dict.fromkeys(HOSTILE, 1),
        run={text: text for text in HOSTILE},
    )


def test_text_from_data_never_becomes_a_tag(night, hostile):
    packed = render(page(hostile)).decode()
    assert len(hostile.alerts) > MOST_STATIC
    # The page's own, and of every alert the facts of its moving picture, or all of it where it is folded.
    assert packed.count("<script") == 1 + len(hostile.alerts)
    text = unpacked(packed)
    assert text.count("<script") == 1 + len(hostile.alerts)
    seen = Tags(text).tags
    expected = {tag for tag, _ in Tags(unpacked(render(page(night)).decode())).tags} | {"noscript"}
    assert {tag for tag, _ in seen} <= expected
    assert not [name for _, attributes in seen for name in attributes if name.startswith("on")]
    assert "<script>alert" not in text
    assert "<img" not in text


def test_hidden_characters_are_shown(hostile):
    text = unpacked(render(page(hostile)).decode())
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert "acc⟨U+202E⟩⟨U+200B⟩1" in text


def test_the_page_names_no_address_to_load_from(night):
    text = render(page(night)).decode()
    assert "default-src &#39;none&#39;" in text
    for tag, attributes in Tags(text).tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "form", "base"}
        assert "src" not in attributes
        assert attributes.get("href", "#").startswith("#")
    assert not re.search(r"url\(|@import|https?://", text)


def test_alerts_beyond_a_nights_capacity_are_folded_and_lose_nothing(night):
    many = replace(night, alerts=night.alerts * 20)
    text = render(page(many)).decode()
    assert text.count('class="folded"') == 80 - MOST_STATIC
    assert unpacked(text).count('<svg class="network"') == 80
    assert len(text) < len(unpacked(text)) / 2


def test_every_alert_is_on_the_page_with_its_payments(night):
    text = unpacked(render(page(night)).decode())
    for alert in night.alerts:
        assert f'id="{alert.alert_id}"' in text
        assert all(f">{payment_id}</td>" in text for payment_id in alert.payments)


def test_the_page_has_a_language_a_skip_link_and_sortable_heads(night):
    tags = Tags(render(page(night)).decode()).tags
    assert ("html", {"lang": "en"}) in tags
    assert any(tag == "a" and attributes.get("class") == "skip" for tag, attributes in tags)
    heads = [attributes for tag, attributes in tags if tag == "th"]
    assert heads
    assert all(head["scope"] == "col" and head["aria-sort"] == "none" for head in heads)


def test_ids_of_the_page_are_there_once(night):
    ids = [attributes["id"] for _, attributes in Tags(render(page(night)).decode()).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {part.id for part in page(night).parts} <= set(ids)


def test_templates_and_scripts_say_nothing_in_english_alone():
    for name in TEMPLATES:
        text = files("reports").joinpath("assets", name).read_text(encoding="utf-8")
        text = re.sub(r"{%.*?%}|{#.*?#}|{{.*?}}", "", text, flags=re.DOTALL)
        attributes = re.findall(r'(?:title|aria-label|placeholder|alt)="([^"]*)"', text)
        left = [*re.findall(r">([^<>]*)<", text), *attributes]
        assert not [words for words in left if re.search(r"[A-Za-z]{3}", words)], name


def test_a_page_in_another_language_brings_its_scripts_their_words_and_one_in_english_none():
    with speaking("fr"):
        french = Html().piece("case", ())
    (brought,) = re.findall('<script type="application/json" id="page-words">(.*?)</script>', french)
    words = json.loads(brought)
    assert words["Open all"] == "Tout ouvrir"
    assert (words["{count} row copied"], words["{count} rows copied"]) == (
        "{count} ligne copiée",
        "{count} lignes copiées",
    )
    assert 'id="page-words"' not in Html().piece("case", ())
