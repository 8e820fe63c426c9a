"""The doctor tells a whole installation from a shadowed or a damaged one."""

from __future__ import annotations

import base64
import hashlib
import os
from importlib.metadata import FileHash, PackagePath

import pytest

from flows.ledger import Ledger
from flows.lock import writing
from moneytrail import doctor
from reports.store import Store


class Installed:
    """A distribution with one file of ours in it."""

    def __init__(self, folder, recorded: bytes):
        path = PackagePath("flows/errors.py")
        path.dist = self
        digest = base64.urlsafe_b64encode(hashlib.sha256(recorded).digest()).rstrip(b"=").decode()
        path.hash = FileHash(f"sha256={digest}")
        self.files = [path]
        self.folder = folder

    def locate_file(self, path):
        return self.folder / path


def write(folder, text: bytes):
    (folder / "flows").mkdir()
    (folder / "flows" / "errors.py").write_bytes(text)


def test_the_packages_of_this_checkout_lie_in_one_folder():
    packages, folders = doctor.examine()[:2]
    assert packages.well
    assert folders.well


def test_a_file_as_installed_is_well(tmp_path, monkeypatch):
    write(tmp_path, b"ours")
    monkeypatch.setattr(doctor, "distribution", lambda name: Installed(tmp_path, b"ours"))
    assert doctor.examine()[-1] == doctor.Examined("files that are not as installed: 0 of 1", True)


def test_a_file_another_distribution_overwrote_is_found(tmp_path, monkeypatch):
    write(tmp_path, b"theirs")
    monkeypatch.setattr(doctor, "distribution", lambda name: Installed(tmp_path, b"ours"))
    assert not doctor.examine()[-1].well


def test_a_file_another_distribution_removed_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "distribution", lambda name: Installed(tmp_path, b"ours"))
    assert not doctor.examine()[-1].well


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text("[night]\n[operations]\ndisk_least_gb = 0\n", encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    return path


def said(settings):
    return {one.what.partition(":")[0]: one.well for one in doctor.examine_place(settings)}


def test_a_place_without_a_ledger_and_a_store_is_ready_for_the_first_night(settings):
    assert said(settings) == {
        "text is read and written as UTF-8 here": True,
        "free space for the ledger": True,
        "free space for the results": True,
        "the inbox is there and can be read": True,
        "no night is under way": True,
        "no ingest is under way": True,
        "there is no ledger yet; the first night makes one": True,
        "there is no alert store yet; the first night makes one": True,
    }


def test_nothing_is_made_by_looking(settings, tmp_path):
    doctor.examine_place(settings)
    assert {path.name for path in tmp_path.iterdir()} == {"bank.toml", "inbox"}


def test_a_ledger_and_a_store_are_opened(settings, tmp_path):
    Ledger.create(tmp_path / "ledger")
    Store.open(tmp_path / "alerts.db").close()
    assert all(said(settings).values())
    assert said(settings)["the alert store can be reached"]


def test_who_is_at_work_is_said_and_is_no_fault(settings, tmp_path):
    Ledger.create(tmp_path / "ledger")
    with writing(tmp_path / "ledger"):
        [at_work] = [one for one in doctor.examine_place(settings) if "ingest" in one.what]
    assert at_work.well
    assert f"process {os.getpid()}" in at_work.what


def test_a_full_disk_a_missing_inbox_and_a_strange_store_are_each_said(settings, tmp_path):
    Ledger.create(tmp_path / "ledger")
    (tmp_path / "inbox").rmdir()
    (tmp_path / "alerts.db").write_text("not a database, and long enough to be taken for something " * 20)
    settings.write_text("[night]\n[operations]\ndisk_least_gb = 1e9\n", encoding="utf-8")
    bad = {what for what, well in said(settings).items() if not well}
    assert bad == {
        "free space for the ledger",
        "free space for the results",
        "the inbox is there and can be read",
        "the alert store can be reached",
    }
