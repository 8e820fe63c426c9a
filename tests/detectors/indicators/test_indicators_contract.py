"""What every indicator owes, whatever it measures: a member of the shelf is held to this by existing."""

import dataclasses
import pickle
import re
import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa

from detectors.about import LEGS, settable
from detectors.indicating import LISTS, TABLES, measure
from detectors.indicator import CEILING, NOT_SUSPECTED, ROLES, IndicatorAbout
from detectors.indicator_fields import TIERS, every_indicator
from flows.engines.local import Local
from flows.payments import OUTSIDE_PREFIXES
from flows.plugins import Shelf
from flows.window import SideTables, no_payments, times, whole
from tests.detectors.indicators.conftest import indicator_cases

SOURCES = tomllib.loads((Path(__file__).parents[3] / "detectors" / "sources.toml").read_text(encoding="utf-8"))
CATALOGUE = {one.id: one for one in every_indicator()}
LEVEL_NAMES = {*(f"{name}.{column}" for name, table in TABLES.items() for column in table.names)}


def about_of(indicator_id):
    return Shelf("detectors.indicators").load(indicator_id).about


def test_it_says_what_it_is(indicator_id):
    about = about_of(indicator_id)
    assert isinstance(about, IndicatorAbout)
    assert about.id == indicator_id.upper()
    assert (about.id, about.tiers) == (CATALOGUE[about.id].id, CATALOGUE[about.id].tiers)
    assert about.question.endswith("?")
    assert about.leg in LEGS
    assert about.reliability in CEILING
    assert set(about.tiers) <= TIERS.keys()
    assert set(about.roles) <= ROLES.keys()
    assert len((Shelf("detectors.indicators").load(indicator_id).__doc__ or "").split()) > 30


def test_its_sources_are_listed(indicator_id):
    unknown = set(about_of(indicator_id).sources) - SOURCES.keys()
    assert not unknown, f"add to detectors/sources.toml: {sorted(unknown)}"


def test_what_it_needs_is_something_real(indicator_id):
    about = about_of(indicator_id)
    real = (
        LEVEL_NAMES | {f"motif.{id_}" for id_ in Shelf("detectors.motifs").ids()} | {f"list.{name}" for name in LISTS}
    )
    for need in (*about.needs, *about.reduced):
        assert set(need.split("|")) <= real, need


def test_its_sentence_is_made_from_its_numbers(indicator_id):
    about = about_of(indicator_id)
    assert set(re.findall(r"{(\w+)}", about.sentence)) == about.numbers.keys()
    assert about.sentence.endswith(".")


def test_its_parameters_have_a_unit_and_a_reason(indicator_id):
    kind = Shelf("detectors.indicators").load(indicator_id)
    assert {field.name for field in dataclasses.fields(kind)} == settable(kind).keys()
    for name, field in settable(kind).items():
        limits = field.metadata
        assert limits["unit"], name
        assert len(limits["why"].split()) >= 3, f"{name}: say where the default comes from"
        assert limits["least"] is None or field.default >= limits["least"], name
        assert limits["most"] is None or field.default <= limits["most"], name
    assert kind().weak < kind().strong
    assert pickle.loads(pickle.dumps(kind())) == kind()


def test_it_has_a_case_that_scores_and_an_innocent_one(indicator_id):
    cases = indicator_cases(indicator_id)
    assert any(case.scores for case in cases), "write a case that scores"
    assert any(not case.scores and not case.not_computable for case in cases), "write an innocent one with scores = []"


def test_nothing_is_scored_in_nothing(indicator_id):
    indicator = Shelf("detectors.indicators").load(indicator_id)()
    nothing = measure(Local(threads=1), whole(no_payments()), [indicator], motifs=Shelf("detectors.motifs").ids())
    assert not nothing.scores
    assert not nothing.failures


def test_the_case_scores_whom_it_says_and_nobody_else(indicator_case):
    measured = indicator_case.as_written
    assert not measured.failures
    assert tuple(lack for all_ in measured.not_computable.values() for lack in all_) == indicator_case.not_computable
    assert bool(measured.degraded) == indicator_case.degraded
    found = {score.centre: score for score in measured.scores}
    assert {said["centre"] for said in indicator_case.scores} == found.keys()
    for said in indicator_case.scores:
        score = found[said["centre"]]
        assert said.get("least", 0.000001) <= score.score <= said.get("most", 1.0), score
        if "payments" in said:
            assert set(score.payments) == set(said["payments"])
        if "others" in said:
            assert set(score.others) == set(said["others"])


