"""Shelves: a plug-in is a file, and nothing else has to know."""

import sys
from importlib.metadata import EntryPoint

import pytest

from flows import plugins
from flows.errors import PluginError
from flows.plugins import Shelf, class_name, function_name


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    folder = tmp_path / "shelf_of_test"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""A shelf."""\n')
    (folder / "round_trip.py").write_text("class RoundTrip: pass\n\ndef round_trip(): return 1\n")
    (folder / "no_class.py").write_text("class Other: pass\n")
    (folder / "breaks_on_import.py").write_text("raise RuntimeError\n")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Shelf("shelf_of_test")
    for name in [name for name in sys.modules if name.partition(".")[0] == "shelf_of_test"]:
        del sys.modules[name]


def test_a_shelf_lists_its_files_and_imports_none_of_them(shelf):
    assert shelf.ids() == ("breaks-on-import", "no-class", "round-trip")
    assert not [name for name in sys.modules if name.startswith("shelf_of_test.")]


def test_a_member_is_loaded_by_its_id_however_it_is_spelt(shelf):
    assert shelf.load("round-trip") is shelf.load("round_trip")
    assert shelf.load("round-trip").__name__ == "RoundTrip"


def test_a_shelf_of_functions_gives_functions(shelf):
    assert Shelf(shelf.package, function_name).load("round-trip")() == 1


def test_an_unknown_id_names_the_nearest(shelf):
    with pytest.raises(PluginError, match="did you mean 'round-trip'"):
        shelf.load("rund-trip")


def test_an_id_like_no_other_lists_them_all(shelf):
    with pytest.raises(PluginError, match="one of: breaks-on-import, no-class, round-trip"):
        shelf.load("zzz")


def test_a_file_without_its_class_says_what_to_name_it(shelf):
    with pytest.raises(PluginError, match="name it NoClass") as refused:
        shelf.load("no-class")
    assert refused.value.where == "shelf_of_test/no_class.py"


def test_another_distribution_may_add_a_member(shelf, monkeypatch):
    outside = EntryPoint("from-outside", "collections:Counter", "moneytrail.shelf_of_test")
    monkeypatch.setattr(plugins, "entry_points", lambda group: [outside] if group == outside.group else [])
    assert "from-outside" in shelf.ids()
    assert shelf.load("from-outside").__name__ == "Counter"


def test_another_distribution_may_not_take_an_id(shelf, monkeypatch):
    outside = EntryPoint("round-trip", "collections:Counter", "moneytrail.shelf_of_test")
    monkeypatch.setattr(plugins, "entry_points", lambda group: [outside])
    with pytest.raises(PluginError, match="two plug-ins call themselves 'round-trip'"):
        shelf.ids()


def test_names_follow_from_the_id():
    assert (class_name("saml-d"), function_name("saml-d")) == ("SamlD", "saml_d")
