"""The frozen results belong to the code that is here, and the scripts that made them still run."""

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.quality import amlsim_cases, amlworld_patterns, berka
from benchmarks.quality.freezing import FROZEN, HERE, table
from detectors.catalogue import every_detector
from flows.arrows import payments_from_arrows
from flows.ingest import ingest
from flows.ledger import Ledger
from moneytrail.settings import load
from reports.alert import Alert

ROOT = HERE.parents[1]
DATA = ROOT.parent / "shared" / "data"
NAMES = ("amlsim_cases", "amlworld_patterns", "berka", "simulated", "simulated_tiers")


def frozen(name: str) -> dict:
    return json.loads((FROZEN / f"{name}.json").read_text(encoding="utf-8"))


def alert(*payments: str) -> Alert:
    values = dict.fromkeys(Alert.__dataclass_fields__)
    return Alert(**{**values, "payments": payments})


@pytest.mark.parametrize("name", NAMES)
def test_a_detector_whose_version_changed_has_been_measured_again(name):
    now = {entry.id: entry.about.version for entry in every_detector()}
    then = frozen(name)["made_with"]["detectors"]

    assert {id_: version for id_, version in then.items() if id_ in now} == {
        id_: now[id_] for id_ in then if id_ in now
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_one_machine_took_is_apart_from_what_is_the_same_everywhere(name):
    result = frozen(name)

    assert set(result) == {"figures", "made_with", "measured"}
    assert "seconds" not in json.dumps(result["figures"])


def test_an_alert_is_about_a_case_if_half_of_it_is_the_case():
    case = amlsim_cases.Case("1", "cycle", frozenset(["a", "b", "c", "d"]))

    assert amlsim_cases.about(alert("a", "x"), case)
    assert not amlsim_cases.holds(alert("a", "x"), case)
    assert amlsim_cases.holds(alert("a", "b", "x", "y", "z"), case)
    assert not amlsim_cases.about(alert("a", "b", "x", "y", "z"), case)
    assert amlsim_cases.touches(alert("d", "x", "y"), case)
    assert not amlsim_cases.touches(alert("x"), case)


def test_precision_counts_alerts_and_recall_counts_cases():
    cases = [amlsim_cases.Case("1", "cycle", frozenset("ab")), amlsim_cases.Case("2", "cycle", frozenset("cd"))]
    alerts = [alert("a", "b"), alert("a"), alert("x")]

    assert amlsim_cases.precision(alerts, cases) == {"about": 2, "holds": 2, "touches": 2}
    assert amlsim_cases.recall(alerts, cases) == {"about": 1, "holds": 1, "touches": 1}


def test_chance_touches_as_often_as_the_share_of_planted_payments_says():
    assert amlsim_cases.by_chance([alert("a"), alert("b")], planted=50, payments=100) == 1.0


@pytest.mark.parametrize(
    ("arrows", "why"),
    [
        (
            "day 0 09:00 a -> b 900 EUR\nday 0 20:00 b -> c 880 EUR\nday 1 08:00 c -> a 850 EUR",
            "lost among other payments",
        ),
        ("day 0 09:00 a -> b 900 EUR\nday 0 20:00 b -> c 880 USD\nday 1 08:00 c -> a 850 EUR", "currency changes"),
        ("day 0 09:00 a -> b 900 EUR\nday 0 20:00 b -> c 100 EUR\nday 1 08:00 c -> a 90 EUR", "amounts not kept"),
        ("day 0 09:00 a -> b 900 EUR\nday 5 20:00 b -> c 880 EUR\nday 9 08:00 c -> a 850 EUR", "too slow"),
        (
            "day 3 09:00 a -> b 900 EUR\nday 3 09:00 b -> c 880 EUR\nday 3 09:00 c -> a 850 EUR",
            "not in time order, or another shape",
        ),
        ("day 0 09:00 a -> b 900 EUR\nday 0 20:00 b -> a 880 EUR", "fewer than 3 payments"),
        (
            "day 0 a -> b 9 EUR\nday 0 c -> d 9 EUR\nday 1 e -> f 9 EUR",
            "falls into parts that share no account",
        ),
    ],
)
def test_the_reason_is_the_smallest_loosening_that_finds_the_attempt(arrows, why):
    attempt = amlworld_patterns.Attempt(0, "cycle", payments_from_arrows(arrows))

    assert amlworld_patterns.why_not(attempt) == why


def test_the_background_is_the_same_for_the_same_seed_and_nobody_pays_himself():
    one, again = (amlworld_patterns.background(2_000, seed=3) for _ in range(2))

    assert one.equals(again)
    assert not any(
        payer == payee for payer, payee in zip(*one.select(["payer", "payee"]).to_pydict().values(), strict=True)
    )


def test_the_slow_settings_are_settings():
    assert load(amlsim_cases.SLOW).detectors["round-trip"]["most_hops"] == 8


def test_a_table_lines_its_numbers_up():
    assert table([{"kind": "cycle", "cases": 1200}]) == "kind   cases\ncycle  1,200"


@pytest.mark.shared
@pytest.mark.skipif(not (DATA / "berka").is_dir(), reason="the public sets are not in ../shared/data")
def test_the_real_bank_balances_and_gives_the_frozen_figures(tmp_path):
    figures, _ = berka.measure(DATA, tmp_path)

    assert figures["balanced"]
    before = frozen("berka")["figures"]
    for name in ("rows", "money_minor", "accounts", "days", "hubs", "what_the_set_can_show"):
        assert figures[name] == before[name]


@pytest.mark.shared
@pytest.mark.skipif(not (DATA / "amlsim").is_dir(), reason="the public sets are not in ../shared/data")
def test_the_planted_cases_are_as_frozen():
    rows = amlsim_cases.pq.read_table(DATA / amlsim_cases.FILE).to_pandas()

    assert len(amlsim_cases.cases(rows)) == 70
    assert amlsim_cases.shapes(rows) == frozen("amlsim_cases")["figures"]["shapes"]


@pytest.mark.shared
@pytest.mark.skipif(not (DATA / "amlworld").is_dir(), reason="the public sets are not in ../shared/data")
def test_every_payment_of_the_pattern_file_goes_back_to_its_attempt(tmp_path):
    path = DATA / amlworld_patterns.FILE
    ingest(tmp_path, {"payments": [path]})
    kept = Ledger.open(tmp_path).counted()

    every = amlworld_patterns.attempts(path, kept)

    assert sum(len(attempt.ids) for attempt in every) == kept.num_rows
    shapes = frozen("amlworld_patterns")["figures"]["shapes"]
    assert Counter(attempt.shape for attempt in every) == {shape: told["attempts"] for shape, told in shapes.items()}


def test_every_attempt_of_the_frozen_result_is_accounted_for():
    for told in frozen("amlworld_patterns")["figures"]["shapes"].values():
        assert told["found by it"] + sum(told["why its own does not"].values()) == told["attempts"]


def test_without_the_data_a_measurement_says_what_is_missing(tmp_path):
    with pytest.raises(SystemExit, match=r"^Nothing measured: trans_1993_94.asc is not in "):
        berka.needed(Path(tmp_path) / "trans_1993_94.asc")
