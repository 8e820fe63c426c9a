"""The report in a real browser: it opens without a network, and every control does what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.finding import Reason
from flows.arrows import payments_from_arrows
from reports.alert import join
from reports.report import page as page_of
from reports.report import render

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(open_file, tmp_path):
    """Open facts in the browser; afterwards nothing may have been said or asked for."""

    def make(facts, **context):
        path = tmp_path / "report.html"
        path.write_bytes(render(page_of(facts)))
        return open_file(path, **context)

    return make


FIRST = ":nth-match(.alert, 1)"
"""The alert that is read first."""


def shows(page, count):
    """Wait until so many alerts are shown: those that are packed are unpacked to be searched."""
    waiting(page.locator(".alert:not([hidden])")).to_have_count(count)


def unfolded(page):
    """Wait until every alert is unpacked."""
    waiting(page.locator("script.folded")).to_have_count(0)


def waiting(locator):
    """Look again until it is so; a page with our policy lets nobody poll it by `eval`, as `wait_for_function` does."""
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect(locator)


def column(page, number):
    return page.locator(f"{FIRST} .table:has-text('Payment id') tbody tr td:nth-child({number})")


def amounts(page):
    return [float(text.replace(",", "").split()[0]) for text in column(page, 4).all_inner_texts()]


def test_an_alert_opens_by_click_and_by_keyboard(opened, night):
    page = opened(night)
    first, second = page.locator(".alert").nth(0), page.locator(".alert").nth(1)
    assert not first.locator("svg.network").is_visible()
    first.locator("summary").first.click()
    assert first.locator("svg.network").is_visible()
    second.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert second.locator("svg.network").is_visible()


def test_a_link_opens_its_alert(opened, night):
    page = opened(night)
    page.evaluate(f"location.hash = '{night.alerts[3].alert_id}'")
    picture = page.locator(".alert").nth(3).locator("svg.network")
    picture.wait_for()
    assert picture.is_visible()


def test_a_table_sorts_by_click_and_by_keyboard(opened, night):
    page = opened(night)
    page.locator(".alert summary").first.click()
    head = page.locator(f"{FIRST} th.amount:has-text('Amount')")
    head.locator("button").click()
    assert amounts(page) == sorted(amounts(page))
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert amounts(page) == sorted(amounts(page), reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    payer = page.locator(f"{FIRST} th:has-text('Payer')")
    payer.locator("button").press("Space")
    texts = column(page, 2).all_inner_texts()
    assert texts == sorted(texts)
    assert head.get_attribute("aria-sort") == "none"


def test_a_search_filters_the_table_and_the_alerts(opened, night):
    first, *others = night.alerts
    page = opened(replace(night, alerts=(replace(first, tier="review"), *others)))
    page.fill("#find", "ACC-77300")
    shows(page, 1)
    assert page.inner_text("#count") == "1 of 4 alerts shown"
    page.fill("#find", "")
    shows(page, 4)
    page.uncheck("[data-tier=enquire][type=checkbox]")
    shows(page, 1)
    page.locator(".alert summary").first.click()
    page.locator(f"{FIRST} [data-find]").last.fill("mer:rooms")
    assert column(page, 8).locator("visible=true").all_inner_texts() == ["p16"]


def test_a_table_is_copied_as_tab_separated_text_without_formulas(opened, night, example):
    payments = payments_from_arrows("day 0 10:00  =cmd|x -> anna  40.00 EUR p2p")
    found = example.finding("fan-in", "anna", ["p1"], 0.5, [Reason("{measured}.", 1, None, "payments")], payments)
    alerts = join([found], payments, (), example.about_of).alerts
    facts = replace(night, alerts=alerts, findings=(found,), payments=payments)
    page = opened(facts, permissions=["clipboard-read", "clipboard-write"])
    page.locator(".alert summary").first.click()
    page.locator(".alert .table:has-text('Payment id') [data-copy]").click()
    page.locator("text=1 row copied").wait_for()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0].split("\t")[:4] == ["Time (UTC)", "Payer", "Payee", "Amount"]
    assert lines[1].split("\t")[:4] == ["2026-01-01 10:00", "'=cmd|x", "anna", "40.00 EUR"]


def test_a_click_on_an_account_keeps_its_own_arrows(opened, night):
    page = opened(night)
    page.locator(".alert summary").first.click()
    picture = page.locator(".alert svg.network").first
    picture.locator(".node:has-text('ACC-40893')").click()
    assert picture.locator(".arrow.on").count() == 6
    picture.locator(".node:has-text('ACC-40893')").click()
    assert "picked" not in picture.get_attribute("class").split()


def test_the_page_follows_the_system_and_the_button_turns_it(opened, night):
    page = opened(night, color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_first_tab_reaches_the_skip_link(opened, night):
    page = opened(night)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "alerts"


def printed_pages(page):
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    return printed.count(b"/Type /Page\n") or printed.count(b"/Type /Page ")


def test_print_holds_the_first_page_and_what_is_open(opened, night):
    page = opened(
        replace(night, alerts=tuple(replace(a, alert_id=f"{a.alert_id}{n}") for n in range(6) for a in night.alerts))
    )
    closed = printed_pages(page)
    page.locator(".alert summary").first.click()
    one = printed_pages(page)
    page.click("#open-all")
    unfolded(page)
    assert closed < one < 24 < printed_pages(page)


def test_a_button_opens_all_alerts_and_prints_them(opened, night):
    page = opened(night)
    page.evaluate(
        "window.print = () => { document.title = document.querySelectorAll('.alert > details[open]').length }"
    )
    page.click("#print-all")
    waiting(page).to_have_title(str(len(night.alerts)))
    assert page.title() == str(len(night.alerts))


def test_printed_tables_fit_the_width_of_the_paper(opened, night):
    page = opened(night)
    page.click("#open-all")
    unfolded(page)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    wide = "all => all.filter((table) => table.scrollWidth > table.parentNode.clientWidth).length"
    assert page.eval_on_selector_all("table", wide) == 0


def test_the_page_is_whole_without_scripts(opened, night):
    page = opened(night, java_script_enabled=False)
    page.locator(".alert summary").first.click()
    assert page.locator(".alert svg.network").first.is_visible()
    assert not page.locator("#find").is_visible()


def test_a_narrow_screen_does_not_scroll_sideways(opened, night):
    page = opened(night)
    page.set_viewport_size({"width": 400, "height": 800})
    page.locator(".alert summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_hostile_text_stays_text_also_in_folded_alerts(opened, night, example):
    hostile = (
        "<script>alert(1)</script>",
        "<img/src=x/onerror=alert(1)>",
        "</script><svg/onload=alert(1)>",
        "a\u202eb",
    )
    lines = [f"day 0 1{n}:00  {text} -> c{text}  9.00 EUR p2p city={text}" for n, text in enumerate(hostile)]
    payments = payments_from_arrows("\n".join(lines))
    reason = [Reason("<b>{measured}</b>.", 1, None, "payments")]
    found = [
        example.finding("fan-in", f"c{text}", [f"p{n}"], 0.5, reason, payments, [(text, text)])
        for n, text in enumerate(hostile, 1)
    ]
    alerts = join(found, payments, (), example.about_of).alerts
    alerts = tuple(replace(alert, alert_id=f"{alert.alert_id}{n}") for n in range(15) for alert in alerts)
    page = opened(replace(night, alerts=alerts, findings=tuple(found), payments=payments))
    page.click("#open-all")
    unfolded(page)
    assert page.locator(".alert svg.network:visible").count() == len(alerts) == 60
    made = "main img, main script:not([type='application/json']), main b:has-text('1 payment')"
    assert page.locator(made).count() == 0
    assert page.locator("text=<script>alert(1)</script>").count() > 0


def test_many_alerts_open_and_are_found(opened, night):
    alerts = tuple(replace(alert, alert_id=f"{alert.alert_id}-{n}") for n in range(30) for alert in night.alerts)
    page = opened(replace(night, alerts=alerts))
    page.locator(".alert").nth(100).locator("summary").first.click()
    picture = page.locator(".alert").nth(100).locator("svg.network")
    picture.wait_for()
    assert picture.is_visible()
    page.fill("#find", "rooms-direct")
    shows(page, 30)
    page.fill("#find", "bdi class")
    shows(page, 0)


@pytest.fixture
def in_groups(night):
    """A night with many alerts, every second of them a piece of one group."""
    alerts = tuple(replace(alert, alert_id=f"{alert.alert_id}-{n}") for n in range(30) for alert in night.alerts)
    return replace(night, alerts=tuple(replace(a, split_group=n % 2 or None) for n, a in enumerate(alerts)))


def test_the_pieces_of_a_group_are_one_row_that_opens_to_them(opened, in_groups):
    page = opened(in_groups)
    assert page.locator(".alert:visible").count() == 61
    page.locator(".pieces > summary").click()
    assert page.locator(".alert:visible").count() == 120


def test_a_search_a_link_and_a_button_open_the_row_of_a_group(opened, in_groups):
    page = opened(in_groups)
    row, piece = page.locator(".pieces"), in_groups.alerts[117]
    page.fill("#find", piece.alert_id)
    shows(page, 1)
    assert row.get_attribute("open") is not None
    page.fill("#find", in_groups.alerts[0].alert_id + " ")
    shows(page, 1)
    assert not row.is_visible()
    page.fill("#find", "")
    shows(page, 120)
    page.click("#open-all")
    page.click("#open-all")
    assert row.get_attribute("open") is None
    page.evaluate(f"location.hash = '{piece.alert_id}'")
    opened_piece = page.locator(f"[id='{piece.alert_id}'] svg.network")
    opened_piece.wait_for()
    assert row.get_attribute("open") is not None


def test_what_is_out_of_sight_is_reached_by_link_key_and_word(opened, in_groups):
    """Cards out of sight are not laid out; a reader must not notice."""
    page = opened(in_groups)
    far = in_groups.alerts[118]
    page.evaluate(f"location.hash = '{far.alert_id}'")
    card = page.locator(f"[id='{far.alert_id}']")
    card.locator("svg.network").wait_for()
    waiting(card).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    near = page.locator(".queue > .alert").nth(55)
    near.locator("summary").first.focus()
    waiting(near).to_be_in_viewport()
    page.keyboard.press("Enter")
    waiting(near.locator("svg.network")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    assert page.evaluate(f"find('{in_groups.alerts[116].alert_id}')")
    waiting(page.locator(f"[id='{in_groups.alerts[116].alert_id}']")).to_be_in_viewport()
