"""What every typology owes, and the typologies of the catalogue as they are declared there."""

import json
import re
from pathlib import Path

import pytest

from detectors.about import settable
from detectors.indicator import NOT_SUSPECTED
from detectors.indicator_fields import every_indicator
from detectors.typology import MITIGATIONS, Sign, SomeOf, leaves
from flows.plugins import Shelf
from tests.detectors.typologies.conftest import typology_cases

CATALOGUE = Path(__file__).parents[4] / "shared" / "typologies" / "typologies.json"
KNOWN = {one.id for one in every_indicator()}
SUSPICION = re.compile(r"suspect|close the account|contact the customer|block", re.IGNORECASE)


def about_of(typology_id):
    return Shelf("detectors.typologies").load(typology_id).about


def test_it_declares_indicators_of_the_catalogue(typology_id):
    about = about_of(typology_id)
    assert about.id == typology_id.upper()
    assert about.indicators <= KNOWN
    assert all(0 < weight <= 1 for members in about.members.values() for weight in members.values())
    gates = [leaf for path in about.paths for leaf in leaves(path.gate)]
    assert {leaf.indicator for leaf in gates if isinstance(leaf, Sign)} <= KNOWN
    assert {one for leaf in gates if isinstance(leaf, SomeOf) for one in leaf.indicators} <= about.indicators


def test_its_words_advise_no_harm(typology_id):
    about = about_of(typology_id)
    assert not SUSPICION.search(about.title + about.route + about.caution + about.picture)
    assert about.caution, "say what the text of an alert must say about the people in it"


def test_its_parameters_have_a_reason(typology_id):
    for name, field in settable(Shelf("detectors.typologies").load(typology_id)).items():
        assert len(field.metadata["why"].split()) >= 3, name


def test_whoever_is_to_be_helped_is_in_no_suspected_role(typology_id):
    for path in about_of(typology_id).paths:
        if path.support:
            assert dict(path.roles)["subject"] in NOT_SUSPECTED


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue lies beside the project, not in it")
def test_it_is_declared_as_in_the_catalogue(typology_id):
    [said] = [one for one in json.loads(CATALOGUE.read_text())["typologies"] if one["id"] == typology_id.upper()]
    about = about_of(typology_id)
    assert {leg: [weight, dict(members)] for leg, (weight, members) in about.legs.items()} == said["legs"]
    assert set(about.mitigations) == set(re.findall(r"MIT-\d\d", said["mit"]))
    assert set(about.mitigations) <= MITIGATIONS.keys()


def test_the_case_is_told_as_its_author_meant(typology_case):
    hits = typology_case.found
    assert len(hits) == len(typology_case.hits), [(hit.tier, hit.score, hit.legs) for hit in hits]
    for hit, said in zip(hits, typology_case.hits, strict=True):
        assert hit.tier == said["tier"], (hit.score, hit.legs)
        roles = dict(hit.accounts)
        assert {account: roles.get(account) for account in said["accounts"]} == said["accounts"]
        assert hit.would_clear


def test_case_files_hold_every_kind(typology_id):
    kinds = [case.kind for case in typology_cases(typology_id)]
    if kinds:
        assert set(kinds) == {"positive", "evading", "innocent"}
        assert kinds.count("innocent") >= 2
