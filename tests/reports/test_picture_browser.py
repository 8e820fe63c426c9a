"""The moving picture in a real browser: every control does what it says, nothing is asked for, names can be hidden."""

from __future__ import annotations

import random
import re
from html import escape

import pytest

from flows.arrows import payments_from_arrows
from flows.language import speaking
from flows.window import whole
from graphs.neighbourhood import neighbourhood
from graphs.views import payment_graph
from reports.network import graph_network
from reports.renderers.html import Html
from reports.report import page as page_of
from reports.report import render

pytestmark = pytest.mark.browser

PAYERS = "\n".join(f"day 0 {hour:02}:30  ext:payer-{hour:02} -> anna  {100 + hour}.00 EUR" for hour in range(24))
STORY = f"""
{PAYERS}
day 1 10:00  anna -> ben       900.00 EUR
day 1 12:00  anna -> cara      800.00 EUR
day 2 09:00  ben -> cash:atm   850.00 EUR
day 3 09:00  cara -> cash:atm  790.00 EUR
day 9 09:00  ben -> anna        40.00 EUR
"""


def around_anna():
    return neighbourhood(whole(payments_from_arrows(STORY)), "anna")


@pytest.fixture
def moving(open_file, tmp_path):
    """Open the moving picture of a graph as a notebook shows it."""

    def make(graph, shown=120, **context):
        path = tmp_path / "picture.html"
        path.write_text(Html().piece("case", (graph_network(graph, shown=shown),)), encoding="utf-8")
        page = open_file(path, **context)
        page.locator(".stage canvas").first.wait_for()
        return page

    return make


def taken_away(page, what):
    with page.expect_download() as waiting:
        page.locator(".tools").get_by_role("button", name=what, exact=True).click()
    return waiting.value.path().read_bytes()


def svg(page):
    return taken_away(page, "SVG").decode()


def said(page):
    return page.inner_text(".stage [role=status]")


def moment(page):
    return page.inner_text(".stage .moment")


def key(page, *keys):
    page.focus(".sheet-of canvas")
    for one in keys:
        page.keyboard.press(one)


def unfold_table(page):
    # A fold that opens says so a little later, and the table is filled only then.
    page.locator(".stage summary").click()
    page.locator(".stage tbody tr").first.wait_for()


