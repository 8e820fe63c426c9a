"""Every case kind and every look-alike is in the bank, with people who exist and payments that happened."""

from collections import Counter
from datetime import date

import pytest

from sample_data.first import tables
from sample_data.first.bank import plots
from sample_data.first.clock import Clock

CASES = {
    "cash_structuring": "L-02",
    "controlled_cohort": "G-05",
    "cross_bank_trail": "L-04",
    "debt_collector": "G-11",
    "funnel_account": "G-01",
    "massage_front": "G-03",
    "round_trip": "L-01",
    "scam_mules": "G-09",
    "scatter_gather": "L-03",
    "wage_skimming": "G-04",
}
INNOCENT = {
    "agency_nurse": "H-07",
    "cash_living_worker": "H-12",
    "cash_restaurant": "H-23",
    "charity": "H-18",
    "club_treasurer": "H-22",
    "crypto_hobbyist": "H-26",
    "independent_sex_worker": "H-16",
    "landlord": "H-04",
    "letting_agent": "H-28",
    "low_income_household": "H-30",
    "market_vendor": "H-13",
    "marketplace_seller": "H-14",
    "payroll_employer": "H-01",
    "remittance_sender": "H-11",
    "salon": "H-05",
    "savings_club": "H-21",
    "seasonal_farm": "H-03",
    "temp_agency": "H-02",
}
# Money that must have moved for the story to be what it says: payer's role or kind of node, payee's, least number.
STAGES = {
    "cash_structuring": [("cash", "collector", 6), ("collector", "ext", 2)],
    "cross_bank_trail": [
        ("originator", "layer", 3),
        ("layer", "ext", 3),
        ("ext", "layer", 3),
        ("layer", "collector", 3),
    ],
    "funnel_account": [("ext", "funnel", 40), ("cash", "funnel", 20), ("funnel", "controller", 40)],
    "massage_front": [("ext", "front_firm", 80), ("front_firm", "controller", 10), ("front_firm", "mer", 15)],
    "round_trip": [("originator", "layer", 3), ("layer", "originator", 3)],
    "scam_mules": [("ext", "mule", 30), ("mule", "layer", 15), ("layer", "vasp", 15)],
    "scatter_gather": [("originator", "layer", 8), ("layer", "collector", 8), ("collector", "ext", 2)],
    "wage_skimming": [("ext", "broker", 10), ("broker", "controlled_person", 90), ("broker", "collector", 5)],
    "controlled_cohort": [("ext", "controlled_person", 60), ("collector", "ext", 3)],
    "debt_collector": [("collector", "ext", 3)],
}


def stages(bank, told) -> Counter:
    """How many payments of a story ran from which role to which."""

    def part(node: str) -> str:
        return told.story.roles.get(node) or (node.split(":")[0] if ":" in node else "own")

    return Counter((part(e.payer), part(e.payee)) for e in bank.entries if e.story == told.story.number)


def test_every_story_file_is_in_these_tables():
    assert {name: plot.code for name, plot in plots("cases")} == CASES
    assert {name: plot.code for name, plot in plots("innocent")} == INNOCENT


def test_every_case_and_look_alike_is_planted_with_each_variant(bank):
    planted = Counter((told.story.name, told.story.variant) for told in bank.told)
    wanted = Counter(
        (name, variant) for shelf in ("cases", "innocent") for name, plot in plots(shelf) for variant in plot.variants
    )
    assert planted == wanted


def test_nearly_a_third_of_the_cases_evade(small_truth):
    evading = sum(case["evading"] for case in small_truth["cases"])
    assert evading / len(small_truth["cases"]) >= 0.3


def test_nobody_is_in_two_stories(bank):
    cast = Counter(account for told in bank.told for account in told.story.roles)
    assert [account for account, times in cast.items() if times > 1] == []


def test_every_account_of_a_story_exists_and_is_paid_or_pays(bank):
    known = {account.account_id for _, account in bank.population.accounts}
    moving = {node for entry in bank.entries for node in (entry.payer, entry.payee)}
    for told in bank.told:
        assert told.story.roles, told.story.name
        assert told.story.roles.keys() <= known, told.story.name
        assert told.story.roles.keys() <= moving, told.story.name


def test_every_stage_of_a_case_takes_place(bank):
    for told in bank.told:
        if told.case:
            seen = stages(bank, told)
            for payer, payee, least in STAGES[told.story.name]:
                assert seen[payer, payee] >= least, (told.story.name, told.story.variant, payer, payee, dict(seen))


@pytest.mark.parametrize(
    ("variant", "payee", "least"), [("plain", "cash", 60), ("transfer", "collector", 60)], ids=["notes", "transfer"]
)
def test_a_controlled_cohort_is_emptied_in_the_way_its_variant_says(bank, variant, payee, least):
    told = next(t for t in bank.told if (t.story.name, t.story.variant) == ("controlled_cohort", variant))
    assert stages(bank, told)["controlled_person", payee] >= least


@pytest.mark.parametrize(("variant", "payer"), [("plain", "controlled_person"), ("cash", "cash")])
def test_a_debt_collector_is_paid_in_the_way_the_variant_says(bank, variant, payer):
    told = next(t for t in bank.told if (t.story.name, t.story.variant) == ("debt_collector", variant))
    assert stages(bank, told)[payer, "collector"] >= 12


def test_a_round_trip_is_home_within_two_days(bank):
    for told in bank.told:
        if told.story.name == "round_trip":
            origin = next(account for account, role in told.story.roles.items() if role == "originator")
            legs = [
                e
                for e in bank.entries
                if e.story == told.story.number and {e.payer, e.payee} <= told.story.roles.keys()
            ]
            started = next(e.at for e in legs if e.payer == origin)
            assert any(e.payee == origin and started < e.at <= started + 48 * 3600 for e in legs), told.story.variant


def test_the_cash_of_a_structuring_case_stays_below_the_level_each_month(bank):
    for told in bank.told:
        if told.story.name == "cash_structuring":
            months = Counter()
            for entry in bank.entries:
                if entry.story == told.story.number and entry.channel.startswith("cash_"):
                    months[bank.clock.local_date(entry.at).month] += entry.amount_minor
            assert len(months) >= 3
            assert max(months.values()) < 1_000_000
            assert sorted(months.values())[1] > 850_000


def test_labels_name_the_same_accounts_as_the_truth(bank, small_truth):
    labels = {(row[0], row[1], row[2], row[3]) for row in tables.label_rows(bank)}
    truth = {
        (account["account_id"], case["typology"], case["case_id"], account["role"])
        for case in small_truth["cases"]
        for account in case["accounts"]
    }
    assert labels == truth


def test_the_payments_of_a_case_are_in_the_table(bank, small_truth):
    known = {entry.payment_id for entry in bank.entries}
    for case in small_truth["cases"]:
        assert case["payments"], case["case_id"]
        assert set(case["payments"]) <= known, case["case_id"]


def test_summer_time_moves_the_local_hour_and_not_the_order():
    clock = Clock(date(2026, 3, 28), 3)
    before, after = clock.moment(0, 12), clock.moment(1, 12)
    assert (clock.offset_minutes(before), clock.offset_minutes(after)) == (60, 120)
    assert after - before == 23 * 3600
    assert clock.local_date(clock.moment(0, 25)) == date(2026, 3, 29)
