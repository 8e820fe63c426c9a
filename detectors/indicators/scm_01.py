"""SCM-01: Scam-target outflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import balance_at, followed
from detectors.proceeds import known_since
from detectors.sight import Sight
from graphs.legs import Floats, Ints, Legs, legs_of


@dataclass(frozen=True, kw_only=True)
class Scm01:
    """Measure what share of a customer's money goes to exchanges and payees that it never paid before, in growing sums.

    Money is what stood on the accounts before the first such payment and came in since, so that a loan taken for it
    counts. There is a score where three payments in a row grow, or where savings were moved or a loan was taken within
    two months before. The first month that a customer is seen says nothing, because everybody is new. The customer may
    be a defrauded person; whom they pay is the lead.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SCM-01, window: 60 d")
    weak: float = parameter(0.15, unit="share", why="SCM-01, weak value of the catalogue")
    strong: float = parameter(0.4, unit="share", why="SCM-01, strong value of the catalogue")
    least_transfers: int = parameter(3, unit="payments", least=2, why="SCM-01, support: transfers; three growing ones")
    history: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(0), why="ours: payees are new to whom one has seen a month"
    )
    before: timedelta = parameter(
        timedelta(days=60), unit="time", least=timedelta(days=1), why="SCM-01, window: a liquidation that precedes"
    )

    about = IndicatorAbout(
        id="SCM-01",
        title="Scam-target outflow",
        question="Does a customer without such a history send growing sums to exchanges or new payees?",
        meaning=(
            "A customer without crypto history liquidates savings and sends growing sums to exchanges or new payees."
        ),
        of=("forced criminality (people defrauded by compounds)",),
        cited=(
            Citation(
                "FIN23P",
                "read",
                (
                    "no crypto history then large exchange/wire; early CD break; HELOC; small credit back then larger"
                    " sends; several transfers to a VASP"
                ),
            ),
            Citation("FATF26", "read", "fraud seen as major ML risk by 156 jurisdictions"),
        ),
        innocent=(
            "genuine investor",
            "house purchase",
        ),
        clears=(
            "the customer invests knowingly, as earlier holdings elsewhere show",
            "a house or a car is bought: a notary or dealer is paid once",
        ),
        leg="CTX",
        reliability="supporting",
        roles=("possibly_defrauded",),
        safety="The customer may be defrauded and is to be helped. Their payees are the lead into networks of SCM-02.",
        tiers=("D1", "D4"),
        needs=("payments.payee_balance_after_minor|payments.payer_balance_after_minor",),
        reduced={"accounts.kind": "Whether savings were moved first is not seen."},
        by="customer",
        sentence=(
            "{sent} went to exchanges and new payees in {transfers} within {span}, {share} of what the customer had "
            "and got."
        ),
        numbers={"sent": "u", "transfers": "payments", "span": "days", "share": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share sent away, for each private customer."""
        spent = sight.debits("customer")
        stranger = sight.unrelated(spent) | (sight.to_crypto | sight.listed("crypto"))[spent.row]
        new = (sight.at - sight.first_seen < microseconds(self.within))[spent.row]
        since = known_since(sight)[spent.subject[spent.group]]
        seen = sight.first_seen[spent.row] - since >= microseconds(self.history)
        spent = spent.keep(stranger & new & seen & sight.private[spent.own])
        freed = self._freed(sight)
        after = np.zeros(sight.at.size, np.bool_)
        after[spent.row[followed(sight, freed, spent, self.before) >= 0]] = True
        sent = sight.over(spent, self.within)
        came = sight.over(sight.credits("customer"), self.within, like=sent).total(sight.amount)
        total = sent.total(sight.amount)
        share = total / np.maximum(_held(sight, sent) + came, 0.01)
        yield from sight.scores(
            self,
            sent,
            share,
            support=sent.count(),
            met=(sent.count() >= self.least_transfers)
            & ~np.isnan(share)
            & ((_growing(sight, sent) >= self.least_transfers) | (sent.where(after).count() > 0)),
            numbers={
                "sent": total,
                "transfers": sent.count(),
                "span": np.full(sent.groups, self.within.days),
                "share": np.minimum(np.nan_to_num(share), 1.0),
            },
            others=sent,
        )

    def _freed(self, sight: Sight) -> Legs:
        """Give loans, and transfers from savings to another account of the customer, by customer."""
        savings = sight.account_is("kind", "savings")
        same = sight.customer[sight.payer] == sight.customer[sight.payee]
        moved = same & savings[sight.payer] & ~savings[sight.payee]
        row = np.flatnonzero((moved | sight.purpose("LOAN")) & sight.own[sight.payee])
        return legs_of(sight.customer[sight.payee[row]], row, sight.payer[row], sight.payee[row])


def _first(legs: Legs) -> Ints:
    """Give the first leg of each group, 0 for a group without legs."""
    first = np.zeros(legs.groups, np.int64)
    first[legs.group[::-1]] = np.arange(legs.row.size)[::-1]
    return first


def _held(sight: Sight, sent: Legs) -> Floats:
    """Give what stood on all accounts of each customer before the first leg of the group; NaN: unknown."""
    if not sent.row.size:
        return np.zeros(sent.groups)
    first = _first(sent)
    at = sight.at[sent.row[first]] - 1
    nodes = np.flatnonzero(sight.own)
    nodes = nodes[np.argsort(sight.customer[nodes], kind="stable")]
    holder = sight.customer[nodes]
    low, high = (np.searchsorted(holder, sent.subject, side) for side in ("left", "right"))
    count = high - low
    group = np.repeat(np.arange(sent.groups), count)
    node = nodes[np.repeat(low, count) + np.arange(group.size) - np.repeat(np.cumsum(count) - count, count)]
    balance = balance_at(sight, node, at[group])
    # The paying account: its balance after the first payment, and what was paid.
    paying = node == sent.own[first][group]
    own = (sight.balance(sent)[first] + sight.amount[sent.row[first]])[group]
    balance = np.where(paying & ~np.isnan(own), own, balance)
    known = ~np.isnan(balance)
    held = np.bincount(group[known], weights=balance[known], minlength=sent.groups).astype(np.float64)
    return np.where(np.bincount(group[known], minlength=sent.groups) > 0, np.maximum(held, 0.0), np.nan)


def _growing(sight: Sight, sent: Legs) -> Ints:
    """Give the most payments in a row of each group of which each is larger than the one before."""
    order = np.argsort(sent.group, kind="stable")
    group, amount = sent.group[order], sight.amount[sent.row[order]]
    grows = np.append(False, (np.diff(group) == 0) & (np.diff(amount) > 0))[: order.size]
    start = np.maximum.accumulate(np.where(grows, 0, np.arange(order.size)))
    most = np.zeros(sent.groups, np.int64)
    np.maximum.at(most, group, np.arange(order.size) - start + 1)
    return most
