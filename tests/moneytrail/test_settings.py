"""Settings refuse what they do not know, and say what they would take."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from detectors.thresholds import COLUMNS
from flows.errors import SettingsError
from moneytrail.commands.settings import settings as command
from moneytrail.settings import SECTIONS, ScanSettings, Settings, load, resolve, spoken_span
from reports.exempting import Exemption


def test_without_a_file_every_default_holds():
    assert load(None).scan == ScanSettings()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"no such settings file[\s\S]*nowhere\.toml"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_toml_says_where(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text("[scan\ncapacity = 3")
    with pytest.raises(SettingsError, match="not a TOML file"):
        load(path)


def test_values_are_taken_with_their_units(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text('[scan]\ncapacity = 12\n[detectors.fan-in]\nwithin = "3 d"\nmin_payers = 7\n')
    settings = load(path)
    assert settings.scan.capacity == 12
    assert settings.detectors["fan-in"] == {"within": timedelta(days=3), "min_payers": 7}
    assert dict(settings.make("detectors.motifs"))["fan-in"].within == timedelta(days=3)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"least_hops": 7, "most_hops": 4}, "least_hops is above most_hops"),
        ({"most_hops": 2}, "least_hops is above most_hops"),
    ],
)
def test_ends_of_a_range_that_are_crossed_are_refused_also_where_one_is_a_default(values, says):
    with pytest.raises(SettingsError, match=says):
        resolve({"detectors": {"chain": values}}, "bank.toml")
    assert resolve({"detectors": {"chain": {"least_hops": 4, "most_hops": 4}}}, "bank.toml").detectors["chain"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ({"scans": {}}, "did you mean 'scan'"),
        ({"scan": {"capazity": 3}}, "did you mean 'capacity'"),
        ({"detectors": {"fan-inn": {}}}, "did you mean 'fan-in'"),
        ({"detectors": {"fan-in": {"min_payer": 3}}}, "did you mean 'min_payers'"),
        ({"detectors": {"fan-in": {"min_payers": "many"}}}, "give a whole number, in accounts"),
        ({"detectors": {"fan-in": {"min_payers": -1}}}, "at least"),
        ({"detectors": {"fan-in": {"within": 3}}}, 'write it as "48 h"'),
        ({"detectors": {"fan-in": {"enabled": "no"}}}, "true or false"),
        ({"scan": 3}, "a section, not a value"),
        ({"scan": {"capacity": 0}}, "at least 1 alerts"),
        ({"scan": {"capacity": True}}, "give a whole number"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_nearest_right_thing(text, says):
    with pytest.raises(SettingsError, match=r"[\s\S]*".join(["try:", ""])) as raised:
        resolve(text, "bank.toml")
    assert says in str(raised.value)
    assert "bank.toml" in str(raised.value)


def test_a_disabled_detector_is_not_made_but_stays_listed():
    settings = resolve({"detectors": {"fan-in": {"enabled": False}}}, "bank.toml")
    assert "fan-in" not in dict(settings.make("detectors.motifs"))
    assert settings.disabled == ("fan-in",)
    assert settings.as_dict()["detectors"]["fan-in"]["enabled"] is False


def test_equal_settings_have_equal_hashes_and_changed_ones_have_not():
    changed = resolve({"scan": {"capacity": 41}}, "a.toml")
    assert resolve({}, "a.toml").hash == resolve({"scan": {}}, "b.toml").hash
    assert changed.hash != resolve({}, "a.toml").hash


def test_spans_are_written_as_they_are_read():
    for span in (timedelta(minutes=30), timedelta(hours=48), timedelta(days=30)):
        settings = resolve({"detectors": {"fan-in": {"within": spoken_span(span)}}}, "a.toml")
        assert settings.detectors["fan-in"]["within"] == span


def test_how_findings_join_can_be_set(tmp_path):
    settings = resolve({"alerts": {"within": "3 d", "least_score": 0.2}}, "bank.toml")
    assert settings.alerts.within == timedelta(days=3)
    assert settings.as_dict()["alerts"]["least_score"] == 0.2


EXEMPT = {"id": "C-9", "owner": "safeguarding lead", "reason": "shelter", "expires": date(2027, 6, 30)}


def test_exemptions_are_read_and_kept_out_of_the_run_sheet():
    settings = resolve({"exemptions": [EXEMPT]}, "bank.toml")
    assert settings.exemptions == (Exemption(**EXEMPT),)
    assert settings.as_dict()["exemptions"].startswith("1 entries, ")
    assert "C-9" not in str(settings.as_dict())
    assert settings.hash != resolve({}, "bank.toml").hash


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (EXEMPT, "write [[exemptions]] above each"),
        ([{**EXEMPT, "expiry": 3}], "did you mean 'expires'"),
        ([{"id": "C-9", "owner": "x", "reason": "y"}], "an exemption without expires"),
        ([{**EXEMPT, "expires": "2027-06-30"}], "without quotes"),
        ([{**EXEMPT, "owner": " "}], "owner is no text"),
        ([EXEMPT, EXEMPT], "entry 2"),
    ],
)
def test_an_exemption_that_lacks_anything_is_refused_without_saying_whom_it_exempts(entries, says):
    with pytest.raises(SettingsError) as raised:
        resolve({"exemptions": entries}, "bank.toml")
    assert says in str(raised.value)
    assert "C-9" not in str(raised.value)


def own_levels(tmp_path, *lines):
    (tmp_path / "levels.csv").write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / "bank.toml"
    path.write_text('[scan]\njurisdiction = "CZ"\nthresholds = "levels.csv"\n', encoding="utf-8")
    return path


def test_levels_of_a_file_beside_the_settings_and_the_country_of_the_bank_reach_the_detectors(tmp_path):
    czech = "CZ,cash,270000,at,CZK,single,each,,2026-01-01,,our-counsel,yes"
    settings = load(own_levels(tmp_path, ",".join(COLUMNS), czech))
    structuring = dict(settings.make("detectors.motifs"))["structuring"]
    assert structuring.own_thresholds == (czech,)
    assert structuring.jurisdiction == "CZ"
    assert settings.as_dict()["detectors"]["structuring"]["own_thresholds"] == [czech]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["country,level"], "does not begin with the columns"),
        ([",".join(COLUMNS), "CZ,cash,much,at,CZK,single,each,,,,x,yes"], "rule 1"),
    ],
)
def test_a_file_of_levels_that_is_none_is_refused(tmp_path, lines, says):
    with pytest.raises(SettingsError, match=says):
        load(own_levels(tmp_path, *lines))


def test_a_file_of_levels_that_is_not_there_is_named(tmp_path):
    path = own_levels(tmp_path)
    (tmp_path / "levels.csv").unlink()
    with pytest.raises(SettingsError, match=r"levels\.csv"):
        load(path)


def test_a_password_in_the_address_of_the_store_is_refused_without_repeating_it():
    with pytest.raises(SettingsError, match="holds a password") as raised:
        resolve({"night": {"store": "postgresql+psycopg://aml:hunter2@db/moneytrail"}}, "bank.toml")
    assert "hunter2" not in str(raised.value)
    assert resolve({"night": {"store": "postgresql+psycopg://aml@db/m"}}, "bank.toml").night.store.endswith("@db/m")


def test_where_things_are_and_how_they_are_told_changes_no_result():
    told_otherwise = {"night": {"inbox": "elsewhere"}, "report": {"unmask": True}, "retention": {"payments": "1 d"}}
    assert resolve(told_otherwise, "bank.toml").hash == Settings().hash
    assert resolve(told_otherwise, "bank.toml").as_dict()["report"]["unmask"] is True


BANK = """
[scan]
capacity = 20
jurisdiction = "FR"

