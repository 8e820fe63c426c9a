"""What every case kind and every innocent archetype owes, whoever wrote it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from sample_data.clock import DAY
from sample_data.plan import SHELVES, Planned
from sample_data.postings import Journal
from sample_data.scene import EVADING, FOR_EVER, PARTIAL, PLAIN, begin_month
from sample_data.simulation import Stage, cast
from sample_data.tables import LEGS

CUSTOMERS, DAYS, SEED = 3_000, 150, 3
KINDS = [(shelf, kind) for shelf, members in SHELVES.items() for kind in members.ids()]
PLAYED = [(shelf, kind, variant) for shelf, kind in KINDS for variant in SHELVES[shelf].load(kind).about.variants]
CODES = {"case": re.compile(r"(G|L)-\d\d"), "innocent": re.compile(r"H-\d\d")}


def played(shelf: str, kind: str, variant: str, seed: int = SEED) -> SimpleNamespace:
    """Cast one story on a bare stage and let it post its months, without anybody living."""
    stage = Stage.open(CUSTOMERS, DAYS, seed)
    before = {name: np.copy(column) for name, column in vars(stage.people).items() if isinstance(column, np.ndarray)}
    plot, scene, _ = cast([Planned(shelf, kind, 0, variant, (0, 30), None)], stage)[0]
    settled = {name: np.copy(column) for name, column in vars(stage.people).items() if isinstance(column, np.ndarray)}
    day, early = 0, []
    while day < DAYS:
        days = stage.clock.month_from(day)
        scene.journal = Journal()
        begin_month(scene, plot, days, seed)
        early.append((days, scene.journal.taken(int(stage.clock.moment(DAYS + 400, 0)))))
        day = days.stop
    posted = {name: np.concatenate([rows[name] for _, rows in early]) for name in early[0][1]}
    return SimpleNamespace(stage=stage, scene=scene, before=before, settled=settled, months=early, posted=posted)


@pytest.fixture(scope="module", params=PLAYED, ids=lambda one: f"{one[1]} {one[2]}")
def play(request) -> SimpleNamespace:
    told = played(*request.param)
    told.asked = request.param
    return told


@pytest.mark.parametrize(("shelf", "kind"), KINDS, ids=lambda one: one)
def test_it_says_what_it_is(shelf, kind):
    plot = SHELVES[shelf].load(kind)
    about = plot.about
    assert plot.__doc__
    assert CODES[shelf].fullmatch(about.code), about.code
    assert about.title
    assert about.roles
    assert about.customers_each > 0
    assert PLAIN in about.variants
    assert set(about.variants) <= {PLAIN, EVADING, PARTIAL}
    assert set(about.seen_in_part) <= set(LEGS[1:])
    assert (PARTIAL in about.variants) == bool(about.seen_in_part), "say which legs a partial variant shows"
    if shelf == "case":
        assert about.typology
        assert about.lasts[1] < FOR_EVER, "a case ends"
        assert EVADING in about.variants, "somebody always knows what is looked for"
    else:
        assert about.typology == ""


def test_codes_of_the_catalogue_are_told_once():
    codes = [SHELVES[shelf].load(kind).about.code for shelf, kind in KINDS]
    assert sorted(codes) == sorted(set(codes))


def test_somebody_has_a_role_and_money_moves(play):
    assert play.scene.roles
    assert set(play.scene.roles.values()) <= set(play.scene.about.roles)
    assert len(play.posted["at"]) >= 2, "two payments at least in five months"


def test_every_payment_is_the_story_s_and_lies_within_its_life(play):
    assert set(play.posted["story"].tolist()) == {play.scene.number}
    for days, rows in play.months:
        if len(rows["at"]):
            begin = int(play.stage.clock.moment(max(days.start, play.scene.first), 0))
            # What a month plans may end some days into the next one, and never before the month itself.
            assert rows["at"].min() >= begin - DAY // 2
            assert rows["at"].max() < int(play.stage.clock.moment(days.stop + 35, 0))


def test_both_ends_exist_and_one_of_them_is_the_bank_s(play):
    graph = play.stage.graph
    own = graph.kinds == 0
    for end in ("payer", "payee"):
        assert play.posted[end].max() < graph.count
    assert (own[play.posted["payer"]] | own[play.posted["payee"]]).all(), "the bank cannot see a payment between others"


def test_amounts_are_positive_and_places_known(play):
    assert play.posted["amount"].min() > 0
    assert play.posted["place"].max() < len(play.stage.places.node)
    assert play.posted["person"].max() < play.stage.people.count + len(play.stage.strangers)


def test_months_change_nobody_s_circumstances(play):
    for name, column in play.settled.items():
        assert np.array_equal(column, getattr(play.stage.people, name)), f"month() changed {name}: do it in cast()"


def test_casting_changes_only_those_it_has_cast(play):
    cast_here = play.settled["story"] == play.scene.number
    for name, column in play.settled.items():
        if column.shape == cast_here.shape and name != "story":
            changed = np.flatnonzero(column != play.before[name])
            assert cast_here[changed].all(), f"cast() changed {name} of somebody who has no part"


def test_a_partial_variant_shows_only_its_legs(play):
    if play.scene.variant == PARTIAL:
        shown = {LEGS[leg] for leg in set(play.posted["leg"].tolist())} - {""}
        assert shown <= set(play.scene.about.seen_in_part)
        whole = played(play.asked[0], play.asked[1], PLAIN)
        assert len(set(whole.posted["leg"].tolist())) > len(shown), "plain shows more legs than partial does"


def test_the_same_seed_plays_the_same(play):
    again = played(*play.asked)
    assert again.scene.roles == play.scene.roles
    assert all(np.array_equal(again.posted[name], column) for name, column in play.posted.items())


def test_every_story_of_a_bank_is_settled_and_in_the_truth(simulated):
    stories = csv.read_csv(simulated / "truth" / "stories.csv").to_pylist()
    assert {(row["shelf"], row["kind"]) for row in stories} == {
        ("cases" if shelf == "case" else "innocent", kind) for shelf, kind in KINDS
    }
    paid = set(pq.read_table(simulated / "truth" / "payments.parquet")["story"].to_pylist())
    idle = {row["story"] for row in stories} - paid
    assert not idle, f"nothing of these was carried by any account: {sorted(idle)}"


def test_typologies_of_labels_are_ones_somebody_knows(simulated):
    labels = csv.read_csv(simulated / "labels.csv").to_pylist()
    assert labels
    assert all(re.fullmatch(r"T-\d\d|FUN-\d\d", row["typology"]) for row in labels)
