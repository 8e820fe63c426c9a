"""`moneytrail explain` prints a page for an analyst, and the docs hold the same pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from detectors.about import settable
from detectors.catalogue import every_detector, source_title
from detectors.indicator import IndicatorAbout
from detectors.typology import TypologyAbout
from flows.language import speaking
from moneytrail.commands.explain import explain
from moneytrail.detector_pages import page, pages

DOCS = Path(__file__).parents[2] / "docs" / "detectors"
EVERY = every_detector()
DETECTORS = [entry for entry in EVERY if not isinstance(entry.about, TypologyAbout)]
TYPOLOGIES = [entry for entry in EVERY if isinstance(entry.about, TypologyAbout)]


def test_a_page_gives_question_meaning_parameters_innocent_stories_and_sources():
    for entry in DETECTORS:
        said = page(entry)
        for line in (entry.about.question, entry.about.meaning, *entry.about.innocent, *entry.about.clears):
            assert line in said, (entry.id, line)
        for name, field in settable(entry.kind).items():
            assert f"`{name}` = " in said
            assert field.metadata["why"] in said
        assert all(source_title(key) in said for key in entry.sources)


def test_the_page_of_an_indicator_says_what_it_needs_what_each_source_says_and_what_to_mind():
    for entry in DETECTORS:
        if isinstance(entry.about, IndicatorAbout):
            said = page(entry)
            assert entry.about.safety in said
            assert all(cited.says in said for cited in entry.about.cited)
            assert all(unseen in said for unseen in entry.about.reduced.values())
            assert all(f"`{one.partition('.')[2]}`" in said or f"`{one}`" in said
                       for need in entry.about.needs for one in need.split("|"))  # fmt: skip


def test_the_page_of_a_typology_gives_picture_legs_gate_mitigations_route_and_caution():
    for entry in TYPOLOGIES:
        about, said = entry.about, page(entry)
        assert all(line in said for line in (about.picture, about.route, about.caution, "## Gate"))
        assert all(f"{one} {weight:g}" in said for members in about.members.values() for one, weight in members.items())
        assert all(f"- {one}: " in said for one in about.mitigations)


def test_a_page_in_french_asks_and_explains_in_french():
    with speaking("fr"):
        said = {entry.id: page(entry) for entry in EVERY}
    for entry in DETECTORS:
        assert entry.about.question not in said[entry.id]
        assert entry.about.meaning not in said[entry.id]
        assert "\n- État : " in said[entry.id]
    for entry in TYPOLOGIES:
        assert entry.about.picture not in said[entry.id]
        assert "pèse au moins 0,6" in said["t-03"]


def test_an_id_of_the_catalogue_is_found_in_any_case():
    assert CliRunner().invoke(explain, ["t-03"]).output == CliRunner().invoke(explain, ["T-03"]).output


def test_an_unknown_id_is_refused_with_the_nearest_and_not_with_all():
    result = CliRunner().invoke(explain, ["fan-inn"])
    assert result.exit_code == 2
    assert "fan-in" in result.output
    assert "SEX-01" not in result.output
    assert "moneytrail detectors" in CliRunner().invoke(explain, ["zzzz"]).output


@pytest.mark.parametrize("arguments", [[], ["fan-in", "--write", "pages"]])
def test_it_wants_one_id_or_a_folder(arguments):
    assert CliRunner().invoke(explain, arguments).exit_code == 2


def test_it_writes_the_pages_of_all(tmp_path):
    assert CliRunner().invoke(explain, ["--write", str(tmp_path)]).exit_code == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == pages()


def test_the_docs_hold_what_the_code_declares():
    kept = {path.name: path.read_text(encoding="utf-8") for path in DOCS.iterdir()}
    now = pages()
    stale = sorted(name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name))
    assert not stale, f"run `moneytrail explain --write docs/detectors`, and delete pages of what is gone: {stale}"
