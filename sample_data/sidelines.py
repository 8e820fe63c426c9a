"""Ordinary people whom many pay: they teach, mend, sell, play, let rooms, keep the till of a club."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample_data.chance import picked, share_of
from sample_data.clock import DAY, WEEK_OF_EVENINGS, Clock, hours_drawn
from sample_data.population import Population
from sample_data.postings import CHANNEL, PURPOSE, Journal
from sample_data.recurring import BANK, PHONE


@dataclass(frozen=True, slots=True)
class Sideline:
    """A way to be paid by many; all figures ours.

    Attributes
    ----------
    share : float
        Of the bank's people.
    monthly : float
        Payments a month, of somebody in the middle; from person to person they differ by `spread`.
    patrons : float
        How many different people pay, in the middle; nothing means everybody but once.
    euros : (float, float)
        Least and most of a usual price; each has a few prices of their own.
    odd : float
        Share of payments that follow no price list.
    hours : str
        Rhythm of `clock.HOURS`.
    notes : float
        How often a month notes are paid in.
    """

    share: float
    monthly: float
    patrons: float
    euros: tuple[float, float]
    odd: float
    hours: str
    spread: float = 0.7
    evening: bool = False
    notes: float = 0.0


SIDELINES = (
    Sideline(0.014, 7, 0, (8, 90), 0.9, "web", spread=0.9),  # sells second-hand
    Sideline(0.010, 16, 14, (15, 80), 0.15, "closing"),  # teaches, minds children, cleans, mends
    Sideline(0.006, 26, 40, (20, 95), 0.1, "shop", notes=2.5),  # cuts hair at home, drives, trains
    Sideline(
        0.007, 14, 0, (4, 40), 0.4, "night", spread=0.9, evening=True, notes=1.5
    ),  # plays, serves, drives at night
    Sideline(0.005, 30, 60, (5, 30), 0.3, "shop", spread=0.9, notes=3.0),  # sells at markets
    Sideline(
        0.003, 11, 0, (60, 260), 0.2, "night", spread=0.6, evening=True, notes=1.0
    ),  # plays at weddings, takes pictures
)
# Rooms and club money have a rhythm of their own: all pay within some days of a month.
LANDLORDS, TREASURERS = 0.006, 0.007
OWN_PATRONS = 0.35


class Sidelines:
    """Who has one, and what a day brings them.

    Parameters
    ----------
    population, clock, journal : Population, Clock, Journal
        The bank.
    seed : int
        Decides who does what.
    """

    def __init__(self, population: Population, clock: Clock, journal: Journal, seed: int) -> None:
        self._people, self._clock, self._journal, self._seed = population, clock, journal, seed + 31
        n = population.people_count
        draw = share_of(self._seed, np.arange(n))
        shares = [one.share for one in SIDELINES] + [LANDLORDS, TREASURERS]
        ends = np.cumsum(shares)
        kind = np.searchsorted(ends, draw, side="right")
        # A sleepy second account is nobody's till.
        kind[population.activity[:n] < 0.2] = len(shares)
        self._who = [np.flatnonzero(kind == one) for one in range(len(shares))]

    def live(self, day: int, rng: np.random.Generator) -> None:
        """Post what a day brings."""
        for number, sideline in enumerate(SIDELINES):
            self._trade(day, rng, number, sideline)
        self._rounds(day, rng, self._who[-2], tenants=True)
        self._rounds(day, rng, self._who[-1], tenants=False)

    def _of(self, who: np.ndarray, *which: np.ndarray | int) -> np.ndarray:
        """Give a number from 0 to 1 that is each person's own."""
        return share_of(self._seed, who, *(np.broadcast_to(np.asarray(one), who.shape) for one in which))

    def _patron(self, who: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Give somebody's patron of a number: always the same, here or at another bank."""
        here = self._of(who, 1, which) < OWN_PATRONS
        draw, known = self._of(who, 2, which), self._people.outside_people_at_home
        return np.where(
            here, (draw * self._people.people_count).astype(np.int64), known[(draw * len(known)).astype(int)]
        )

    def _trade(self, day: int, rng: np.random.Generator, number: int, sideline: Sideline) -> None:
        people, who = self._people, self._who[number]
        who = who[(people.opened[who] <= day) & (day < people.closed[who])]
        size = np.exp((self._of(who, 3) + self._of(who, 4) + self._of(who, 5) - 1.5) * 2 * sideline.spread)
        week = WEEK_OF_EVENINGS[self._clock.weekday(day)] if sideline.evening else 1.0
        count = rng.poisson(size * sideline.monthly / 30.4 * week)
        row = np.repeat(np.arange(len(who)), count)
        to, many = who[row], np.maximum(2, size * sideline.patrons).astype(np.int64)[row]
        which = (
            (rng.random(len(row)) * many).astype(np.int64) if sideline.patrons else rng.integers(0, 1 << 40, len(row))
        )
        low, high = np.log(sideline.euros)
        # Three prices of one's own, to the five euros where they are not small.
        price = np.exp(low + (high - low) * self._of(to, 6, rng.integers(0, 3, len(to))))
        listed = np.where(price > 20, np.rint(price / 5) * 500, np.rint(price) * 100)
        free = np.exp(rng.uniform(low, high, len(to))) * 100
        second = hours_drawn(rng, sideline.hours, len(to))
        self._journal.post(
            len(to),
            at=self._clock.moment(day, second),
            payer=self._patron(to, which),
            payee=to,
            amount=np.where(rng.random(len(to)) < sideline.odd, free, listed).astype(np.int64),
            channel=picked(rng, PHONE, len(to)),
        )
        # What it costs: postage, stuff, a helper.
        buys = who[rng.random(len(who)) < 0.05 * np.minimum(size, 3)]
        cost = np.exp(rng.normal(np.log(sideline.monthly * np.mean(sideline.euros) * 0.12), 0.6, len(buys))) * 100
        self._journal.post(
            len(buys),
            at=self._clock.moment(day, hours_drawn(rng, "web", len(buys))),
            payer=buys,
            payee=self._patron(buys, rng.integers(-4, 0, len(buys))),
            amount=np.maximum(cost, 200).astype(np.int64),
            channel=picked(rng, BANK, len(buys)),
        )

    def _rounds(self, day: int, rng: np.random.Generator, who: np.ndarray, *, tenants: bool) -> None:
        """Let all of a house or a club pay about the same within some days; a club's money goes to one payee."""
        on = self._clock.date_of(day)
        begins = 1 + (self._of(who, 7) * 20).astype(np.int64)
        # A house pays every month, a club when something is due.
        due = tenants | (self._of(who, 8, on.year * 12 + on.month) < 0.45)
        now = who[due & (begins == on.day)]
        many = 2 + (self._of(now, 9) ** 2 * (9 if tenants else 45)).astype(np.int64) + (0 if tenants else 8)
        row = np.repeat(np.arange(len(now)), many)
        to, which = now[row], np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
        fair = np.exp(np.log(180) + 1.1 * self._of(to, 10, which)) if tenants else 8 + 60 * self._of(to, 11)
        late = rng.exponential(1.2 if tenants else 4.0, len(to)) * DAY
        there = rng.random(len(to)) < (0.97 if tenants else 0.88)
        self._journal.post(
            int(there.sum()),
            at=(self._clock.moment(day, hours_drawn(rng, "friends", len(to))) + np.minimum(late, 20 * DAY))[there],
            payer=self._patron(to, which)[there],
            payee=to[there],
            amount=(np.rint(fair / 5) * 500).astype(np.int64)[there],
            channel=picked(rng, BANK if tenants else PHONE, len(to))[there],
            purpose=PURPOSE["RENT"] if tenants else 0,
        )
        if not tenants:
            self._journal.post(
                len(now),
                at=self._clock.moment(day + 16, hours_drawn(rng, "office", len(now))),
                payer=now,
                payee=self._patron(now, np.full(len(now), -9)),
                amount=(many * (8 + 60 * self._of(now, 11)) * 85).astype(np.int64),
                channel=CHANNEL["sct"],
            )
