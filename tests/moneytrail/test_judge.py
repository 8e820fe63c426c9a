"""`moneytrail judge` is `moneytrail alerts judge` under the name of the outside contract."""

from __future__ import annotations

from click.testing import CliRunner

from moneytrail.commands.alerts import alerts
from moneytrail.commands.judge import judge


def test_it_is_the_same_command():
    assert alerts.commands["judge"] is judge


def test_an_outcome_that_is_none_is_refused_before_any_store_is_opened():
    result = CliRunner().invoke(judge, ["A-1", "maybe", "--reason", "reported"])
    assert result.exit_code == 2
    assert "useful" in result.output
