"""Neo4j's bulk import finds the headers it asks for, and every relationship the nodes it names."""

from __future__ import annotations

import csv
import io

from reports.exports.neo4j import Neo4j


def test_headers_are_those_of_the_bulk_import(hard):
    made = Neo4j().files(hard)
    nodes = next(csv.reader(io.StringIO(made["neo4j_nodes.csv"].decode())))
    payments = next(csv.reader(io.StringIO(made["neo4j_payments.csv"].decode())))
    assert nodes[:2] == ["node:ID", ":LABEL"]
    assert {":START_ID", ":END_ID", ":TYPE", "amount_minor:long", "at:datetime", "booked_on:date"} <= set(payments)
    assert "payment_id" in payments


def test_the_guide_names_the_files_that_are_written(hard):
    made = Neo4j().files(hard)
    guide = made["neo4j_import.md"].decode()
    assert "--nodes=neo4j_nodes.csv" in guide
    assert "--relationships=neo4j_payments.csv" in guide
