"""Plain cases show what is published of them, and those who evade do not show the thing they evade."""

from __future__ import annotations

import numpy as np
import pytest

from sample_data.clock import DAY, HOUR
from sample_data.postings import CHANNEL
from sample_data.scene import EVADING, PLAIN
from sample_data.tables import LEGS

from .test_plots import played

SEEDS = (3, 4, 5)


def told(kind: str, variant: str) -> list:
    return [played("case", kind, variant, seed) for seed in SEEDS]


def nodes(story, role: str) -> list[int]:
    return [node for node, given in story.scene.roles.items() if given == role]


def of_leg(story, leg: str) -> np.ndarray:
    return story.posted["leg"] == LEGS.index(leg)


def largest_session(story) -> list[int]:
    """Give, for each evening with notes taken, how many cards were at one machine within ten minutes."""
    taken = {name: column[story.posted["channel"] == CHANNEL["atm_wd"]] for name, column in story.posted.items()}
    largest: dict[int, int] = {}
    for place, at in zip(taken["place"], taken["at"], strict=True):
        near = (taken["place"] == place) & (taken["at"] >= at) & (taken["at"] < at + 600)
        day = int(at // DAY)
        largest[day] = max(largest.get(day, 0), len(set(taken["payer"][near].tolist())))
    return list(largest.values())


@pytest.mark.parametrize("kind", ["controlled-cohort", "benefit-capture"])
def test_cards_meet_at_one_machine_and_those_who_evade_come_apart(kind):
    for story in told(kind, PLAIN):
        assert np.sum(np.array(largest_session(story)) >= 3) >= 3
    for story in told(kind, EVADING):
        assert np.sum(np.array(largest_session(story)) >= 3) <= 1


def test_a_share_of_each_wage_flows_back_within_days():
    for story in told("wage-skimming", PLAIN):
        back = of_leg(story, "CTL") & (story.posted["purpose"] == 0) & (story.posted["words"] == 0)
        workers = nodes(story, "controlled_person")
        assert set(story.posted["payer"][back].tolist()) <= set(workers)
        assert set(story.posted["payee"][back].tolist()) <= set(nodes(story, "collector"))
        per_week = story.stage.people.weekly[workers[0]]
        wage = story.stage.people.wage[story.posted["payer"][back]] * (12 / 52 if per_week else 1)
        assert 0.15 < np.median(story.posted["amount"][back] / wage) < 0.65
    for story in told("wage-skimming", EVADING):
        direct = of_leg(story, "CTL") & np.isin(story.posted["payer"], nodes(story, "controlled_person"))
        receivers = story.posted["channel"] == CHANNEL["payroll_file"]
        notes = direct & (story.posted["channel"] == CHANNEL["atm_wd"])
        # Either the share is never sent, or few accounts take in the wages of all.
        few = len(set(story.posted["payee"][receivers].tolist()))
        assert notes.any() or 0 < few < len(nodes(story, "controlled_person")) / 2


def test_mules_pass_on_within_hours_and_the_slow_ones_after_a_day():
    def hops(story) -> np.ndarray:
        """Give the hours from each payment of the defrauded to the first that leaves the same mule after it."""
        posted, waits = story.posted, []
        for mule, at in zip(posted["payee"][of_leg(story, "REV")], posted["at"][of_leg(story, "REV")], strict=True):
            after = posted["at"][of_leg(story, "MOV") & (posted["payer"] == mule)] - at
            waits.append(after[after > 0].min(initial=DAY * 9) / HOUR)
        return np.array(waits)

    for story in told("scam-mules", PLAIN):
        assert np.median(hops(story)) < 2
    for story in told("scam-mules", EVADING):
        people = story.stage.people.people_count
        assert np.median(hops(story)) > 2 or any(node >= people for node in nodes(story, "layer"))


def test_notes_stay_under_the_reported_level_and_near_it_only_where_nobody_evades():
    for variant, least, most in ((PLAIN, 8_000, 10_000), (EVADING, 2_500, 8_300)):
        for story in told("cash-structuring", variant):
            for days, rows in story.months:
                paid_in = np.isin(rows["channel"], (CHANNEL["cash_adm"], CHANNEL["cash_branch"]))
                whole = days.start >= story.scene.first and days.stop <= story.scene.last and len(days) > 27
                if whole and paid_in.any():
                    assert least * 0.95 < rows["amount"][paid_in].sum() / 100 < most


def test_instalments_are_the_same_month_after_month_unless_they_mean_not_to_be():
    def spread(story) -> float:
        payers, each = nodes(story, "controlled_person"), []
        for payer in payers:
            sums = story.posted["amount"][(story.posted["payer"] == payer) & of_leg(story, "CTL")]
            each.append(np.std(sums) / np.mean(sums) if len(sums) > 1 else 0.0)
        return float(np.median(each))

    assert all(spread(story) < 0.1 for story in told("debt-collector", PLAIN))
    for story in told("debt-collector", EVADING):
        by_notes = (story.posted["channel"] == CHANNEL["atm_wd"]).any()
        assert by_notes or spread(story) > 0.15


def test_small_payments_abroad_go_to_several_unless_somebody_stands_between():
    for variant in (PLAIN, EVADING):
        for story in told("ocse-buyer", variant):
            sent = story.posted["payee"][of_leg(story, "REV")]
            known = np.isin(sent, nodes(story, "recipient"))
            several = len(set(sent[known].tolist())) >= 3 and known.mean() > 0.9
            assert several == (variant == PLAIN)


def test_rings_stacks_and_hubs_are_closed_dense_and_busy():
    ring = told("round-trip", PLAIN)[0]
    origin = nodes(ring, "originator")[0]
    assert (ring.posted["payer"] == origin).sum() == (ring.posted["payee"] == origin).sum() > 3
    stack = told("layered-stack", PLAIN)[0]
    pairs = {
        pair
        for pair in zip(stack.posted["payer"].tolist(), stack.posted["payee"].tolist(), strict=True)
        if pair[0] in nodes(stack, "originator") and pair[1] in nodes(stack, "layer")
    }
    assert len(pairs) > 0.7 * len(nodes(stack, "originator")) * len(nodes(stack, "layer"))
    hub = told("laundering-hub", PLAIN)[0]
    centre = nodes(hub, "hub")[0]
    assert len(set(hub.posted["payer"][hub.posted["payee"] == centre].tolist())) >= 12
    assert len(set(hub.posted["payee"][hub.posted["payer"] == centre].tolist())) >= 6
