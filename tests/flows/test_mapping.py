"""Any CSV, by a mapping."""

from __future__ import annotations

import re
import tomllib

import pytest

from flows.check import check_rows
from flows.errors import InputError, SettingsError
from flows.mapping import MappedReader, load_mapping, mapping_from
from flows.sniffing import content_hash

STATEMENT = """
[file]
delimiter = ";"
nulls = ["(null)"]
[numbers]
decimal = ","
grouping = "."
[dates]
booked_on = "%d.%m.%Y"
sent_at = "%d.%m.%Y %H:%M"
time_zone = "Europe/Berlin"
[columns]
booked_on = "Datum"
sent_at = ["Datum", "Zeit"]
narrative = "Text"
channel = "Art"
[constants]
currency = "EUR"
[words.channel]
"Karte" = "card_pos"
[sign]
rule = "negative_is_debit"
amount = "Betrag"
own_account = "Konto"
other_account = "Gegenkonto"
balance = "Saldo"
"""

HEADER = "Konto;Datum;Zeit;Gegenkonto;Betrag;Text;Art;Saldo\n"


@pytest.fixture
def read(tmp_path):
    def reading(mapping, content, encoding="utf-8"):
        path = tmp_path / "statement.csv"
        path.write_text(content, encoding=encoding)
        reader = MappedReader(mapping_from(tomllib.loads(mapping)))
        found = [check_rows(batch, path.name, "hash") for batch in reader.read(path)]
        kept = [row for checked in found for row in checked.kept.to_pylist()]
        rejects = [(row["line"], row["column"], row["reason"]) for c in found for row in c.rejects.to_pylist()]
        return kept, rejects

    return reading


def test_a_statement_becomes_arrows_from_and_to_the_own_account(read, tmp_path):
    kept, rejects = read(
        STATEMENT,
        HEADER
        + "DE1;05.01.2026;10:30;FR7;-1.234,56;Miete;Karte;100,00\n"
        + "DE1;06.07.2026;23:00;(null);12,5;;Karte;112,50\n",
    )
    assert not rejects
    first, second = kept
    assert (first["payer"], first["payee"], first["amount_minor"]) == ("DE1", "ext:FR7", 123456)
    assert (first["channel"], first["narrative"], first["payer_balance_after_minor"]) == ("card_pos", "Miete", 10000)
    assert (first["sent_at"].hour, first["utc_offset_min"]) == (9, 60)
    assert (second["payer"], second["payee"], second["amount_minor"]) == ("ext:unnamed", "DE1", 1250)
    assert (second["sent_at"].hour, second["utc_offset_min"], second["narrative"]) == (21, 120, None)
    begun = content_hash(tmp_path / "statement.csv")[:12]
    assert [row["payment_id"] for row in kept] == [f"{begun}-2", f"{begun}-3"]


def test_what_does_not_fit_the_mapping_is_rejected_and_not_mended(read):
    _, rejects = read(
        STATEMENT,
        HEADER
        + "DE1;05/01/2026;10:30;FR7;-5,00;;Karte;\n"
        + "DE1;05.01.2026;10:30;FR7;-1.23,5;;Karte;\n"
        + "DE1;05.01.2026;10:30;FR7;-12.34;;Karte;\n"
        + "DE1;05.01.2026;10:30;FR7;-5,00;;Brieftaube;\n"
        + "1,2E+15;05.01.2026;10:30;FR7;-5,00;;Karte;\n",
    )
    assert rejects == [
        (2, "booked_on", "date_unreadable"),
        (3, "amount", "amount_not_decimal"),
        (4, "amount", "amount_not_decimal"),
        (5, "channel", "channel_unknown"),
        (6, "payer", "id_damaged_by_excel"),
    ]


def test_debit_and_credit_may_stand_in_two_columns(read):
    kept, rejects = read(
        """
        [columns]
        booked_on = "Date"
        payment_id = "Ref"
        [constants]
        currency = "GBP"
        [numbers]
        grouping = ","
        [sign]
        rule = "two_columns"
        debit = "Paid out"
        credit = "Paid in"
        own_account = "Account"
        """,
        'Ref,Account,Date,Paid out,Paid in\n1,A,2026-01-05,"1,200.50",\n2,A,2026-01-05,0.00,7\n3,A,2026-01-05,-4.00,\n'
        "4,A,2026-01-05,1.00,2.00\n5,A,2026-01-05,,\n",
    )
    assert [(row["payment_id"], row["payer"], row["amount_minor"]) for row in kept] == [
        ("1", "A", 120050),
        ("2", "ext:unnamed", 700),
        ("3", "A", 400),
    ]
    assert rejects == [(5, "amount", "amount_not_decimal"), (6, "amount", "missing")]


