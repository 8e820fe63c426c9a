"""What counts as found, flagged and wrongly labelled in simulated banks, and what each tier of data leaves out."""

import json
from datetime import date
from itertools import pairwise
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from benchmarks.quality import simulated, simulated_tiers
from benchmarks.quality.freezing import FROZEN, HERE
from benchmarks.quality.simulated import Planted, of_alerts, of_cases, of_exploited, of_innocents
from detectors.indicator import ROLES
from flows.plugins import Shelf
from reports.alert import AccountInAlert, Alert
from sample_data.plan import read_plan

TITLES = {
    id_.upper(): Shelf("detectors.typologies").load(id_).about.title for id_ in Shelf("detectors.typologies").ids()
}


def alert(tier, typology, roles, payments, name="A-1"):
    values = dict.fromkeys(Alert.__dataclass_fields__)
    heading = f"Consistent with: {TITLES[typology]}" if typology else "Gathering from many"
    accounts = tuple(AccountInAlert(account, ROLES.get(role, role)) for account, role in roles.items())
    told = {"alert_id": name, "tier": tier, "typology": heading, "accounts": accounts, "payments": payments}
    return Alert(**{**values, **told, "findings": (name,)})


def read(*alerts, found=None):
    """Take alerts as read; their findings tell of all their accounts but those left out of `found`."""
    findings = [
        SimpleNamespace(
            finding_id=one.alert_id,
            detector="CTL-01",
            accounts=tuple(
                account.account_id for account in one.accounts if found is None or account.account_id in found
            ),
        )
        for one in alerts
    ]
    return simulated.said(SimpleNamespace(alerts=alerts, findings=findings))


def case(code="G-05", **roles):
    roles = roles or {"ana": "controlled_person", "boss": "collector"}
    return Planted("case-1", code, "plain", False, roles, {"p1", "p2"}, date(2026, 1, 5))


GOOD = {"ana": "possibly_exploited", "boss": "possible_controller"}


def test_a_case_is_found_by_an_alert_half_of_whose_named_accounts_play_in_it():
    crowd = {f"other{number}": "possibly_exploited" for number in range(3)}

    assert of_cases(read(alert("review", "T-06", GOOD, ("p1",))), [case()])[0]["place"] == 1
    assert (
        of_cases(read(alert("review", "T-06", {"ana": "possibly_exploited", **crowd}, ("p1",))), [case()])[0]["place"]
        is None
    )


def test_accounts_without_a_role_from_a_typology_do_not_count_as_named():
    shop = {**GOOD, "mer:1": "serves the public", "ext:2": "pays in", "ext:3": "pays in"}

    assert of_cases(read(alert("review", "T-06", shop, ("p1", "x"))), [case()])[0]["place"] == 1


def test_a_label_for_another_alerts_sake_names_nobody_but_still_counts_as_said():
    alerts = [alert("review", "T-01", {"x": "possibly_exploited", "ana": "possible_mule"}, ("p1",))]

    (one,) = read(*alerts, found={"x"})

    assert set(one.named) == {"x"}
    assert of_exploited([one], [case()])["under suspicion"] == 1


@pytest.mark.parametrize(
    ("tier", "typology", "payments"),
    [
        ("enquire", "T-06", ("p1",)),
        ("review", "T-07", ("p1",)),
        ("review", "T-06", ("x",)),
    ],
    ids=["in a tier nobody looks into", "under a typology of something else", "on none of its payments"],
)
def test_a_case_is_not_found(tier, typology, payments):
    assert of_cases(read(alert(tier, typology, GOOD, payments)), [case()])[0]["place"] is None


def test_a_typology_that_never_goes_above_enquire_is_found_there():
    broker = case("G-10", broker="broker")

    assert of_cases(read(alert("enquire", "T-11", {"broker": "possible_broker"}, ("p1",))), [broker])[0]["place"] == 1


def test_a_pattern_of_movement_is_told_apart_from_a_find():
    told = of_cases(read(alert("enquire", None, {"ana": "hub"}, ("p1", "x"))), [case()])[0]

    assert told["place"] is None
    assert told["as movement"]


def test_an_unknown_heading_stops_the_count():
    strange = alert("review", "T-06", GOOD, ("p1",))
    object.__setattr__(strange, "typology", "Something new")

    with pytest.raises(LookupError, match="no typology is headed"):
        read(strange)


def test_an_innocent_instance_is_flagged_whatever_the_role_but_not_by_support():
    shelter = Planted("shelter-1", "H-10", "plain", True, {"r1": "resident", "r2": "resident"})
    other = Planted("shelter-2", "H-10", "plain", True, {"r3": "resident"})
    alerts = [
        alert("review", "T-13", {"r1": "possibly_exploited", "nobody": "possible_controller"}, ()),
        alert("support", "T-03", {"r3": "possibly_exploited"}, (), "A-2"),
    ]

    told = of_innocents(
        read(*alerts), [shelter, other], holder={"r1": "R", "nobody": "N", "nobody, too": "N", "quiet": "Q"}
    )

    assert told["H-10"] == {
        "instances": 2, "flagged": 1, "priority": 0, "to support": 1, "accounts": 3, "accounts flagged": 1
    }  # fmt: skip
    assert told["in no story"] == {
        "instances": 2, "flagged": 1, "priority": 0, "to support": 0, "accounts": 3, "accounts flagged": 1
    }  # fmt: skip


