from __future__ import annotations

from reports.settings_diff import differences


def test_equal_settings_do_not_differ():
    assert differences({"scan": {"capacity": 40}}, {"scan": {"capacity": 40}}) == ()


def test_sections_keys_and_values_are_named_also_where_one_side_lacks_them():
    before = {"detectors": {"fan-in": {"within": "48 h", "enabled": True}}, "exemptions": "2 entries, ab"}
    after = {"detectors": {"fan-in": {"within": "7 d", "enabled": False}}, "lists": {"adverts": ["a", "b"]}}
    assert differences(before, after) == (
        "[detectors.fan-in] enabled was true and is false.",
        "[detectors.fan-in] within was 48 h and is 7 d.",
        "[exemptions] exemptions was 2 entries, ab and is not set.",
        "[lists] adverts was not set and is a, b.",
    )
