"""What is measured of an alert's account is what a feature table says of it, and nothing that may not be fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.feature_columns import COLUMNS
from graphs.features import account_features
from reports.alert import AccountInAlert
from reports.measured import PREFIX, RANK, names, with_measures
from tests.reports.made_alerts import made


@pytest.fixture(scope="module")
def features():
    return account_features(
        whole(
            payments_from_arrows("""
            day 0 09:00  ext:anna -> shop  40.00 EUR sct
            day 0 10:00  ext:bela -> shop  60.00 EUR sct
            day 1 09:00  shop -> till      90.00 EUR sct""")
        )
    )


def measured(features, *accounts):
    alert = replace(made("A-a", "abc"), accounts=tuple(AccountInAlert(one, "collects") for one in accounts))
    scores = {"ensemble": np.linspace(0.2, 0.4, len(features.accounts))}
    ranks = pa.table({"account_id": features.accounts, RANK: np.linspace(0.6, 0.8, len(features.accounts))})
    (told,) = with_measures([alert], features, scores, ranks)
    assert replace(told, measured={}) == alert
    return told.measured


def test_it_is_the_row_of_the_first_account_of_the_bank_in_the_pattern(features):
    told = measured(features, "ext:anna", "till", "shop")
    row = features.row_of["till"]
    assert told[PREFIX + "in_count"] == features.column("in_count")[row] == 1
    assert (told[PREFIX + "ensemble"], told[PREFIX + RANK]) == (0.2 + 0.2 * row, 0.6 + 0.2 * row)


def test_what_cannot_be_computed_is_not_there_and_of_an_account_of_others_nothing_is(features):
    told = measured(features, "till")
    assert np.isnan(features.column("passed_on_1d")[features.row_of["till"]]) == (PREFIX + "passed_on_1d" not in told)
    assert len(told) < len(names())
    assert all(np.isfinite(value) for value in told.values())
    assert measured(features, "ext:anna") == {}


def test_every_number_has_a_name_and_none_is_restricted(features):
    restricted = {PREFIX + column.name for column in COLUMNS if column.restricted}
    assert restricted
    assert restricted.isdisjoint(names())
    assert set(measured(features, "shop")) <= set(names())
