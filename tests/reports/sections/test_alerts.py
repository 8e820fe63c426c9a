from __future__ import annotations

from dataclasses import replace

from detectors.finding import Reason
from reports.alert import AccountInAlert
from reports.blocks import Bullets, Fold, Network, Pair, Reasons, Table, Timeline
from reports.sections.alerts import Alerts
from reports.sections.summary import Summary


def cards(night):
    [queue] = Alerts().blocks(night)
    return queue.cards


def test_cards_stand_in_the_order_of_the_alerts(night):
    assert [card.alert_id for card in cards(night)] == [alert.alert_id for alert in night.alerts]
    assert [card.place for card in cards(night)] == [1, 2, 3, 4]


def test_a_card_has_picture_time_line_accounts_payments_and_sources(night):
    kinds = [type(block) for block in cards(night)[0].blocks]
    assert {Network, Timeline, Table, Fold, Pair} <= set(kinds)


def test_ordinary_stories_stand_beside_the_reasons(night):
    for card in cards(night):
        pair = next(block for block in card.blocks if isinstance(block, Pair))
        assert isinstance(pair.left[0], Reasons)
        assert any(isinstance(block, Bullets) and block.title.startswith("Ordinary stories") for block in pair.right)


def test_as_many_ordinary_stories_as_reasons_are_listed_and_the_rest_is_folded(night):
    stories = tuple(f"story {number}" for number in range(20))
    [card] = cards(replace(night, alerts=(replace(night.alerts[0], innocent=stories),)))
    beside = next(block for block in card.blocks if isinstance(block, Pair)).right
    place = next(place for place, block in enumerate(beside) if isinstance(block, Bullets) and len(block.items) == 12)
    fold = beside[place + 1]
    assert isinstance(fold, Fold)
    assert (fold.title, len(fold.blocks[0].items)) == ("8 more", 8)


def test_facts_for_an_ordinary_story_come_first_among_them(night):
    club = next(card for card in cards(night) if "ACC-9000" in card.headline)
    pair = next(block for block in club.blocks if isinstance(block, Pair))
    assert pair.right[0].title == "What the data say for an ordinary story"


def test_a_limit_that_a_sentence_leaves_out_is_added(night):
    finding = replace(night.findings[5], reasons=(Reason("{measured} came.", 4, 3, "payments"),))
    alert = replace(night.alerts[1], findings=(finding.finding_id,))
    [card] = cards(replace(night, alerts=(alert,), findings=(finding,)))
    pair = next(block for block in card.blocks if isinstance(block, Pair))
    assert pair.left[0].reasons[0].sentence == "4 payments came. (Limit: 3 payments.)"


def reasons(card):
    return next(block for block in card.blocks if isinstance(block, Pair)).left[0]


def test_too_many_reasons_are_cut_in_the_open(night):
    many = tuple(replace(night.findings[0], strength=0.5, centre=f"ACC-{number}") for number in range(20))
    alert = replace(night.alerts[0], findings=tuple(finding.finding_id for finding in many))
    [card] = cards(replace(night, alerts=(alert,), findings=many))
    assert len(reasons(card).reasons) == 12
    assert reasons(card).note.startswith("Showing 12 of 20 reasons")


def test_like_findings_of_an_account_are_told_once_by_the_strongest(night):
    weak = tuple(replace(night.findings[0], strength=0.1 * number, version=number) for number in range(1, 7))
    alert = replace(night.alerts[0], findings=tuple(finding.finding_id for finding in (*weak, night.findings[0])))
    [card] = cards(replace(night, alerts=(alert,), findings=(*weak, night.findings[0])))
    [only] = reasons(card).reasons
    assert only.sentence.startswith(night.findings[0].reasons[0].sentence)
    assert only.sentence.endswith("and 6 more such findings at this account.")


def test_the_reason_shown_names_its_account_first(night):
    assert [card.why.split(":")[0] for card in cards(night)] == [f"At {alert.lead}" for alert in night.alerts]


def test_accounts_that_only_pay_in_or_are_paid_are_counted_apart(night):
    ring, lead = night.alerts[0], AccountInAlert("lead", "collects")
    some = (lead, *(AccountInAlert(f"in{n}", "pays in") for n in range(89)), AccountInAlert("x", "pays the wages"))
    [card] = cards(replace(night, alerts=(replace(ring, accounts=some),)))
    assert card.facts[0] == "2 accounts in the pattern, 89 that pay in"


def test_a_piece_of_a_split_group_names_the_others(night):
    [card] = cards(replace(night, alerts=(replace(night.alerts[0], related=("A-other",)),)))
    last = [block for block in card.blocks if isinstance(block, Pair)][-1]
    assert any("A-other" in item for item in last.right[0].items)


def test_of_a_group_split_into_many_the_first_are_named_and_the_others_counted(night):
    many = tuple(f"A-{number}" for number in range(90))
    [card] = cards(replace(night, alerts=(replace(night.alerts[0], related=many),)))
    last = [block for block in card.blocks if isinstance(block, Pair)][-1]
    assert any("A-4 and 85 more" in item and "A-5" not in item for item in last.right[0].items)


def test_sources_have_titles(night):
    fold = next(block for block in cards(night)[0].blocks if isinstance(block, Fold))
    assert any("FinCEN Advisory FIN-2014-A008" in item for item in fold.blocks[0].items)


def test_a_night_without_alerts_says_so(night):
    [only] = Alerts().blocks(replace(night, alerts=()))
    assert only.text == "No alert in this scan."


def split(night, *groups, tier="enquire", **more):
    """Give the facts with alerts as pieces of these groups, in reading order; None is an alert by itself."""
    alerts = [replace(alert, split_group=group, tier=tier) for alert, group in zip(night.alerts, groups, strict=True)]
    return replace(night, alerts=tuple(alerts), **more)


def test_the_pieces_of_a_group_too_large_for_one_alert_stand_behind_the_first_of_them(night):
    first, *others = cards(split(night, 7, None, 7, 7))
    assert [card.place for card in (first, *others)] == [1, 2]
    assert [piece.place for piece in first.pieces] == [3, 4]
    assert not others[0].pieces


def test_a_piece_for_which_a_known_pattern_holds_stands_by_itself(night):
    made = cards(split(night, 7, None, 7, 7, tier="review"))
    assert [card.place for card in made] == [1, 2, 3, 4]
    assert not any(card.pieces for card in made)


def test_pieces_below_the_line_are_listed_under_the_first_of_their_group_and_none_is_lost(night):
    _, below = Alerts().blocks(split(night, 7, 7, None, 7, capacity=1))
    listed, pieces = below.blocks
    ids = [alert.alert_id for alert in night.alerts]
    assert below.title.startswith("3 alerts below the line")
    assert [row[1].text for row in listed.rows] == ids[2:3]
    assert pieces.title == f"2 further pieces of the group of {ids[0]}"
    assert [(row[0].text, row[1].text) for row in pieces.blocks[0].rows] == [("2", ids[1]), ("4", ids[3])]


def test_page_one_counts_the_pieces(night):
    said = Summary().blocks(split(night, 7, None, 7, 7))[-1].text
    assert "3 of the alerts are pieces of 1 group too large for one alert" in said
    assert "pieces" not in Summary().blocks(split(night, 7, None, None, None))[-1].text