def test_a_flag_may_tell_debit_from_credit(read):
    kept, rejects = read(
        """
        [columns]
        booked_on = "Date"
        currency = "Ccy"
        [sign]
        rule = "flag"
        amount = "Amount"
        flag = "DC"
        debit_flags = ["D", "DR"]
        credit_flags = ["C"]
        own_account = "Account"
        other_account = "Other"
        """,
        "Account,Date,Amount,Ccy,DC,Other\nA,2026-01-05,1,EUR,DR,cash:atm\nA,2026-01-05,2,EUR,C,B\nA,2026-01-05,3,EUR,X,B\n",
    )
    assert [(row["payer"], row["payee"]) for row in kept] == [("A", "cash:atm"), ("ext:B", "A")]
    assert rejects == [(4, "amount", "amount_not_decimal")]


def test_payer_and_payee_may_stand_as_they_are(read):
    kept, _ = read(
        """
        [columns]
        payment_id = "id"
        payer = "from"
        payee = "to"
        amount = "sum"
        sent_at = "when"
        [constants]
        currency = "EUR"
        [dates]
        sent_at = "%Y-%m-%d %H:%M:%S"
        """,
        "id,from,to,sum,when\n7,a,b,3.50,2026-01-05 23:30:00\n",
    )
    assert (kept[0]["payer"], kept[0]["payee"], str(kept[0]["booked_on"])) == ("a", "b", "2026-01-05")


def test_a_file_without_a_column_of_the_mapping_is_refused(read):
    with pytest.raises(InputError, match="no column 'Saldo'"):
        read(STATEMENT, HEADER.replace(";Saldo", ""))


COMPLETE = '[columns]\npayer = "a"\npayee = "b"\namount = "c"\nbooked_on = "d"\ncurrency = "e"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[numbers]\ndecimel = ","', "did you mean 'decimal'"),
        ('[column]\npayer = "a"', "did you mean 'columns'"),
        ('[columns]\npayor = "a"', "did you mean 'payer'"),
        ('[sign]\nrule = "negative_is_debt"', "did you mean 'negative_is_debit'"),
        ('[columns]\npayer = ""', "columns.payer is not filled in"),
        ('[sign]\nrule = "flag"\namount = "a"', "sign.flag is not filled in"),
        (COMPLETE.replace('currency = "e"', ""), "columns.currency is not filled in"),
        (COMPLETE.replace('booked_on = "d"', ""), "columns.booked_on is not filled in"),
        (COMPLETE + '[constants]\ncurrency = ""\n[file]\ndelimiter = "ab"', "not one character"),
        (COMPLETE + '[file]\nencoding = "utf-16"', "not an encoding that can be read"),
        (COMPLETE + '[file]\nencoding = "klingon"', "not an encoding that can be read"),
        (COMPLETE + '[file]\nskip_lines = "2"', "not a whole number"),
        (COMPLETE + "[file]\nnulls = 3", "not a text or a list of texts"),
        (COMPLETE + '[numbers]\ndecimal = ","\ngrouping = ","', "the same as the grouping mark"),
        (COMPLETE + '[dates]\ntime_zone = "Europe/Atlantis"', "unknown time zone"),
        (COMPLETE + '[dates]\nbooked_on = "%Q"', "not a form of dates"),
        (COMPLETE + '[words]\nchannel = "x"', "not a table of words"),
        ("file = 3", "is no section"),
    ],
)
def test_a_mistake_in_a_mapping_names_the_key(text, message):
    with pytest.raises(SettingsError, match=message):
        mapping_from(tomllib.loads(text))


def test_a_mapping_file_that_is_no_toml_is_refused(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text("columns: a\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="no TOML"):
        load_mapping(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_mapping(tmp_path / "gone.toml")


def test_a_mapping_is_read_from_its_file(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(STATEMENT, encoding="utf-8")
    assert load_mapping(path).dates.time_zone == "Europe/Berlin"


def test_a_mapping_is_never_guessed():
    assert MappedReader(mapping_from(tomllib.loads(COMPLETE))).recognises(None) == 0


@pytest.mark.parametrize(("written", "named"), [("utf-8", "windows-1252"), ("windows-1252", "utf-8")])
def test_a_wrong_encoding_is_told_by_the_column_it_hides(read, written, named):
    mapping = STATEMENT.replace("[file]", f'[file]\nencoding = "{named}"').replace(
        '"Datum"', '"Tag der Wertstellung für"'
    )
    header = HEADER.replace("Datum", "Tag der Wertstellung für")
    with pytest.raises(InputError, match="no column 'Tag der Wertstellung für'") as refused:
        read(mapping, header + "DE1;05.01.2026;10:30;FR7;-1,00;;Karte;\n", encoding=written)
    assert "it has 'Tag der Wertstellung f" in refused.value.where
    assert "`encoding`" in refused.value.try_


def test_a_file_without_a_header_shows_none_of_its_first_payment(read):
    with pytest.raises(InputError, match="no column 'Datum'") as refused:
        read(STATEMENT, "DE1234;05.01.2026;10:30;FR7;-1,00;Miete Muster;Karte;1\n")
    assert not {"DE1234", "Miete", "FR7"} & set(re.findall(r"\w+", str(refused.value)))
