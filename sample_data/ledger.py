"""The bank's books: due payments are settled in time order, and what no account can carry does not happen."""

from __future__ import annotations

import numpy as np

from sample_data.chance import share_of, stream
from sample_data.clock import DAY, HOUR, Clock
from sample_data.nodes import HOME
from sample_data.places import Places
from sample_data.postings import CHANNEL, PURPOSE, Journal

BOOKED, PENDING, REVERSED, ATTEMPTED, REFUSED = range(5)
STATUSES = ("booked", "pending", "reversed", "attempted")
CARDS = (CHANNEL["card_pos"], CHANNEL["card_cnp"])
# Shares of payments. Ours: card refunds and returned direct debits are of the order of half a percent.
UNDONE_CARDS, UNDONE_DEBITS = 0.006, 0.004
# One refused card payment in three is shown at all: the others are tried elsewhere with another card.
SHOWN_DECLINES = 0.33
EXCHANGE_FEE, WIRE_FEE_MINOR, OVERDRAFT_FEE_MINOR = 0.017, 1_250, 800


class Ledger:
    """Balances of all accounts, moved one payment at a time.

    Parameters
    ----------
    opening : numpy.ndarray of int
        Balance of each node in cents; those of others' accounts are never looked at.
    limits : numpy.ndarray of int
        How far below nothing each may go.
    opened, closed : numpy.ndarray of int
        First and last day of each account.
    own : numpy.ndarray of bool
        Which nodes are accounts of the bank.
    """

    def __init__(
        self,
        opening: np.ndarray,
        limits: np.ndarray,
        opened: np.ndarray,
        closed: np.ndarray,
        own: np.ndarray,
        *,
        clock: Clock,
        places: Places,
        countries: np.ndarray,
        seed: int,
    ) -> None:
        self.balances = np.where(own, opening, 0)
        self._exact = self.balances.tolist()
        self._limits = limits.tolist()
        self._own = own.tolist()
        self.own = own
        self._opened = clock.moment(np.maximum(opened, -50), 8 * HOUR)
        self._closed = np.where(closed < clock.days, clock.moment(np.minimum(closed, clock.days), 0), 1 << 60)
        self._clock, self._places, self._countries, self._seed = clock, places, countries, seed
        self._foreign_fee = places.hubs["fee exchange-of-money"][0]
        self._wire_fee = places.hubs["fee wire"][0]
        self._overdraft_fee = places.hubs["fee overdraft"][0]
        self.settled = 0
        self.last_moment = int(clock.moment(clock.days, 0))

    def settle(self, due: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Book what is due, which is in time order, and give the rows that the bank shows.

        Returns
        -------
        dict of numpy.ndarray
            The columns of `postings` for booked and attempted payments, with ``serial``, ``status`` and the balances
            after (``payer_after``, ``payee_after``).
        """
        at, payer, payee = due["at"], due["payer"], due["payee"]
        alive = (at >= self._opened[payer]) & (at >= self._opened[payee])
        alive &= (at < self._closed[payer]) & (at < self._closed[payee])
        if not alive.all():
            due = {name: column[alive] for name, column in due.items()}
        count = len(due["at"])
        if not count:
            return {
                **due,
                **{name: np.zeros(0, np.int64) for name in ("serial", "status", "payer_after", "payee_after")},
            }
        card = np.isin(due["channel"], CARDS)
        shown = (due["channel"] == CHANNEL["direct_debit"]) | card & (
            share_of(self._seed + 3, due["at"], due["payer"]) < SHOWN_DECLINES
        )
        amounts, status, before, after = self._run(due, shown.tolist())
        due["amount"] = np.array(amounts, dtype=np.int64)
        due["status"] = np.array(status, dtype=np.int8)
        due["payer_after"], due["payee_after"] = np.array(before, dtype=np.int64), np.array(after, dtype=np.int64)
        kept = due["status"] != REFUSED
        rows = {name: column[kept] for name, column in due.items()}
        count = len(rows["at"])
        rows["serial"] = self.settled + np.arange(count)
        self.settled += count
        touched = np.unique(np.concatenate([rows["payer"], rows["payee"]]))
        self.balances[touched] = [self._exact[node] for node in touched.tolist()]
        rows["status"][(rows["reverses"] >= 0) & (rows["status"] == BOOKED)] = REVERSED
        # What was paid by card on the last evening is not through yet.
        late = np.isin(rows["channel"], CARDS) & (rows["status"] == BOOKED) & (rows["at"] > self.last_moment - 9 * HOUR)
        rows["status"][late & (share_of(self._seed + 4, rows["serial"]) < 0.5)] = PENDING
        return rows

    def _run(self, due: dict[str, np.ndarray], shown: list[bool]) -> tuple[list[int], list[int], list[int], list[int]]:
        """Move money row by row: each row's balance is the one the row before left."""
        exact, limits, own = self._exact, self._limits, self._own
        amounts, status, payer_after, payee_after = [], [], [], []
        columns = (due[name].tolist() for name in ("payer", "payee", "amount", "keep", "step", "least"))
        for payer, payee, amount, keep, step, least, seen in zip(*columns, shown, strict=True):
            if own[payer]:
                balance = exact[payer]
                if keep >= 0:
                    amount = min(amount, balance - keep) // step * step
                if amount < least or amount > balance + limits[payer]:
                    amounts.append(amount)
                    status.append(ATTEMPTED if seen and amount >= least else REFUSED)
                    payer_after.append(0)
                    payee_after.append(0)
                    continue
                exact[payer] = balance = balance - amount
                payer_after.append(balance)
            else:
                payer_after.append(0)
            if own[payee]:
                exact[payee] = balance = exact[payee] + amount
                payee_after.append(balance)
            else:
                payee_after.append(0)
            amounts.append(amount)
            status.append(BOOKED)
        return amounts, status, payer_after, payee_after

    def follow_up(self, rows: dict[str, np.ndarray], journal: Journal, day: int) -> None:
        """Post what payments bring about by themselves: refunds, returned debits, fees."""
        if not len(rows["at"]):
            return
        rng = stream(self._seed, "follow up", day)
        draw = rng.random(len(rows["at"]))
        booked = rows["status"] == BOOKED
        card = np.isin(rows["channel"], CARDS)
        debit = (rows["channel"] == CHANNEL["direct_debit"]) & self.own[rows["payer"]]
        undone = np.flatnonzero(booked & (card & (draw < UNDONE_CARDS) | debit & (draw < UNDONE_DEBITS)))
        wait = np.where(card[undone], rng.exponential(4, len(undone)) + 0.05, rng.uniform(1, 9, len(undone))) * DAY
        journal.post(
            len(undone),
            at=rows["at"][undone] + np.minimum(wait, 28 * DAY).astype(np.int64),
            payer=rows["payee"][undone],
            payee=rows["payer"][undone],
            reverses=rows["serial"][undone],
            **{n: rows[n][undone] for n in ("amount", "channel", "place", "story", "leg", "zone", "words", "number")},
        )
        foreign = booked & card & (self._countries[rows["payee"]] != HOME) & (self._countries[rows["payee"]] != -1)
        paid = np.flatnonzero(foreign & (self._places.city[rows["place"]] >= 0) & (rows["place"] >= 0))
        self._charge(journal, rows, paid, self._foreign_fee, (rows["amount"][paid] * EXCHANGE_FEE).astype(np.int64))
        wired = booked & (rows["channel"] == CHANNEL["wire"]) & self.own[rows["payer"]]
        wired &= self._countries[rows["payee"]] != HOME
        self._charge(journal, rows, np.flatnonzero(wired), self._wire_fee, WIRE_FEE_MINOR)

    def _charge(
        self, journal: Journal, rows: dict[str, np.ndarray], which: np.ndarray, to: int, minor: np.ndarray | int
    ) -> None:
        """Post a fee some hours after the payment it is for."""
        journal.post(
            len(which),
            at=rows["at"][which] + 20 * HOUR,
            payer=rows["payer"][which],
            payee=to,
            amount=minor,
            channel=CHANNEL["fee"],
            quality=1,
        )

    def charge_overdrafts(self, journal: Journal, day: int) -> None:
        """Post the monthly fee of the accounts that stand below nothing."""
        below = np.flatnonzero(self.own & (self.balances < -1_000))
        journal.post(
            len(below),
            at=self._clock.moment(day, 4 * HOUR),
            payer=below,
            payee=self._overdraft_fee,
            amount=OVERDRAFT_FEE_MINOR,
            channel=CHANNEL["fee"],
            purpose=PURPOSE["LOAN"],
            quality=1,
        )