def test_an_exploited_account_in_a_role_of_suspicion_is_counted_even_where_another_alert_is_right():
    alerts = [
        alert("support", "T-03", {"ana": "possibly_exploited"}, ()),
        alert("review", "T-10", {"ana": "possible_mule", "boss": "possible_mule"}, (), "A-2"),
    ]

    told = of_exploited(read(*alerts), [case()])

    assert (told["accounts"], told["possibly exploited"], told["under suspicion"]) == (1, 1, 1)
    assert told["wrong"] == {"G-05 plain, controlled_person: possible_mule (T-10, review)": 1}


def test_a_neutral_role_is_no_suspicion():
    assert of_exploited(read(alert("review", "T-05", {"ana": "business"}, ())), [case()])["under suspicion"] == 0


def test_precision_counts_alerts_about_any_case():
    right = alert("review", "T-06", GOOD, ("p1",), "A-1")
    wrong = alert("priority", "T-01", {"x": "possibly_exploited"}, ("x",), "A-2")

    told = of_alerts(read(wrong, right), [case()])

    assert told["tiers"]["review"] == {"alerts": 1, "about a case": 1}
    assert told["tiers"]["priority"] == {"alerts": 1, "about a case": 0}
    assert told["first"]["20"] == {"alerts": 2, "about a case": 1}


def test_every_kind_of_exploitation_is_planted_in_every_variant_and_every_archetype_of_the_innocent():
    planned = read_plan(simulated.PLAN, simulated.DAYS)
    shelves = {shelf: Shelf(f"sample_data.{name}") for shelf, name in (("case", "cases"), ("innocent", "innocent"))}

    assert {(one.shelf, one.kind) for one in planned} == {
        (shelf, id_) for shelf in shelves for id_ in shelves[shelf].ids()
    }
    of_exploitation = [one for one in planned if shelves[one.shelf].load(one.kind).about.code.startswith("G-")]
    assert len({(one.kind, one.variant) for one in of_exploitation}) == len(of_exploitation) == 36


def test_every_kind_of_exploitation_is_served_by_its_own_typology_first():
    cases = Shelf("sample_data.cases")
    abouts = [cases.load(id_).about for id_ in cases.ids()]

    assert {about.code: about.typology for about in abouts if about.typology.startswith("T-")} == {
        code: serving[0] for code, serving in simulated.SERVES.items()
    }


def test_each_tier_of_data_has_all_of_the_one_before():
    gone = [simulated_tiers.lacking(tier) for tier in simulated_tiers.ADDS]

    assert all(more > less for more, less in pairwise(gone))
    assert not gone[-1]


def test_a_statement_has_no_hours_machines_or_tables_beside(tmp_path):
    payments = {"payer": ["A1"], "payee": ["cash:7"], "amount": ["10.00"], "sent_at": ["x"], "terminal_id": ["7"]}
    full = tmp_path / "full"
    full.mkdir()
    pq.write_table(pa.table(payments), full / "payments.parquet")
    for name in ("accounts", "customers", "links"):
        pc_csv.write_csv(pa.table({"account_id": ["A1"], "introducer_id": ["N"]}), full / f"{name}.csv")

    statement = simulated_tiers.reduced(full, tmp_path / "statement", "statement")
    with_customers = simulated_tiers.reduced(full, tmp_path / "customers", "+ customers")

    assert [path.name for path in statement.iterdir()] == ["payments.parquet"]
    assert pq.read_table(statement / "payments.parquet").to_pylist() == [
        {"payer": "A1", "payee": "cash:unnamed", "amount": "10.00"}
    ]
    assert {path.name for path in with_customers.iterdir()} == {"payments.parquet", "accounts.csv", "customers.csv"}
    assert pc_csv.read_csv(with_customers / "accounts.csv").column_names == ["account_id"]


def test_the_page_about_data_has_the_frozen_table():
    every = json.loads((FROZEN / "simulated_tiers.json").read_text(encoding="utf-8"))["figures"]["together"]

    assert simulated_tiers.page(every) in simulated_tiers.PAGE.read_text(encoding="utf-8")


def test_the_readme_of_the_benchmarks_has_the_frozen_tables():
    every = json.loads((FROZEN / "simulated.json").read_text(encoding="utf-8"))["figures"]["together"]

    assert simulated.page(every) in (HERE / "README.md").read_text(encoding="utf-8")


def test_tuning_seeds_are_never_the_reported_ones():
    frozen = json.loads((FROZEN / "simulated.json").read_text(encoding="utf-8"))["figures"]

    assert [int(seed) for seed in frozen["banks"]] == list(simulated.SEEDS)
    assert min(simulated.SEEDS) > 299
