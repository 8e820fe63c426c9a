"""Pseudonyms: the same for the same key and kind, of no use without the key; masks that give little away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import SettingsError
from flows.payments import OUTSIDE_PREFIXES
from flows.pseudonyms import KEY_VARIABLE, Pseudonyms, masked

KEY = bytes(range(32))


def test_a_pseudonym_depends_on_key_kind_and_value_and_nothing_else():
    of = Pseudonyms(KEY).of
    assert of("phone", "0612") == Pseudonyms(KEY).of("phone", "0612")
    assert (
        len({of("phone", "0612"), of("email", "0612"), of("phone", "0613"), Pseudonyms(KEY * 2).of("phone", "0612")})
        == 4
    )


def test_a_pseudonym_stays_the_same_from_release_to_release():
    # Written down: a change would tear apart the links of every ledger made before.
    assert Pseudonyms(KEY).of("phone", "+33 6 12") == "1a498f2888c2be5ab03d86f130ee110c"


def test_kind_and_value_do_not_run_together():
    of = Pseudonyms(KEY).of
    assert of("a", "b:c") != of("a:b", "c")


def test_a_short_key_is_refused():
    with pytest.raises(SettingsError, match="shorter than 32 bytes"):
        Pseudonyms(b"secret")


def test_the_key_is_read_from_the_file_that_is_named(tmp_path, monkeypatch):
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "key"))
    expected = Pseudonyms(KEY).of("phone", "0612")
    assert Pseudonyms.from_file().of("phone", "0612") == expected
    assert Pseudonyms.from_file(tmp_path / "key").of("phone", "0612") == expected


def test_without_a_key_the_variable_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(SettingsError, match=KEY_VARIABLE):
        Pseudonyms.from_file()
    with pytest.raises(SettingsError, match="cannot be read"):
        Pseudonyms.from_file(tmp_path / "nowhere")


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(["", *OUTSIDE_PREFIXES]), st.text(min_size=1, max_size=30))
def test_a_mask_shows_four_characters_at_most_and_never_more_than_half(prefix, body):
    shown = masked(prefix + body).partition("…")[2]
    assert len(shown) <= min(4, len(prefix + body) // 2)
    assert body.endswith(shown)
