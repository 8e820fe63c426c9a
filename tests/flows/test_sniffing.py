"""What a file is, before it is read."""

from __future__ import annotations

import gzip
import hashlib
import zipfile

import pytest

from flows.errors import InputError
from flows.sniffing import content_hash, files_in, guess, sample


def test_the_content_hash_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n")
    assert content_hash(path) == hashlib.sha256(b"a,b\n").hexdigest()


def test_payments_of_the_contract_are_guessed_surely(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("payment_id,payer,payee,amount,currency,booked_on\n", encoding="utf-8")
    assert guess(path) == ("contract", 1.0, "payments")


def test_a_file_of_some_columns_of_the_contract_is_guessed_unsurely(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("payment_id,payer,payee,amount\n", encoding="utf-8")
    reader_id, sureness, table = guess(path)
    assert (reader_id, table) == ("contract", None)
    assert 0 < sureness < 0.5


def test_a_file_of_unknown_columns_is_known_to_nobody(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("colour,shape\nred,round\n", encoding="utf-8")
    assert guess(path)[1:] == (0, None)


def test_archives_are_refused_and_never_unpacked(tmp_path):
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress(b"0" * 10_000_000))
    with pytest.raises(InputError, match="gzip archive"):
        guess(packed)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "0" * 10_000_000)
    with pytest.raises(InputError, match="zip archive"):
        guess(tmp_path / "bomb.zip")


@pytest.mark.parametrize("ask", [guess, sample, content_hash])
def test_what_cannot_be_opened_is_an_input_error(ask, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        ask(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="a folder"):
        ask(tmp_path)


def test_a_folder_stands_for_its_data_files_in_order(tmp_path):
    for name in ("b.csv", "a.parquet", "notes.md"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [path.name for path in files_in(tmp_path)] == ["a.parquet", "b.csv"]
    assert files_in(tmp_path / "b.csv") == (tmp_path / "b.csv",)
    with pytest.raises(InputError, match="no such file"):
        files_in(tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no data file"):
        files_in(tmp_path / "empty")
