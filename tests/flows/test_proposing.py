"""A mapping proposed for an unknown CSV."""

from __future__ import annotations

import tomllib

import pytest

from flows.check import check_rows
from flows.errors import InputError
from flows.mapping import MappedReader, mapping_from
from flows.proposing import propose


@pytest.fixture
def proposed(tmp_path):
    def proposing(content, encoding="utf-8"):
        path = tmp_path / "unknown.csv"
        path.write_bytes(content.encode(encoding))
        proposal = propose(path)
        return path, tomllib.loads(proposal.toml), " / ".join(proposal.doubts)

    return proposing


def kept_of(path, found):
    batches = MappedReader(mapping_from(found)).read(path)
    return [row for batch in batches for row in check_rows(batch, path.name, "h").kept.to_pylist()]


def test_a_german_statement_is_understood_but_for_its_currency(proposed):
    path, found, doubts = proposed(
        "Kontoauszug Nr. 7\nIBAN;Buchungstag;Gegenkonto;Betrag;Verwendungszweck;Saldo\n"
        "DE1;31.01.2026;FR7;-1.234,56;Möbel;5,00\nDE1;01.02.2026;(null);12,50;Lohn;17,50\n",
        "windows-1252",
    )
    assert found["file"] == {"delimiter": ";", "encoding": "windows-1252", "skip_lines": 1, "nulls": ["(null)"]}
    assert found["numbers"] == {"decimal": ",", "grouping": "."}
    assert found["dates"] == {"booked_on": "%d.%m.%Y"}
    assert found["sign"]["rule"] == "negative_is_debit"
    assert found["constants"]["currency"] == ""
    assert "Windows-1252 is a guess" in doubts
    assert "1 line before the header is" in doubts
    found["constants"]["currency"] = "EUR"
    assert [(row["payer"], row["payee"], row["amount_minor"]) for row in kept_of(path, found)] == [
        ("DE1", "ext:FR7", 123456),
        ("ext:unnamed", "DE1", 1250),
    ]


def test_two_columns_of_sums_are_debit_and_credit(proposed):
    _, found, _ = proposed(
        "Date,Description,Paid out,Paid in,Balance,Account\n31/01/2026,Shop,12.50,,100.00,A1\n"
        '01/02/2026,Wage,,"1,200.00",1.00,A1\n'
    )
    assert found["sign"] == {
        "rule": "two_columns",
        "debit": "Paid out",
        "credit": "Paid in",
        "own_account": "Account",
        "other_account": "",
        "balance": "Balance",
    }
    assert found["numbers"] == {"decimal": ".", "grouping": ","}
    assert found["dates"]["booked_on"] == "%d/%m/%Y"


def test_a_word_for_debit_or_credit_is_a_flag(proposed):
    _, found, _ = proposed(
        "Buchungstag;Betrag;S/H;IBAN;Währung\n01.02.2026;5,00;S;DE1;EUR\n01.02.2026;6,00;H;DE1;EUR\n"
    )
    assert (found["sign"]["rule"], found["sign"]["debit_flags"], found["sign"]["credit_flags"]) == (
        "flag",
        ["S"],
        ["H"],
    )
    assert found["columns"]["currency"] == "Währung"


@pytest.mark.parametrize(
    ("dates", "form", "doubt"),
    [
        (("03/04/2026", "05/04/2026"), "%d/%m/%Y", "day first or month first: no part is over 12"),
        (("03/04/2026", "31/04/2026"), "%d/%m/%Y", ""),
        (("03/04/2026", "04/31/2026"), "%m/%d/%Y", ""),
        (("31/04/2026", "04/31/2026"), "%d/%m/%Y", "both day first and month first"),
        (("2026-01-05", "2026-01-06"), "%Y-%m-%d", ""),
        (("5 Jan 2026", "6 Jan 2026"), "%d %b %Y", ""),
        (("Monday", "Tuesday"), "%Y-%m-%d", "of no known form"),
    ],
)
def test_the_order_of_day_and_month_is_told_where_it_can_be(proposed, dates, form, doubt):
    _, found, doubts = proposed("from,to,amount,currency,date\n" + "".join(f"a,b,1.00,EUR,{day}\n" for day in dates))
    assert found["dates"]["booked_on"] == form
    assert doubt in doubts
    assert ("month first" in doubts) == ("month first" in doubt)


def test_ids_that_a_spreadsheet_damaged_are_reported(proposed):
    _, _, doubts = proposed(
        "id,from,to,amount,currency,date\n1.2E+15,a,b,5.00,EUR,2026-01-05\n2,a,b,5.00,EUR,2026-01-05\n"
    )
    assert "1 value in 'id' reads like 1.23E+15" in doubts


def test_a_file_of_payers_and_payees_is_read_as_proposed(proposed):
    path, found, doubts = proposed(
        "\ufeffid\tfrom\tto\tamount\tcurrency\ttimestamp\n1\ta\tb\t5.00\tEUR\t2026-01-05T10:00:00\n2\tb\ta\t6.00\tEUR\t2026-01-05T11:00:00\n"
    )
    assert not doubts
    assert [(row["payer"], row["amount_minor"], row["sent_at"].hour) for row in kept_of(path, found)] == [
        ("a", 500, 10),
        ("b", 600, 11),
    ]


def test_an_id_that_repeats_names_no_payment(proposed):
    _, found, doubts = proposed("ref,from,to,amount,currency,date\n1,a,b,5,EUR,2026-01-05\n1,a,b,6,EUR,2026-01-05\n")
    assert "payment_id" not in found["columns"]
    assert "no column with an id of its own" in doubts


def test_nothing_that_tells_direction_is_said(proposed):
    _, _, doubts = proposed("date,amount,account\n2026-01-05,5.00,A\n2026-01-06,5.00,A\n")
    assert "nothing tells debits from credits" in doubts


@pytest.mark.parametrize("content", ["one word\nanother\n", "", "\n\n"])
def test_a_file_without_columns_gets_no_mapping(proposed, content):
    with pytest.raises(InputError):
        proposed(content)


def test_a_carriage_return_within_a_line_is_no_text_that_can_be_split(proposed):
    with pytest.raises(InputError, match="not text that can be split"):
        proposed("date;amount\r2026-01-05;1.50\n")


def test_columns_told_apart_by_a_control_character_are_text(proposed):
    with pytest.raises(InputError, match="no columns can be told apart"):
        proposed("date\x01amount\n" + "2026-01-05\x011.50\n" * 100)


def test_a_file_none_of_whose_lines_is_a_header_gets_no_mapping(proposed):
    with pytest.raises(InputError, match="no line names the columns"):
        proposed("a;;\n;;b\n")


def test_a_column_without_a_name_is_not_taken_for_an_id(proposed):
    _, found, _ = proposed("date;amount;\n2026-01-05;1.50;x\n2026-01-06;1.50;x\n")
    assert "payment_id" not in found["columns"]
