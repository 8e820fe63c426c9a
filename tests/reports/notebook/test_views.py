"""What a notebook shows: a frame that stands alone, for everything the lower floors hand out."""

from __future__ import annotations

import re
from html import unescape

import pytest

from flows.arrows import payments_from_arrows
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.window import no_payments, whole
from graphs.neighbourhood import neighbourhood
from graphs.trace import TraceLimits, trace
from reports.network import graph_network, graph_table, graph_timeline
from reports.whereabouts import whereabouts

STORY = """
day 0 09:00  ext:x -> anna   300 EUR
day 1 09:00  anna -> ben     200 EUR
day 2 09:00  ben -> cash:atm 150 EUR
"""


@pytest.fixture
def shown(tmp_path):
    """One of each kind, by the id of its view."""
    payments = payments_from_arrows(STORY)
    with Ledger.for_writing(tmp_path / "ledger") as opened:
        ledger = opened.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=["a"], side={})
    window = whole(payments)
    things = {
        "ledger": ledger,
        "window": window,
        "graph": neighbourhood(ledger, "anna"),
        "trace": trace(window, ["p1"]),
        "block": whereabouts(trace(window, ["p1"]), "fifo"),
    }
    return {kind: thing._repr_html_() for kind, thing in things.items()}


def test_every_thing_of_the_lower_floors_has_its_view(shown):
    assert set(shown) <= set(Shelf("reports.notebook").ids())


def test_every_view_is_a_frame_that_can_load_nothing_and_reach_nothing(shown):
    for html in shown.values():
        assert re.fullmatch(r"<iframe [^<>]*></iframe>", html)
        assert 'sandbox="allow-scripts allow-downloads"' in html
        page = unescape(html)
        assert "default-src &#39;none&#39;" in page
        assert not re.search(r"url\(|@import|https?://", page)


def test_a_ledger_says_how_much_is_in_it(shown):
    page = unescape(shown["ledger"])
    assert ">3</dd>" in page
    assert "1 January 2026 – 3 January 2026" in page


def test_a_window_says_sums_and_lists_the_largest_payments(shown):
    page = unescape(shown["window"])
    assert "650.00 EUR" in page
    assert page.index("300.00 EUR</td>") < page.index("200.00 EUR</td>") < page.index("150.00 EUR</td>")


def test_an_empty_window_says_so():
    assert "No payment is in this window." in whole(no_payments())._repr_html_()


def test_a_graph_has_picture_time_line_and_table(shown):
    page = unescape(shown["graph"])
    assert all(part in page for part in ('class="network"', 'class="timeline"', "Payment id", "data-explore"))


def test_a_trace_has_a_picture_over_time_for_every_rule(shown):
    page = unescape(shown["trace"])
    assert page.count('<svg class="whereabouts"') == 5
    assert "Every column of a rule sums to the start" in page


def test_a_trace_of_poison_alone_is_shown_without_amounts():
    window = whole(payments_from_arrows(STORY))
    found = trace(window, ["p1"], rules=["poison"], limits=TraceLimits(most_bounds=0))
    assert "No rule that attributes amounts was asked for." in found._repr_html_()


@pytest.mark.parametrize(
    ("picked", "holds"),
    [(graph_network, 'class="network"'), (graph_timeline, 'class="timeline"'), (graph_table, "Payment id")],
)
def test_one_picture_or_table_shows_itself_too(picked, holds):
    case = neighbourhood(whole(payments_from_arrows(STORY)), "anna")
    assert holds in unescape(picked(case)._repr_html_())
