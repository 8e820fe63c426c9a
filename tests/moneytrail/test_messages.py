"""Catalogues of other languages hold what alerts and pages say, and nothing that is said advises harm."""

from __future__ import annotations

import json
import re
import string

import polib
import pytest

from flows.errors import SettingsError
from flows.language import catalogue_file, chosen, languages, say, speaking
from moneytrail.messages import messages
from moneytrail.scan import run_scan

OTHERS = [language for language in languages() if language != "en"]

HARM = {
    "en": re.compile(
        r"\b(close|exit|block|freeze|suspend|terminate|cancel|restrict)\w* (the |this |an? |his |her |their )?"
        r"(bank |customer'?s? )?(account|card|relationship)"
        r"|\b(contact|call|phone|ring|ask|interview|question|write to|speak to|tell|inform)\w* (the |this |that )?"
        r"(customer|holder|account holder|payer|worker|tenant|donor)s?\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(
        r"\b(clôtur|ferm|bloqu|gel|suspend|résili|restrei)\w* (le |ce |un |son )?(compte|carte)"
        r"|\b(contact|appel|téléphon|interrog|question|inform|préven)\w* (le |la |ce |cette )?"
        r"(client|titulaire|payeur|travailleur|locataire|donneur)",
        re.IGNORECASE,
    ),
}
NOT = re.compile(
    r"\b(never|not|no|nobody|nothing|without|before|unless|may be|ne|jamais|aucune?|rien|ni)\b", re.IGNORECASE
)


def catalogue(language):
    return polib.pofile(catalogue_file(language).read_text(encoding="utf-8"))


def forms(entry):
    return [*entry.msgstr_plural.values()] if entry.msgid_plural else [entry.msgstr]


def places(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_every_sentence_of_today_and_no_other(language):
    held = {(entry.msgid, entry.msgid_plural) for entry in catalogue(language)}
    strays = sorted(held ^ set(messages()))[:5]
    assert not strays, f"run `python -m moneytrail.messages {language}` and translate what is new: {strays}"


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language):
    waiting = {entry.msgid for entry in catalogue(language) if "" in forms(entry)}
    assert not waiting, f"not translated yet: {sorted(waiting)[:5]}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_one_that_gettext_tools_take(language):
    text = catalogue_file(language).read_text(encoding="utf-8")
    polib.pofile(text, check_for_duplicates=True)
    odd = [entry.msgid for entry in catalogue(language) if bool(entry.msgid_plural) != bool(entry.msgstr_plural)]
    assert not odd, f"forms for one and for many without a sentence for many: {odd}"


@pytest.mark.parametrize("language", OTHERS)
def test_every_form_is_said_and_none_in_english_by_oversight(language):
    with speaking(language):
        for entry in catalogue(language):
            assert say(entry.msgid) == forms(entry)[0]
            if entry.msgid_plural:
                assert chosen(entry.msgid, entry.msgid_plural, 5) == forms(entry)[-1]


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_same_places_for_numbers(language):
    for entry in catalogue(language).translated_entries():
        for form in forms(entry):
            assert places(form) in (places(entry.msgid), places(entry.msgid_plural)), entry.msgid


def test_nothing_that_is_said_advises_to_close_an_account_or_to_contact_a_customer():
    said = [("en", text) for message in messages() for text in message]
    said += [(language, text) for language in OTHERS for entry in catalogue(language)
             for text in (entry.msgstr, *entry.msgstr_plural.values())]  # fmt: skip
    harmful = [
        sentence
        for language, text in said
        for sentence in re.split(r"(?<=[.;:])\s", text)
        if HARM[language].search(sentence) and not NOT.search(sentence)
    ]
    assert not harmful, harmful


def test_the_words_that_advise_harm_would_be_found():
    assert HARM["en"].search("Close the account and call the customer.")
    assert HARM["fr"].search("Clôturer le compte et appeler le client.")


def test_a_language_that_there_is_not_is_refused():
    with pytest.raises(SettingsError, match="one of: en, fr"), speaking("xx"):
        pass


def test_a_scan_in_french_finds_the_same_and_says_it_in_french(ledger, scanned, tmp_path):
    run_scan(ledger, tmp_path, language="fr")
    english, french = (json.loads((folder / "alerts.json").read_text()) for folder in (scanned, tmp_path))
    for same in ("alert_id", "tier", "score", "payments", "findings"):
        assert [alert[same] for alert in french] == [alert[same] for alert in english]
    for one, other in zip(english, french, strict=True):
        assert one["title"] != other["title"]
        assert one["route"] != other["route"]
    report = (tmp_path / "report.html").read_text()
    assert '<html lang="fr"' in report
    assert "Alertes, dans l" in report
    assert "What points to a pattern" not in report
