from __future__ import annotations

import pyarrow as pa
import pytest

from flows.errors import PluginError
from reports.ranking import account_scores


def ranked(night, example, **more):
    accounts = sorted({account for finding in night.findings for account in finding.accounts} | {"quiet"})
    return account_scores(accounts, night.findings, example.about_of, **more)


def test_every_account_has_one_place(night, example):
    table = ranked(night, example)
    assert len(set(table["account_id"].to_pylist())) == table.num_rows
    scores = table["rank_score"].to_pylist()
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert table["rank_score"].to_pylist()[table["account_id"].to_pylist().index("quiet")] == 0


def test_the_centre_ranks_before_who_takes_part(night, example):
    order = ranked(night, example)["account_id"].to_pylist()
    assert order[0] == "ACC-40117"
    assert order.index("ACC-55020") < order.index("ext:RO49-1187") < order.index("ext:n-201")


def test_columns_are_named_by_detector(night, example):
    assert {"fan_in", "pass_through", "isolation_forest", "rank_score"} <= set(ranked(night, example).column_names)


def test_rarity_orders_what_no_pattern_names_and_unknown_is_not_zero(night, example):
    scores = pa.table({"account_id": ["quiet", "ACC-1001"], "isolation-forest": [0.9, None]})
    table = ranked(night, example, outlier_scores=scores)
    row = {row["account_id"]: row for row in table.to_pylist()}
    assert row["quiet"]["rank_score"] == pytest.approx(0.27)
    assert row["ACC-1001"]["isolation_forest"] is None


def test_a_hub_gains_nothing_from_taking_part(night, example):
    table = ranked(night, example, hubs={"ACC-40117"})
    row = {row["account_id"]: row for row in table.to_pylist()}
    assert row["ACC-40117"]["rank_score"] == 0


def test_the_order_of_findings_changes_nothing(night, example):
    names = ["ACC-40117", "ACC-9000"]
    forth = account_scores(names, night.findings, example.about_of)
    assert forth.equals(account_scores(names[::-1], night.findings[::-1], example.about_of))


def test_scores_of_a_detector_that_was_not_run_are_refused(night, example):
    with pytest.raises(PluginError, match="was not run"):
        ranked(night, example, outlier_scores=pa.table({"account_id": ["quiet"], "nobody": [0.5]}))
