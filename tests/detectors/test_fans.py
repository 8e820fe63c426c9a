"""A burst is held against the account's own past and that of accounts alike."""

import pyarrow as pa
import pytest

from detectors.fans import LEAST_PEERS
from detectors.motifs.fan_in import FanIn
from detectors.motifs.fan_out import FanOut
from flows.arrows import payments_from_arrows
from flows.payments import ACCOUNTS, CUSTOMERS
from flows.window import SideTables, whole

BURST = [f"day 40 {8 + i:02}:00  ext:new{i} -> anna  50 EUR p2p" for i in range(12)]
LIVED = ["day 15 09:00  anna -> mer:shop  90 EUR card_pos", "day 16 09:00  anna -> mer:shop  50 EUR card_pos"]


def crowd(size, payers, day=20, name="stall"):
    """Give so many accounts, each with so many payers in one day."""
    return [
        f"day {day} {9 + i % 12:02}:{n % 60:02}  ext:guest{n}-{i} -> {name}{n}  9 EUR p2p"
        for n in range(size)
        for i in range(payers)
    ]


def burst_of_anna(lines, **known):
    window = whole(payments_from_arrows("\n".join(lines)), **known)
    [finding] = [finding for finding in FanIn().find(window) if finding.centre == "anna"]
    return finding


def alike(finding):
    """Give how many accounts alike had as many payers, and how many there were; None where none was."""
    told = [(each.measured, each.limit) for each in finding.reasons if "like it" in each.says]
    return told[0] if told else None


def test_without_anybody_alike_the_account_is_held_against_itself_only():
    finding = burst_of_anna(BURST + LIVED)
    assert alike(finding) is None
    assert finding.strength == pytest.approx(12 / 40)


def test_what_accounts_alike_do_all_the_time_is_weak():
    quiet = burst_of_anna(BURST + LIVED + crowd(30, 2))
    usual = burst_of_anna(BURST + LIVED + crowd(30, 12))
    assert alike(quiet) == (0, 30)
    assert alike(usual) == (30, 30)
    assert usual.strength == pytest.approx(quiet.strength / 31)


@pytest.mark.parametrize("day", [5, 40, 41], ids=["too long ago", "at the same time", "afterwards"])
def test_only_the_span_before_the_burst_counts(day):
    assert alike(burst_of_anna(BURST + LIVED + crowd(30, 13, day=day))) is None


def test_accounts_of_the_same_activity_come_before_all_others():
    busy = crowd(LEAST_PEERS, 70)  # 64 payments a month and more; anna had two
    like_anna = crowd(LEAST_PEERS, 2, name="neighbour")
    assert alike(burst_of_anna(BURST + LIVED + busy + like_anna)) == (0, LEAST_PEERS)
    few = like_anna[: 2 * (LEAST_PEERS - 1)]
    assert alike(burst_of_anna(BURST + LIVED + busy + few)) == (LEAST_PEERS, 2 * LEAST_PEERS - 1)


def test_holders_of_the_same_kind_come_before_all_others():
    lines = BURST + LIVED + crowd(LEAST_PEERS, 3, name="firm") + crowd(LEAST_PEERS, 2, name="person")
    kinds = {"anna": "person"}
    for n in range(LEAST_PEERS):
        kinds |= {f"firm{n}": "business", f"person{n}": "person"}
    side = SideTables(
        accounts=table(ACCOUNTS, [{"account_id": name, "customer_id": f"of {name}"} for name in kinds]),
        customers=table(CUSTOMERS, [{"customer_id": f"of {name}", "kind": kind} for name, kind in kinds.items()]),
    )
    assert alike(burst_of_anna(lines)) == (0, 2 * LEAST_PEERS)
    assert alike(burst_of_anna(lines, side=side)) == (0, LEAST_PEERS)


def table(schema, rows):
    return pa.Table.from_pylist(rows, schema=schema)


def test_a_burst_of_payees_is_held_against_peers_as_well():
    sent = [f"day 40 {8 + i:02}:00  anna -> ext:new{i}  50 EUR p2p" for i in range(12)]
    usual = [f"day 20 {9 + i:02}:{n:02}  stall{n} -> ext:guest{n}-{i}  9 EUR p2p" for n in range(30) for i in range(12)]
    window = whole(payments_from_arrows("\n".join(sent + usual)))
    [finding] = [finding for finding in FanOut().find(window) if finding.centre == "anna"]
    assert alike(finding) == (30, 30)


def test_its_strength_by_itself_leaves_peers_aside():
    window = whole(payments_from_arrows("\n".join(BURST + LIVED + crowd(30, 12))))
    alone = whole(payments_from_arrows("\n".join(BURST + LIVED)))
    [finding] = FanIn().find(alone)
    own = {centre: strength for centre, _, strength in FanIn().strengths(window)}
    assert own["anna"] == finding.strength
