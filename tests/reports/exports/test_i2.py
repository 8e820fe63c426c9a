"""The guide for i2 names every column that is written, and nothing that is not."""

from __future__ import annotations

import csv
import io
import re

from reports.exports.i2 import I2


def test_the_guide_says_of_every_column_where_it_goes(hard):
    made = I2().files(hard)
    sections = made["i2_columns.md"].decode().split("## ")[1:]
    for name, section in zip(("i2_entities.csv", "i2_links.csv"), sections, strict=True):
        assert section.startswith(name)
        told = re.findall(r"^\| (\S+) \|", section, re.MULTILINE)
        assert told[1:] == next(csv.reader(io.StringIO(made[name].decode())))


def test_a_payment_without_an_hour_has_a_date_and_no_time(hard):
    links = {row["Identity"]: row for row in csv.DictReader(io.StringIO(I2().files(hard)["i2_links.csv"].decode()))}
    assert (links["p4"]["Date"], links["p4"]["Time"]) == ("2026-01-02", "")
    assert (links["p5"]["Date"], links["p5"]["Time"]) == ("2026-01-03", "10:30:00")
