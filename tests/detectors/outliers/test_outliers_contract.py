"""What every outlier detector owes, run over the shelf."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from detectors.about import settable
from detectors.catalogue import sources
from detectors.peers import peer_groups
from detectors.ranking import rarity
from detectors.unusual_accounts import unusual_accounts
from flows.errors import SettingsError
from flows.plugins import Shelf
from flows.window import whole
from graphs.features import account_features

SHELF = Shelf("detectors.outliers")

# Banned inputs of the catalogue, 5.4; none may be the name of a feature, or a part of it.
BANNED = re.compile(
    r"nation|citizen|birth|ethnic|language|religio|name|gender|sex|orient|disab|politic|immigra|age_band"
)


@pytest.fixture(scope="session", params=SHELF.ids())
def detector(request):
    return SHELF.load(request.param)()


@pytest.fixture(scope="session")
def features(window):
    return account_features(window)


@pytest.fixture(scope="session")
def fitted(detector, features):
    return detector.fit(features, peer_groups(features))


def test_what_it_says_of_itself_is_complete(detector):
    assert set(detector.about.sources) <= sources().keys()
    for field in settable(type(detector)).values():
        assert field.metadata["unit"]
        assert field.metadata["why"]
    assert "contamination" not in settable(type(detector))


def test_scores_are_shares_and_the_odd_one_out_is_on_top(fitted, features):
    score = fitted.score(features)
    assert ((score >= 0) & (score <= 1)).all()
    assert features.accounts[int(score.argmax())] == "pot"


def test_a_score_does_not_depend_on_who_is_scored_with_it_or_in_what_order(fitted, features):
    score = fitted.score(features)
    mixed = np.random.default_rng(1).permutation(len(score))
    assert fitted.score(features.of(mixed)).tobytes() == score[mixed].tobytes()
    for row in mixed[:20]:
        assert fitted.score(features.of(np.array([row])))[0] == score[row]


def test_the_same_seed_learns_the_same_whatever_the_order_of_the_reference(detector, fitted, features):
    mixed = features.of(np.random.default_rng(2).permutation(len(features.accounts)))
    again = detector.fit(mixed, peer_groups(mixed))
    assert again.score(features).tobytes() == fitted.score(features).tobytes()


def test_other_names_of_accounts_change_no_score(detector, fitted, features, town):
    # Turned round, so that the order of names is another.
    def rename(column):
        return pa.array(
            [f"z{9999 - int(name[1:])}" if re.fullmatch(r"p\d+", name) else name for name in column.to_pylist()]
        )

    renamed = town
    for side in ("payer", "payee"):
        place = renamed.schema.get_field_index(side)
        renamed = renamed.set_column(place, renamed.schema.field(side), rename(renamed[side]))
    other = account_features(whole(renamed))
    score = detector.fit(other, peer_groups(other)).score(other)
    back = [other.row_of[name] for name in rename(pa.array(features.accounts)).to_pylist()]
    assert score[back].tobytes() == fitted.score(features).tobytes()


def test_tails_are_calibrated_on_accounts_that_were_not_fitted(detector, features):
    draw = np.random.default_rng(3).permutation(len(features.accounts))
    known, fresh = features.of(draw[: draw.size // 2]), features.of(draw[draw.size // 2 :])
    chance = detector.fit(known, peer_groups(known, least=10_000)).tail(fresh)
    for share in (0.1, 0.25, 0.5, 0.75):
        # Four standard errors of a share of half the town, fitted and scored.
        assert abs((chance <= share).mean() - share) < 4 * np.sqrt(2 * share * (1 - share) / len(chance)), share


def test_reasons_name_columns_of_the_table_and_speak_of_peers(fitted, features):
    for account in ("pot", "p3", "p200"):
        moves, reasons = fitted.moves(features, account), fitted.reasons(features, account)
        assert len(moves) == len(reasons)
        for move, reason in zip(moves, reasons, strict=True):
            assert move.column in features.columns
            assert "% of similar accounts (" in reason.sentence
            assert "{" not in reason.sentence


def test_setting_the_named_features_to_typical_lowers_the_score_more_than_nearly_all_others_would(fitted, features):
    rarest = np.argsort(fitted.tail(features), kind="stable")[:40]
    beaten = []
    for row in rarest.tolist():
        moves = fitted.moves(features, features.accounts[row])
        named = tuple(sorted(features.names.index(move.column.name) for move in moves))
        group = fitted.groups[str(fitted.peers.of(features.of(np.array([row])))[0])]
        typical = features.values[row].copy()
        typical[group.used] = group.typical
        # To set to typical what is typical already lowers nothing, and would be beaten by any explanation.
        unlike = np.abs(group.scaled(features.values[[row]][:, group.used])[0]) > 0
        others = [one for one in combinations(sorted(group.used[unlike].tolist()), len(named)) if one != named]
        resets = np.repeat(features.values[[row]], 2 + len(others), axis=0)
        for line, columns in zip(resets[1:], [named, *others], strict=True):
            line[list(columns)] = typical[list(columns)]
        score = group.score(resets)
        fall = score[0] - score[1:]
        assert fall[0] == pytest.approx(sum(move.fall for move in moves))
        if others:
            beaten.append((fall[0] > fall[1:]).mean())
    # Not one by default: of at least half of them, other features could have been named.
    assert len(beaten) >= len(rarest) / 2
    assert np.mean(beaten) >= 0.9


def test_no_banned_input_is_fitted(fitted):
    used = {fitted.columns[place] for group in fitted.groups.values() for place in group.used.tolist()}
    assert used
    assert not [column.name for column in used if BANNED.search(column.name)]
    assert not [column.name for column in used if column.restricted]


def test_missing_values_are_counted_and_count_as_typical(detector, features):
    values = features.values.copy()
    values[:7, features.names.index("strayed_around")] = np.nan
    holed = type(features)(
        features.accounts,
        features.columns,
        values,
        features.as_of,
        features.currencies,
        features.scale,
        features.days,
    )
    fitted = detector.fit(holed, peer_groups(holed))
    assert fitted.imputed["strayed_around"] == 7
    assert np.isfinite(fitted.score(holed)).all()


def test_a_table_in_another_scale_is_refused(fitted, window):
    with pytest.raises(SettingsError, match="scaled otherwise"):
        fitted.score(account_features(window, scale={"EUR": 1}))


def test_the_far_tail_becomes_findings_with_their_payments(detector, fitted, features, window):
    found = list(
        unusual_accounts(fitted, features, window, detector="any", about=detector.about, rarest=0.02, most_payments=10)
    )
    chance = fitted.tail(features)
    assert {finding.centre for finding in found} == {
        account for account, one in zip(features.accounts, chance, strict=True) if one <= 0.02
    }
    assert found[0].centre == "pot"
    assert found[0].strength == rarity(chance)[features.row_of["pot"]]
    for finding in found:
        assert finding.accounts == (finding.centre,)
        assert 1 <= len(finding.payments) <= 10
        rows = window.payments.filter(pa.compute.is_in(window.payments["payment_id"], pa.array(finding.payments)))
        assert all(
            finding.centre in pair for pair in zip(rows["payer"].to_pylist(), rows["payee"].to_pylist(), strict=True)
        )
    assert found[0].reasons[-1].sentence.endswith("the largest 10 are listed.")


def test_a_capacity_keeps_the_rarest_and_hubs_are_left_out(detector, fitted, features, window, town):
    arguments = {"detector": "any", "about": detector.about, "rarest": 0.05}
    everyone = list(unusual_accounts(fitted, features, window, **arguments))
    assert list(unusual_accounts(fitted, features, window, capacity=3, **arguments)) == everyone[:3]
    public = whole(town, hubs=["pot"])
    assert "pot" not in {finding.centre for finding in unusual_accounts(fitted, features, public, **arguments)}


def test_a_rarest_that_is_no_probability_is_refused(detector, fitted, features, window):
    with pytest.raises(SettingsError, match="not a probability"):
        next(unusual_accounts(fitted, features, window, detector="any", about=detector.about, rarest=0))


def test_one_account_alone_is_not_rare(detector, town):
    lonely = account_features(whole(town.slice(0, 1)))
    fitted = detector.fit(lonely, peer_groups(lonely))
    assert (fitted.tail(lonely) >= 0.5).all()
