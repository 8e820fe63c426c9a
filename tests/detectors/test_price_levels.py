"""What a unit of each money is worth in u: known money, where it comes from, and the catalogue's own figures."""

import csv
from importlib.resources import files

import pytest

from detectors.sight import rate
from flows.money import CURRENCIES

ROWS = list(csv.DictReader(files("detectors").joinpath("price_levels.csv").read_text(encoding="utf-8").splitlines()))


def test_each_money_is_known_and_named_once():
    names = [row["currency"] for row in ROWS]
    assert set(names) <= set(CURRENCIES)
    assert len(set(names)) == len(names)
    assert all(float(row["eur"]) > 0 for row in ROWS)


def test_each_rate_says_where_it_comes_from():
    assert {row["source"] for row in ROWS} == {"by definition", "catalogue", "ours"}


def test_the_figures_of_the_catalogue_hold():
    assert rate("EUR") == 1
    assert [90 * rate("SEK"), 300 * rate("SEK")] == pytest.approx([8, 27], abs=0.5)
