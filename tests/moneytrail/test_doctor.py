"""The doctor tells a whole installation from a shadowed or a damaged one."""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import FileHash, PackagePath

from moneytrail import doctor


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
