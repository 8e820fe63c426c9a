"""Errors: what, where, try; and the exit code of the contract."""

import pickle

import pytest

from flows import errors
from flows.errors import InputError, LockedError, StoreError, ToolkitError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ToolkitError)]


def test_an_error_says_what_where_and_what_to_do_next():
    error = InputError("not a payment", where="line 1", try_="write it anew")
    assert str(error).splitlines() == ["InputError: not a payment", "  where: line 1", "  try:   write it anew"]


def test_an_error_without_a_place_is_one_line():
    assert str(StoreError("the disk is full")) == "StoreError: the disk is full"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_crosses_processes_whole(kind):
    error = kind("what", where="where", try_="try")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.exit_code) == (kind, str(error), kind.exit_code)


def test_exit_codes_are_those_of_the_contract():
    assert {kind.__name__: kind.exit_code for kind in KINDS} == {
        "ToolkitError": 1,
        "InputError": 3,
        "SettingsError": 2,
        "PluginError": 2,
        "StoreError": 1,
        "LockedError": 5,
        "BalanceError": 1,
        "EngineError": 1,
    }


def test_every_kind_is_drawn_in_the_tree():
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in errors.__doc__] == []


def test_a_lock_is_a_matter_of_the_store():
    assert issubclass(LockedError, StoreError)
