"""A plan says what is planted, and a wrong one says what to mend."""

from __future__ import annotations

from collections import Counter

import pytest

from flows.errors import SettingsError
from sample_data.plan import SHELVES, read_plan, usual_plan


def plan_of(tmp_path, text: str, days: int = 100):
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, days)


def test_counts_shares_and_days_are_taken_over(tmp_path):
    planned = plan_of(
        tmp_path,
        """
        [[case]]
        kind = "funnel-account"
        count = 10
        variants = {plain = 0.5, evading = 0.3, partial = 0.2}
        start_day = [5, 20]
        days = 60
        [[innocent]]
        kind = "savings_club"
        """,
    )
    cases = [one for one in planned if one.shelf == "case"]
    assert Counter(one.variant for one in cases) == {"plain": 5, "evading": 3, "partial": 2}
    assert {one.start_day for one in cases} == {(5, 20)}
    assert [one.name for one in planned][-2:] == ["funnel-account-10", "savings-club-1"]


def test_an_empty_plan_plants_nothing(tmp_path):
    assert plan_of(tmp_path, "") == []


@pytest.mark.parametrize("customers", [1_000, 20_000, 200_000])
def test_without_a_plan_every_kind_is_there_and_enough_know_what_is_looked_for(customers):
    planned = usual_plan(customers)
    assert {(one.shelf, one.kind) for one in planned} == {
        (shelf, kind) for shelf, members in SHELVES.items() for kind in members.ids()
    }
    exploiting = [one for one in planned if one.shelf == "case" and SHELVES["case"].load(one.kind).about.code[0] == "G"]
    assert sum(one.variant == "evading" for one in exploiting) >= 0.3 * len(exploiting)
    assert sum(one.variant == "partial" for one in exploiting) >= 0.2 * len(exploiting)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ('[[case]]\nkind = "funel-account"', "did you mean 'funnel-account'"),
        ('[[cases]]\nkind = "funnel-account"', "did you mean 'case'"),
        ('[[case]]\nkind = "funnel-account"\ncuont = 2', "did you mean 'count'"),
        ('[[case]]\nkind = "funnel-account"\ncount = 0', "count"),
        ('[[case]]\nkind = "funnel-account"\nvariants = {plain = 0.9}', "sum to 1"),
        ('[[case]]\nkind = "funnel-account"\nvariants = {sly = 1.0}', "one of: plain"),
        ('[[innocent]]\nkind = "savings-club"\nvariants = {evading = 1.0}', "one of: plain"),
        ('[[case]]\nkind = "funnel-account"\nstart_day = 100', "from 0 to 99"),
        ('[[case]]\nkind = "funnel-account"\nstart_day = [9, 3]', "start_day"),
        ('[[case]]\nkind = "funnel-account"\ndays = -4', "days"),
        ("[[case]]\ncount = 2", "kind"),
        ('[case]\nkind = "funnel-account"', "two brackets"),
        ("case = [", "no TOML"),
        ('case = ["funnel-account"]', "two brackets"),
        ('[[case]]\nkind = "funnel"', "did you mean 'funnel-account'"),
    ],
)
def test_a_wrong_plan_says_where_and_what_to_mend(tmp_path, text, tells):
    with pytest.raises(SettingsError) as refused:
        plan_of(tmp_path, text)
    assert tells in str(refused.value)
    assert "plan.toml" in str(refused.value)


@pytest.mark.parametrize("name", ["none.toml", "."])
def test_a_plan_that_is_missing_or_a_folder_is_a_wrong_setting(tmp_path, name):
    with pytest.raises(SettingsError):
        read_plan(tmp_path / name, 10)