def test_it_is_drawn_only_when_asked_for_and_gives_way_to_the_still_picture(open_file, night, tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(render(page_of(night)))
    page = open_file(path)
    page.locator(".alert summary").first.click()
    alert = page.locator(".alert").first
    assert page.locator("canvas").count() == 0
    alert.get_by_role("button", name="Explore").click()
    assert alert.locator(".sheet-of canvas").is_visible()
    assert not alert.locator("svg.network").is_visible()
    assert "payments, until 5 March 2026" in alert.locator(".moment").inner_text()
    alert.get_by_role("button", name="Still picture").click()
    assert alert.locator("svg.network").is_visible()
    assert page.locator("canvas").count() == 2


def test_paper_and_readers_without_scripts_have_the_still_picture(moving, open_file, tmp_path):
    page = moving(around_anna())
    page.emulate_media(media="print")
    assert page.locator("svg.network").is_visible()
    assert not page.locator(".stage").is_visible()
    still = open_file(tmp_path / "picture.html", java_script_enabled=False)
    assert still.locator("svg.network").is_visible()
    assert not still.locator("[data-explore]").is_visible()


def test_a_page_in_french_explores_in_french_and_writes_numbers_so(moving):
    with speaking("fr"):
        page = moving(around_anna(), shown=4)
    assert said(page) == "4 comptes affichés sur 28, par montant."
    key(page, "ArrowRight", "Enter")
    assert said(page).endswith("20 des 24 autres voisins de anna ouverts, par montant.")
    assert "jusqu'au 10 janvier 2026" in moment(page)
    assert page.get_by_role("button", name="Rejouer").is_visible()
    unfold_table(page)
    assert "850,00 EUR" in page.locator(".stage tbody").inner_text()


def test_what_is_not_drawn_is_counted_and_opened_by_amount(moving):
    page = moving(around_anna(), shown=4)
    assert said(page) == "Showing 4 of 28 accounts, by amount."
    key(page, "ArrowRight", "Enter")
    assert said(page).endswith("Opened 20 of 24 more neighbours of anna, by amount.")
    assert said(page).startswith("Showing 24 of 28 accounts, by amount.")
    unfold_table(page)
    payers = {text for text in page.locator(".stage tbody td:first-child").all_inner_texts() if "payer" in text}
    assert payers == {f"ext:payer-{hour:02}" for hour in range(4, 24)}
    key(page, "Enter")
    assert said(page).startswith("28 accounts.")


def test_the_slider_leaves_out_what_came_later_and_the_replay_reaches_the_end(moving):
    page = moving(around_anna())
    assert moment(page) == "29 payments, until 10 January 2026, 09:00 UTC"
    slider = page.locator(".track input")
    slider.focus()
    page.keyboard.press("Home")
    assert moment(page).startswith("1 of 29 payments, until 1 January 2026, 00:30")
    assert svg(page).count("EUR") == 1
    page.get_by_role("button", name="Replay").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.locator(".moment", has_text=re.compile("^29 payments")).wait_for(timeout=60_000)
    page.get_by_role("button", name="Replay").wait_for()


def test_accounts_that_hang_on_one_alone_are_folded_into_it_and_come_back(moving):
    page = moving(around_anna())
    page.get_by_role("button", name="Fold hubs").click()
    assert said(page) == "28 accounts, 24 of them folded. Folded 24 accounts into 1."
    drawn = svg(page)
    assert "+ 24 folded" in drawn
    assert "ext:payer" not in drawn
    assert "ben" in drawn
    page.get_by_role("button", name="Fold hubs").click()
    assert "ext:payer-23" in svg(page)


def test_hidden_names_are_nowhere_in_what_is_taken_away(moving):
    page = moving(around_anna())
    key(page, "h", "ArrowRight")
    unfold_table(page)
    names = re.compile(r"anna|ben|cara|payer|atm|\bp\d")
    assert not names.search(svg(page))
    assert not names.search(page.inner_text(".stage .panel"))
    assert not names.search(page.inner_text(".stage table"))
    assert not page.locator("figcaption .quiet").is_visible()
    assert "no. 1" in page.inner_text(".stage .panel")
    key(page, "h")
    assert "anna" in page.inner_text(".stage .panel")


def label(page, name):
    x, y = re.search(rf'<text x="([\d.]+)" y="([\d.]+)"[^>]*>{name}<', svg(page)).groups()
    return float(x), float(y)


def test_a_dragged_account_stays_where_it_was_put_and_is_pinned(moving):
    page = moving(around_anna())
    box = page.locator(".sheet-of canvas").bounding_box()
    key(page, "ArrowRight")
    x, y = label(page, "anna")
    # Its name stands right below it.
    page.mouse.move(box["x"] + x, box["y"] + y - 22)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 80, steps=5)
    page.mouse.up()
    assert said(page).endswith("anna is pinned: it keeps its place and its name in sight.")
    put = label(page, "anna")
    assert abs(put[0] - 100) < 60
    assert abs(put[1] - 80) < 60
    key(page, "Enter")
    assert label(page, "anna") == put
    key(page, "p")
    assert said(page).endswith("anna is no longer pinned.")


def test_a_pick_tells_sums_and_payments_with_their_ids(moving):
    page = moving(around_anna())
    page.get_by_placeholder("Find an account").fill("ben")
    page.keyboard.press("Enter")
    panel = page.locator(".stage .panel")
    assert "took in 900.00 EUR: 1 payment, 1 other side" in panel.inner_text()
    assert "paid out 890.00 EUR: 2 payments, 2 other sides" in panel.inner_text()
    assert {"p25", "p27", "p29"} <= set(panel.locator("bdi").all_inner_texts())


def test_the_table_says_what_is_drawn_at_that_moment(moving):
    page = moving(around_anna())
    unfold_table(page)
    first = page.locator(".stage tbody tr").first.locator("td").all_inner_texts()
    assert first == ["anna", "ben", "900.00 EUR", "1", "2026-01-02 10:00", "2026-01-02 10:00"]
    assert page.locator(".stage tbody tr").count() == 29
    page.locator(".track input").focus()
    page.keyboard.press("Home")
    assert page.locator(".stage tbody tr").count() == 1


def test_what_is_taken_away_explains_every_colour_in_it(moving):
    graph = around_anna()
    roles = [f"does what nobody has a short word for {number}" for number in range(12)]
    for number, node in enumerate(sorted(graph)):
        graph.nodes[node]["role"] = roles[number % 12]
    page = moving(graph)
    texts = page.evaluate(
        "text => [...new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('text')]"
        ".map((one) => [one.textContent, Number(one.getAttribute('y'))])",
        svg(page),
    )
    high = page.evaluate(
        "text => Number(new DOMParser().parseFromString(text, 'image/svg+xml').documentElement"
        ".getAttribute('viewBox').split(' ')[3])",
        svg(page),
    )
    lines = {text: y for text, y in texts if text.startswith("does what")}
    assert set(lines) == set(roles)
    assert len(set(lines.values())) > 1
    assert max(lines.values()) < high