def test_evidence_lies_in_the_window_in_the_order_of_time(indicator_case):
    window = indicator_case.window()
    row = {name: index for index, name in enumerate(window.payments["payment_id"].to_pylist())}
    at = times(window.payments)
    nodes = {*window.payments["payer"].to_pylist(), *window.payments["payee"].to_pylist()}
    for score in indicator_case.measured(window).scores:
        rows = [row[name] for name in score.payments]
        assert rows == sorted(set(rows)), "each payment once, in the order of the window"
        assert (score.first_at, score.last_at) == (at[rows[0]], at[rows[-1]])
        assert {score.centre, *score.others} <= nodes
        assert not score.centre.startswith(OUTSIDE_PREFIXES), "a score is of one of the bank's own accounts"
        assert {role for _, role in score.roles} <= ROLES.keys()
        assert "{" not in score.sentence
        assert all(isinstance(number, int | float) for _, number, _ in score.numbers)
        assert pickle.loads(pickle.dumps(score)) == score


def test_without_what_it_needs_it_says_what_is_missing_and_scores_nobody(indicator_case):
    """Missing data is not computable: never 0, never suspicious."""
    for need in indicator_case.indicator_class.about.needs:
        bare = without(indicator_case, need.split("|"))
        if bare is None:
            continue
        measured = bare.measured()
        assert not measured.scores
        assert need in measured.not_computable[indicator_case.indicator_class.about.id]


def without(case, columns):
    """Give the case with these columns emptied; None where they are no columns of a table."""
    payments, side, lists = case.payments, case.side, dict(case.lists)
    for name in columns:
        table, _, column = name.partition(".")
        if table == "motif":
            return None
        if table == "list":
            lists.pop(column, None)
        elif table == "payments":
            payments = emptied(payments, column)
            if column == "sent_at":
                payments = replaced(payments, "ts_quality", ["date_only"] * payments.num_rows)
        elif getattr(side, table) is not None:
            side = dataclasses.replace(side, **{table: emptied(getattr(side, table), column)})
    return dataclasses.replace(case, payments=payments, side=side, lists=lists)


def emptied(table, column):
    if not table.schema.field(column).nullable:
        return table.slice(0, 0)
    return replaced(table, column, [None] * table.num_rows)


def replaced(table, column, values):
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(column), pa.array(values, table.schema.field(column).type))


def told(scores, names=lambda name: name):
    return {
        (
            names(score.centre),
            score.score,
            score.value,
            score.support,
            score.sentence,
            score.payments,
            frozenset(map(names, score.others)),
            frozenset((names(account), role) for account, role in score.roles),
        )
        for score in scores
    }


def test_the_order_of_rows_changes_nothing(indicator_case):
    shuffled = pa.array(np.random.default_rng(7).permutation(indicator_case.payments.num_rows))
    other = dataclasses.replace(indicator_case, payments=indicator_case.payments.take(shuffled))
    assert told(other.measured().scores) == told(indicator_case.as_written.scores)


def test_the_names_of_accounts_and_customers_change_nothing(indicator_case):
    other, names = renamed(indicator_case, reverse=True)
    expected = told(indicator_case.as_written.scores, names.get)
    assert told(other.measured().scores) == expected


def renamed(case, *, reverse):
    """Give every account and customer another name of the same class, in the opposite order if told so."""
    used = {*case.payments["payer"].to_pylist(), *case.payments["payee"].to_pylist()}
    if case.side.accounts is not None:
        used |= set(case.side.accounts["account_id"].to_pylist())
    classes = {name: next((prefix for prefix in OUTSIDE_PREFIXES if name.startswith(prefix)), "") for name in used}
    names = {name: f"{classes[name]}n{index:04d}" for index, name in enumerate(sorted(used, reverse=reverse))}
    payments = case.payments
    for column in ("payer", "payee"):
        payments = replaced(payments, column, list(map(names.get, payments[column].to_pylist())))
    tables = {name: getattr(case.side, name) for name in ("accounts", "customers", "links")}
    ids = {one for table in tables.values() if table is not None for one in table["customer_id"].to_pylist() if one}
    people = {name: f"k{index:04d}" for index, name in enumerate(sorted(ids, reverse=reverse))}
    for name, table in tables.items():
        if table is not None:
            tables[name] = replaced(table, "customer_id", list(map(people.get, table["customer_id"].to_pylist())))
    if tables["accounts"] is not None:
        tables["accounts"] = replaced(
            tables["accounts"], "account_id", list(map(names.get, tables["accounts"]["account_id"].to_pylist()))
        )
    hubs = frozenset(names.get(hub, hub) for hub in case.hubs)
    return dataclasses.replace(case, payments=payments, side=SideTables(**tables), hubs=hubs), names


def test_looking_at_accounts_in_portions_changes_nothing(indicator_case):
    pieced = indicator_case.measured(max_payments=max(1, 2 * indicator_case.payments.num_rows // 5))
    assert not pieced.failures
    assert told(pieced.scores) == told(indicator_case.as_written.scores)


def test_whoever_may_be_exploited_is_never_a_suspect():
    assert "possibly_exploited" in NOT_SUSPECTED
    assert not any("suspect" in words for words in ROLES.values())
