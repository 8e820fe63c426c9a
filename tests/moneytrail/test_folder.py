"""Results are written whole or not at all."""

from __future__ import annotations

import os

import pytest

from flows.errors import StoreError
from moneytrail.folder import check_writable, write_files


def test_files_are_written_and_replaced_and_nothing_else_is_left(tmp_path):
    write_files(tmp_path / "out", {"a.txt": b"old"})
    write_files(tmp_path / "out", {"a.txt": b"new", "b.txt": b"two"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {"a.txt": b"new", "b.txt": b"two"}


def test_only_the_owner_may_read_them(tmp_path):
    write_files(tmp_path, {"report.html": b"restricted"})
    assert (tmp_path / "report.html").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_written_leaves_the_old_ones(tmp_path, monkeypatch):
    write_files(tmp_path, {"a.txt": b"old", "b.txt": b"old"})
    flushed = []

    def full(handle):
        flushed.append(handle)
        if len(flushed) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        write_files(tmp_path, {"a.txt": b"new", "b.txt": b"new"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.txt": b"old", "b.txt": b"old"}


def test_a_folder_that_is_a_file_is_said_before_the_work(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StoreError, match="folder you may write with --out"):
        check_writable(tmp_path / "out")


def test_looking_leaves_no_trace(tmp_path):
    check_writable(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