def test_what_is_taken_away_explains_every_shape_in_it(moving):
    page = moving(around_anna())
    texts = page.evaluate(
        "text => [...new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('text')]"
        ".map((one) => [one.textContent, one.previousElementSibling.tagName])",
        svg(page),
    )
    marks = dict(texts)
    # A circle is drawn as one; diamond and square by their corners.
    assert marks["account of the bank"] == "circle"
    assert (marks["account elsewhere"], marks["cash, shop, office"]) == ("path", "path")
    assert "serves the public" not in marks


def test_a_png_is_taken_away_with_its_caption(moving):
    assert taken_away(moving(around_anna()), "PNG").startswith(b"\x89PNG")


def test_an_svg_for_papers_stands_alone(moving):
    drawn = svg(moving(around_anna()))
    assert drawn.startswith("<svg xmlns=")
    assert "900.00 EUR" in drawn
    assert "28 accounts; 29 payments, until 10 January 2026" in drawn
    assert not re.search(r"<script|href|url\(|var\(--", drawn)


def test_amounts_too_large_for_a_float_are_exact(moving):
    payments = payments_from_arrows("day 0 10:00  a -> b  90071992547409.93 EUR\nday 0 11:00  a -> b  0.04 EUR")
    assert "90,071,992,547,409.97 EUR (2×)" in svg(moving(payment_graph(whole(payments))))


def test_hostile_names_stay_text_in_the_page_and_in_the_file(moving):
    hostile = ("<img/src=x/onerror=alert(1)>", "</script><svg/onload=alert(1)>", "a\u202eb")
    lines = "\n".join(f"day 0 10:00  {text} -> anna  9.00 EUR" for text in hostile)
    page = moving(payment_graph(whole(payments_from_arrows(lines))))
    unfold_table(page)
    key(page, "ArrowRight")
    assert page.locator("main img").count() == 0
    drawn = svg(page)
    assert not re.search(r"<img|<svg/|\u202e", drawn)
    assert "⟨U+202E⟩" in drawn


def test_it_follows_light_and_dark(moving):
    light, dark = (svg(moving(around_anna(), color_scheme=scheme)) for scheme in ("light", "dark"))
    paper = re.compile(r'<rect width="100%" height="100%" fill="([^"]+)"/>')
    assert paper.search(light)[1] != paper.search(dark)[1]


def test_a_notebook_holds_it_in_a_frame_that_can_neither_ask_nor_reach_out(open_file, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(
        f"<!doctype html><title>{escape('notebook')}</title>{around_anna()._repr_html_()}", encoding="utf-8"
    )
    page = open_file(path)
    inside = page.frame_locator("iframe")
    inside.locator(".sheet-of canvas").wait_for()
    assert "28 accounts." in inside.locator(".stage [role=status]").inner_text()
    assert inside.locator("svg.timeline").count() == 1
    assert inside.locator(".table:has-text('Payment id') tbody tr").count() == 29
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-downloads"


def scattered(accounts, payments):
    chance = random.Random(7)
    lines = []
    for number in range(payments):
        one = number + 1 if number + 1 < accounts else chance.randrange(1, accounts)
        other = chance.randrange(one) if number + 1 < accounts else chance.randrange(accounts)
        ends = (one, other) if chance.random() < 0.5 else (other, one)
        if one != other:
            lines.append(f"day {number % 60} 10:00  n{ends[0]} -> n{ends[1]}  {chance.randrange(1, 9999)}.00 EUR")
    return payment_graph(whole(payments_from_arrows("\n".join(lines))))


@pytest.mark.parametrize(("accounts", "payments"), [(300, 680), (2000, 4500)])
def test_hundreds_and_thousands_of_accounts_are_drawn_and_answer(moving, accounts, payments):
    page = moving(scattered(accounts, payments), shown=accounts)
    assert said(page) == f"{accounts:,} accounts."
    key(page, "+", "-", "0", "ArrowRight")
    frames = page.evaluate(
        """async () => {
          const slider = document.querySelector(".track input"), times = [];
          for (let step = 1; step <= 20; step++) {
            slider.value = 50 * step;
            const began = performance.now();
            slider.dispatchEvent(new Event("input"));
            await new Promise(requestAnimationFrame);
            times.push(performance.now() - began);
          }
          return times.sort((one, other) => one - other);
        }"""
    )
    print(f"{accounts} accounts: median {frames[10]:.0f} ms, slowest {frames[-1]:.0f} ms from slider to frame")
    assert svg(page).count("<path") > accounts / 2
