"""Where the machine code is kept when nobody lets us write."""

import stat
import subprocess
import sys
import textwrap

import pytest

from graphs.kernels.compiled import find_a_place_for_the_cache


@pytest.fixture
def closed(tmp_path):
    """Give a path nobody can make a folder at, not even root: a file is in its way."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "folder"


def test_numba_finds_a_place_by_itself_where_the_package_or_the_home_can_be_written(tmp_path, closed):
    assert find_a_place_for_the_cache(tmp_path, closed, tmp_path / "own") is None
    assert find_a_place_for_the_cache(closed, tmp_path, tmp_path / "own") is None
    assert not (tmp_path / "own").exists()


def test_a_read_only_install_without_a_home_gets_a_folder_of_its_own_that_stays(tmp_path, closed):
    own = tmp_path / "own"
    assert find_a_place_for_the_cache(closed, closed, own) == own
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert find_a_place_for_the_cache(closed, closed, own) == own


def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path, closed):
    own = tmp_path / "own"
    own.mkdir()
    own.chmod(0o777)
    assert find_a_place_for_the_cache(closed, closed, own) != own


def test_a_link_in_place_of_the_folder_is_not_trusted(tmp_path, closed):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    own = tmp_path / "own"
    own.symlink_to(tmp_path / "elsewhere")
    assert find_a_place_for_the_cache(closed, closed, own) != own


def test_listing_detectors_does_not_import_numba():
    code = """
        import sys
        from flows.plugins import Shelf
        for motif in ("pass-through", "round-trip"):
            Shelf("detectors.motifs").load(motif)()
        assert "numba" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
