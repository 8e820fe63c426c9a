from __future__ import annotations

from datetime import date, timedelta

from flows import duck
from flows.arrows import payments_from_arrows
from flows.quality import FIELDS, quality_in, quiet_days

MONDAY = date(2026, 1, 5)


def looked_at(arrows):
    with duck.connection() as opened:
        opened.register("counted", payments_from_arrows(arrows))
        return quality_in(opened)


def test_a_field_is_asked_of_the_payments_that_could_have_it():
    found = looked_at(
        """
        day 0 09:00  anna -> mer:a  5.00 EUR card_pos mcc=5411 city=Lyon
        day 0 10:00  anna -> mer:b  5.00 EUR card_cnp
        day 1  ext:x -> anna  9.00 USD sct
        """
    )
    gaps = {gap.field: (gap.payments, gap.empty) for gap in found.gaps}
    assert gaps["time of day"] == (3, 1)
    assert gaps["kind of shop (MCC)"] == (2, 1)
    assert gaps["town of card and cash payments"] == (2, 1)
    assert gaps["purpose or narrative"] == (1, 1)
    assert "who paid the cash in" not in gaps
    assert list(gaps) == [field for field in FIELDS if field in gaps]
    assert found.currencies == (("EUR", 2), ("USD", 1))


def test_a_day_is_held_against_its_own_day_of_the_week():
    weeks = {MONDAY + timedelta(days=7 * week + day): 10 if day == 6 else 100 for week in range(6) for day in range(7)}
    assert quiet_days(weeks) == ()
    tuesday, sunday = MONDAY + timedelta(days=15), MONDAY + timedelta(days=13)
    quiet = quiet_days({**{day: count for day, count in weeks.items() if day != tuesday}, sunday: 2})
    assert [(one.day, one.payments, one.usual) for one in quiet] == [(tuesday, 0, 100), (sunday, 2, 10)]


def test_where_few_payments_are_usual_an_empty_day_says_nothing():
    assert quiet_days({MONDAY + timedelta(days=7 * week): 7 for week in range(6) if week != 2}) == ()
    assert quiet_days({}) == ()