[detectors.fan-in]
within = "14 d"  # shorter than usual

[[exemptions]]
id = "C-9"
owner = "safeguarding lead"
reason = "shelter"
expires = 2019-06-30
"""


@pytest.fixture
def bank(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text(BANK, encoding="utf-8")
    return path


def run(*words):
    return CliRunner().invoke(command, list(map(str, words)), standalone_mode=False)


def test_every_setting_in_force_is_shown_with_where_it_came_from(bank):
    shown = run("show", bank).output
    assert "capacity = 20  # bank.toml, line 3" in shown
    assert 'within = "14 d"  # bank.toml, line 7' in shown
    assert "seed = 20260101  # default: any fixed number" in shown
    assert 'jurisdiction = "FR"  # [scan] jurisdiction holds for the whole bank' in shown
    assert "C-9" not in shown


def test_what_is_shown_is_a_settings_file_with_the_same_settings_in_force(bank, tmp_path):
    again = tmp_path / "again.toml"
    again.write_text(run("show", bank).output, encoding="utf-8")
    without_exemptions = load(bank).as_dict()
    del without_exemptions["exemptions"]
    assert load(again).as_dict() == without_exemptions


def test_only_what_a_file_says_can_be_shown_as_json(bank):
    shown = json.loads(run("show", bank, "--changed", "--json").output)
    assert {(one["section"], one["key"]) for one in shown if one["section"] != "exemptions"} == {
        *(("scan", "capacity"), ("scan", "jurisdiction"), ("detectors.fan-in", "within")),
    }


def test_two_settings_are_compared_in_words_and_a_run_sheet_is_as_good_as_a_file(bank, tmp_path):
    sheet = tmp_path / "run.json"
    sheet.write_text(json.dumps({"settings": Settings().as_dict()}), encoding="utf-8")
    said = run("diff", sheet, bank).output.splitlines()
    assert "[scan] capacity was 40 and is 20." in said
    assert "[detectors.fan-in] within was 30 d and is 14 d." in said
    assert said == run("diff", bank).output.splitlines()
    assert run("diff", bank, bank).output == "Nothing differs.\n"
    sheet.write_text("{}", encoding="utf-8")
    assert "holds no settings" in str(run("diff", sheet, bank).exception)


def test_a_check_says_everything_that_is_wrong_and_leaves_with_2(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text("[scan]\ncapazity = 3\nseed = -1\n[detectors.fan-in]\nwithin = 3\n[lists]\nadvert = []\n")
    found = run("check", path)
    assert found.return_value == 2
    assert [word in found.output for word in ("'capacity'", "seed is out of range", '"48 h"', "'adverts'")] == [
        True
    ] * 4


def test_a_check_says_what_is_well_written_and_cannot_be_meant(bank, tmp_path):
    found = run("check", bank)
    assert found.return_value == 2
    assert "exemptions have ended" in found.output
    assert "C-9" not in found.output
    bank.write_text('[night]\nlanguage = "tlh"\n', encoding="utf-8")
    assert [word in run("check", bank).output for word in ("no language 'tlh'", "inbox is not there")] == [True] * 2
    (tmp_path / "inbox").mkdir()
    bank.write_text('[night]\nlanguage = "fr"\n', encoding="utf-8")
    assert run("check", bank).return_value is None


def test_every_key_says_what_it_means_in_which_unit_and_why():
    from moneytrail.settings_page import page

    text = page()
    for name, kind in SECTIONS.items():
        assert f"## [{name}]" in text
        for key, field in kind.__dataclass_fields__.items():
            [row] = [
                line for line in text.partition(f"## [{name}]")[2].splitlines() if line.startswith(f"| `{key}` |")
            ][:1]
            meaning, why = row.split(" | ")[-2:]
            assert meaning, f"[{name}] {key} says nothing of what it means in the docstring of {kind.__name__}"
            assert why.strip(" |"), f"[{name}] {key} says nothing of why"
            assert "unit" in field.metadata
