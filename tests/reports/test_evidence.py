from __future__ import annotations

from dataclasses import replace

from detectors.finding import Reason
from detectors.unusual_payments import Oddity, UnusualPayment
from flows.arrows import payments_from_arrows
from flows.language import speaking
from reports import evidence
from reports.alert import join


def star(night, example, payers):
    lines = [
        f"day 0 {hour // 60:02}:{hour % 60:02} ACC-{hour} -> anna {10 + hour}.00 EUR p2p" for hour in range(payers)
    ]
    payments = payments_from_arrows("\n".join([*lines, "day 1 10:00 anna -> ext:x 500.00 EUR wire"]))
    reason = [Reason("{measured}.", 1, None, "payments")]
    found = example.finding("fan-in", "anna", payments["payment_id"].to_pylist(), 0.5, reason, payments)
    facts = replace(
        night, alerts=join([found], payments, (), example.about_of).alerts, findings=(found,), payments=payments
    )
    return facts, facts.alerts[0]


def test_few_payers_are_all_drawn(night, example):
    facts, alert = star(night, example, 9)
    drawn = evidence.network(alert, evidence.gather(facts, alert))
    assert len(drawn.nodes) == 11
    assert "folded" not in drawn.note


def test_many_small_payers_are_folded_and_the_note_says_so(night, example):
    facts, alert = star(night, example, 40)
    drawn = evidence.network(alert, evidence.gather(facts, alert))
    [fold] = [node for node in drawn.nodes if node.look == "fold"]
    assert (fold.label, fold.role) == ("32 more payers", "of anna")
    assert sum(arrow.payments for arrow in drawn.arrows) == 41
    assert "folded" in drawn.note


def test_what_is_not_drawn_is_counted(night, example, monkeypatch):
    facts, alert = star(night, example, 9)
    monkeypatch.setattr(evidence, "MOST_ARROWS", 4)
    drawn = evidence.network(alert, evidence.gather(facts, alert))
    assert drawn.note.startswith("Showing 4 of 10 payments, by amount.")
    assert drawn.arrows[0].payee == "ext:x"


def test_what_is_not_listed_is_counted(night, example, monkeypatch):
    facts, alert = star(night, example, 9)
    monkeypatch.setattr(evidence, "MOST_ROWS", 4)
    table = evidence.payments_table(alert, evidence.gather(facts, alert))
    assert len(table.rows) == 4
    assert table.note.startswith("Showing 4 of 10 payments, by amount")


def test_lanes_tell_what_came_in_moved_within_and_went_out(night):
    alert = night.alerts[0]
    events = evidence.timeline(alert, evidence.gather(night, alert)).events
    lanes = [event.lane for event in events]
    assert (lanes.count("in"), lanes.count("within"), lanes.count("out")) == (14, 3, 2)


def test_every_payment_says_which_reasons_it_belongs_to(night):
    alert = night.alerts[0]
    table = evidence.payments_table(alert, evidence.gather(night, alert))
    place = [column.title for column in table.columns].index("Reason")
    assert {row[place].text for row in table.rows} == {"1", "1, 2"}


def test_local_hour_and_received_amount_are_shown_where_known(night, example):
    payments = payments_from_arrows(
        "day 0 23:30 a -> anna 10.00 EUR wire utc_offset_min=120 received_minor=1100 received_currency=USD"
    )
    found = example.finding("fan-in", "anna", ["p1"], 0.5, [Reason("{measured}.", 1, None, "payments")], payments)
    [alert] = join([found], payments, (), example.about_of).alerts
    facts = replace(night, alerts=(alert,), findings=(found,), payments=payments)
    [row] = evidence.payments_table(alert, evidence.gather(facts, alert)).rows
    assert {"01:30", "11.00 USD"} <= {cell.text for cell in row}


def test_columns_nobody_fills_are_left_out(night):
    alert = night.alerts[1]
    titles = [column.title for column in evidence.payments_table(alert, evidence.gather(night, alert)).columns]
    assert "Local hour" not in titles
    assert "Received" not in titles


def test_an_unusual_payment_says_why_and_sorts_above_the_usual_ones(night):
    alert = night.alerts[0]
    odd = alert.payments[3]
    oddities = (Oddity("amount_out", 30, times=12.2), Oddity("hour", 30, alike=0, band=0))
    marked = replace(night, unusual={odd: UnusualPayment(0.8, oddities)})

    def told(facts):
        table = evidence.payments_table(alert, evidence.gather(facts, alert))
        titles = [column.title for column in table.columns]
        places = [place for place, title in enumerate(titles) if title in ("Unusual", "Inhabituel")]
        return [row[places[0]] for row in table.rows] if places else None

    cells = told(marked)
    assert max(cells, key=lambda cell: cell.sort).text == (
        "12 times what this payer usually pays. First payment of this payer between 0 and 4 o'clock, after 30 at other "
        "hours."
    )
    assert [cell.text for cell in cells].count("") == len(cells) - 1
    assert told(night) is None
    with speaking("fr"):
        assert "12 fois ce que ce payeur paie d'habitude" in max(told(marked), key=lambda cell: cell.sort).text
