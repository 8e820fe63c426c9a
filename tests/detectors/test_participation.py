"""What part accounts have in motifs: counted as found, and said in the account's own units against its peers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from detectors.finding import Finding, Reason
from detectors.motifs.fan_in import FanIn
from detectors.outliers.ensemble import Ensemble
from detectors.participation import every_column, families, with_motifs
from detectors.peers import peer_groups
from flows.arrows import payments_from_arrows
from flows.language import speaking
from flows.plugins import Shelf
from flows.window import whole
from graphs.features import account_features

MOTIFS = Shelf("detectors.motifs").ids()
LINES = [f"day {day} p{one} -> q{(one + day) % 30} 20 EUR" for one in range(60) for day in (1, 8, 29)]
AS_OF = date(2026, 2, 1)


def moment(day):
    return int(datetime(2026, 1, day, 12, tzinfo=UTC).timestamp()) * 1_000_000


def finding(detector, *accounts, strength=0.5, surprise=None, day=9):
    reason = Reason("{measured} show it.", 3, None, "payments")
    return Finding(detector, 1, accounts[0], accounts, ("p1",), 0, moment(day), strength, (reason,), (), surprise)


@pytest.fixture(scope="module")
def features():
    return account_features(whole(payments_from_arrows("\n".join(LINES))), AS_OF)


def part(table, account, motif):
    return [
        table.column(name)[table.row_of[account]].item()
        for what in ("findings", "strength", "surprise")
        if (name := f"{motif.replace('-', '_')}_{what}") in table.names
    ]


def test_each_motif_counts_who_it_names_with_the_greatest_strength_and_surprise(features):
    found = [
        finding("fan-in", "p1", "p2", strength=0.25, surprise=2.5),
        finding("fan-in", "p1", "ext:out", strength=0.75, surprise=0.5),
        finding("chain", "p2", "p3", strength=0.4),
        finding("an-own-pattern", "p4", "p5"),
    ]
    table = with_motifs(features, found, searched=MOTIFS)
    assert table.columns == every_column()
    assert (part(table, "p1", "fan-in"), part(table, "p2", "fan-in")) == ([2, 0.75, 2.5], [1, 0.25, 2.5])
    assert part(table, "p3", "fan-in") == [0, 0, 0]
    strong = part(table, "p3", "chain")
    assert strong[:2] == [1, 0.4]
    assert np.isnan(strong[2]), "nobody measured its surprise"
    # Of a motif that does not depend on times, surprise is never measured, so it is no column.
    assert len(part(table, "p1", "biclique")) == 2
    assert table.accounts == features.accounts
    assert table.values[:, : len(features.columns)].tobytes() == features.values.tobytes()
    mixed = with_motifs(features, reversed(found), searched=MOTIFS)
    assert mixed.values.tobytes() == table.values.tobytes()


def test_what_ends_after_the_day_counts_nothing(features):
    early, late = finding("fan-in", "p1", "p2", day=31), finding("fan-in", "p1", "p3", day=30)
    at = account_features(whole(payments_from_arrows("\n".join(LINES))), date(2026, 1, 30))
    table = with_motifs(at, [early, late], searched=MOTIFS)
    assert part(table, "p1", "fan-in")[0] == 1
    assert part(table, "p2", "fan-in")[0] == 0
    assert part(with_motifs(features, [early, late], searched=MOTIFS), "p1", "fan-in")[0] == 2


def test_a_motif_that_was_not_run_to_the_end_and_a_hub_are_missing_and_not_zero(features):
    table = with_motifs(
        features, [finding("fan-in", "p1", "p2")], searched=set(MOTIFS) - {"chain"}, hubs={"p2", "mer:shop"}
    )
    assert np.isnan(part(table, "p1", "chain")).all()
    assert part(table, "p1", "fan-in")[:2] == [1, 0.5]
    assert np.isnan(part(table, "p2", "fan-in")).all()
    assert np.isfinite(part(table, "p3", "fan-in")).all()


def test_what_a_motif_really_finds_is_counted_at_its_centre_and_at_its_payers():
    burst = [f"day {day} 21:00 p{day} -> pot 60 EUR p2p" for day in range(1, 21)]
    window = whole(payments_from_arrows("\n".join([*LINES, *burst])))
    found = list(FanIn().find(window))
    table = with_motifs(account_features(window), found, searched=MOTIFS)
    named = {account: sum(account in one.accounts for one in found) for account in table.accounts}
    assert named["pot"] >= 1
    assert named["p3"] >= 1 > named["p40"]
    assert {account: part(table, account, "fan-in")[0] for account in table.accounts} == named


def test_families_are_the_shelf_so_that_settings_do_not_change_the_columns():
    assert tuple(family.id for family in families()) == MOTIFS
    assert len({column.name for column in every_column()}) == len(every_column())


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "en",
            "It lies in 4 findings of the pattern “Pass-through”; 99 % of similar accounts (alike in use 1): "
            "at most 0 findings.",
        ),
        (
            "fr",
            "Il figure dans 4 constats du motif « Compte de passage » ; 99 % des comptes semblables (d'usage semblable "
            "1) : 0 constat au plus.",
        ),
    ],
)
def test_a_part_in_a_motif_is_told_in_findings_against_peers(features, language, says):
    # In hundreds, so that one account is beyond the 99th of a hundred.
    lines = [f"day {day} p{one} -> q{(one + day) % 30} 20 EUR" for one in range(220) for day in (1, 5, 8, 12, 20, 29)]
    window = whole(payments_from_arrows("\n".join(lines)))
    found = [finding("pass-through", "p7", f"ext:{other}") for other in range(4)]
    table = with_motifs(account_features(window), found, searched=MOTIFS)
    fitted = Ensemble(themes=("motifs",), models=("copod",)).fit(table, peer_groups(table))
    assert table.accounts[int(fitted.score(table).argmax())] == "p7"
    with speaking(language):
        assert says in [reason.sentence for reason in fitted.reasons(table, "p7")]
