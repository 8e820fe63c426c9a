"""The ordinary life of people: what each day brings. What recurs by itself is in `recurring.py`."""

from __future__ import annotations

import numpy as np

from sample_data.chance import picked, share_of, stream
from sample_data.clock import DAY, HOUR, WEEK_OF_EVENINGS, WEEK_OF_SHOPS, YEAR_OF_SHOPS, Clock, hours_drawn
from sample_data.nodes import HOME, Nodes
from sample_data.places import (
    CITY_ZONE,
    TOWN_COUNT,
    TOWN_WEIGHTS,
    TRADE_HOURS,
    TRADE_NAMES,
    TRADE_WEB,
    TRADES,
    Places,
    prices,
    trade,
)
from sample_data.population import OLD, Population
from sample_data.postings import BATCH, CHANNEL, DATE_ONLY, PURPOSE, Journal
from sample_data.recurring import BANK, PHONE, senders_home
from sample_data.sidelines import Sidelines
from sample_data.ties_abroad import TiesAbroad
from sample_data.whereabouts import Whereabouts

ROUND_GIFTS = np.array([5, 10, 15, 20, 20, 25, 30, 40, 50, 50, 60, 80, 100, 100, 120, 150, 200, 250]) * 100
NOTES = np.array([20, 20, 30, 40, 50, 50, 60, 80, 100, 100, 100, 150, 200, 250, 300, 400]) * 100
AMONG_FRIENDS = (
    None,
    None,
    None,
    None,
    "merci",
    "resto",
    "courses",
    "cadeau",
    "week-end",
    "essence",
    "cinema",
    "colis",
)
# Shares of people who do each; ours.
BUYS_CRYPTO, PAYS_IN_CASH = 0.035, 0.04
# Another purchase on the same way, within the hour.
ON_THE_WAY = 0.22
_MOVED_LATE = np.isin(TRADE_HOURS, np.unique(TRADE_HOURS[[trade("bar"), trade("web_shop")]]))
_EVENING = np.array([TRADES[name].evening for name in TRADE_NAMES])
_OLD = np.array([TRADES[name].age_old for name in TRADE_NAMES])
_MONTHLY = np.array([TRADES[name].monthly for name in TRADE_NAMES]) * np.maximum(1.0, _OLD)


class OrdinaryPeople:
    """Everybody's months, those of people in stories included.

    Parameters
    ----------
    population, places, clock, whereabouts, journal : Population, Places, Clock, Whereabouts, Journal
        The bank.
    seed : int
        Decides every draw.
    graph : Nodes
        For the countries of accounts elsewhere.
    """

    def __init__(
        self,
        population: Population,
        places: Places,
        clock: Clock,
        whereabouts: Whereabouts,
        journal: Journal,
        seed: int,
        graph: Nodes,
    ) -> None:
        self.people, self.places, self.clock, self.where, self.journal = population, places, clock, whereabouts, journal
        self.seed = seed
        n = self.n = population.people_count
        self._everybody = np.arange(n)
        self._scale = np.clip((population.wage[:n] / 190_000) ** 0.6, 0.45, 1.7)
        # Liking for notes: some never see a machine, some live from it.
        self._cash = 2.2 * share_of(seed + 11, self._everybody) ** 1.5
        self._words = np.array([journal.words(word) for word in AMONG_FRIENDS])
        self._crypto = np.flatnonzero(share_of(seed + 12, self._everybody) < BUYS_CRYPTO)
        self._senders = senders_home(population, seed)
        self._sidelines = Sidelines(population, clock, journal, seed)
        self._ties_abroad = TiesAbroad(population, clock, journal, graph, seed)
        self._abroad = population.outside_people[graph.countries[population.outside_people] != HOME]

    def live(self, day: int, balances: np.ndarray) -> None:
        """Post what a day brings by itself."""
        rng = stream(self.seed, "people", day)
        people, n = self.people, self.n
        alive = (people.opened[:n] <= day) & (day < people.closed[:n])
        purse = (
            np.clip((balances[:n] + 0.3 * people.overdraft[:n]) / (0.45 * people.wage[:n] + 5_000), 0.02, 2.5) ** 0.6
        )
        since = (self.clock.date_of(day).day - people.payday[:n]) % 30
        ends = np.cumsum(np.where(alive, people.activity[:n] * purse * np.where(since < 5, 1.25, 0.95), 0.0))
        if ends[-1] <= 0:
            return
        today = _Day(rng, day, ends)
        self._shop(today)
        self._use_notes(today)
        self._pay_friends(today)
        self._pay_outsiders(today)
        self._sidelines.live(day, rng)
        self._ties_abroad.live(day, rng)
        self._even_out(today, balances)

    def _shop(self, today: _Day) -> None:
        """Buy by card: near home, in the next town, on journeys, in web shops; often at two places on one way."""
        rng, on = today.rng, self.clock.date_of(today.day)
        weekday = np.where(_EVENING, WEEK_OF_EVENINGS[on.weekday()], WEEK_OF_SHOPS[on.weekday()])
        rates = np.cumsum(_MONTHLY / 30.4 * weekday * YEAR_OF_SHOPS[on.month - 1])
        who = today.people(rates[-1])
        kind = np.searchsorted(rates, rng.random(len(who)) * rates[-1])
        old = self.people.age[who] == OLD
        stays = rng.random(len(who)) < np.where(old, _OLD[kind], 1.0) / np.maximum(1.0, _OLD[kind])
        who, kind = who[stays], kind[stays]
        home = self.where.city[who]
        elsewhere = (home == self.people.city[who]) & (rng.random(len(who)) < 0.09)
        city = np.where(elsewhere, rng.choice(TOWN_COUNT, len(who), p=TOWN_WEIGHTS), home)
        second = hours_drawn(rng, TRADE_HOURS[kind], len(who))
        second += np.where(_MOVED_LATE[kind], self.people.late_hours[who], 0) * HOUR
        again = np.flatnonzero((rng.random(len(who)) < ON_THE_WAY) & ~TRADE_WEB[kind])
        who, city = np.append(who, who[again]), np.append(city, city[again])
        second = np.append(second, second[again] + rng.integers(240, 4_800, len(again)))
        kind = np.append(kind, np.searchsorted(rates, rng.random(len(again)) * rates[-1]))
        zone = CITY_ZONE[city]
        place = self.places.found(rng, kind, city, who)
        self.journal.post(
            len(who),
            at=self.clock.moment(today.day, second, zone),
            payer=who,
            payee=self.places.node[place],
            amount=prices(rng, kind, self._scale[who]),
            channel=np.where(TRADE_WEB[kind], CHANNEL["card_cnp"], CHANNEL["card_pos"]),
            place=place,
            zone=np.where(TRADE_WEB[kind], 0, zone),
        )

    def _use_notes(self, today: _Day) -> None:
        """Take notes from machines; now and then pay some in, oneself or by a friend."""
        rng = today.rng
        who = today.people(1.4 / 30.4)
        who = who[rng.random(len(who)) < self._cash[who]]
        city = self.where.city[who]
        place = self.places.found(rng, np.full(len(who), trade("cash_machine")), city, who, loyal=0.7)
        self.journal.post(
            len(who),
            at=self.clock.moment(today.day, hours_drawn(rng, "cash", len(who)), CITY_ZONE[city]),
            payer=who,
            payee=self.places.node[place],
            amount=picked(rng, NOTES, len(who)),
            channel=CHANNEL["atm_wd"],
            place=place,
            zone=CITY_ZONE[city],
        )
        who = today.people(0.16 / 30.4)
        # Some are paid in notes or sell at markets, and pay in all the time.
        often = share_of(self.seed + 14, self._everybody) < PAYS_IN_CASH
        who = np.append(who, np.flatnonzero(often)[rng.random(int(often.sum())) < 1.8 / 30.4])
        city = np.where(
            rng.random(len(who)) < 0.85, self.where.city[who], self.people.city[picked(rng, self._everybody, len(who))]
        )
        city = np.where(city < TOWN_COUNT, city, self.people.city[who])
        counter = rng.random(len(who)) < 0.35
        place = self.places.found(rng, np.where(counter, trade("branch"), trade("deposit_machine")), city, who)
        friend = self.people.friends_of(who, rng.random(len(who)))
        by_friend = (rng.random(len(who)) < 0.22) & (friend >= 0) & (friend < self.n)
        second = np.where(counter, hours_drawn(rng, "office", len(who)), hours_drawn(rng, "closing", len(who)))
        self.journal.post(
            len(who),
            at=self.clock.moment(today.day, second),
            payer=self.places.node[place],
            payee=who,
            place=place,
            person=np.where(by_friend, friend, who),
            amount=np.maximum(2_000, np.rint(np.exp(rng.normal(5.2, 0.9, len(who))) / 10) * 1_000).astype(np.int64),
            channel=np.where(counter, CHANNEL["cash_branch"], CHANNEL["cash_adm"]),
        )

    def _pay_friends(self, today: _Day) -> None:
        """Split bills, give presents, lend and pay back."""
        rng, journal, week = today.rng, self.journal, WEEK_OF_EVENINGS[self.clock.weekday(today.day)]
        who = today.people(2.0 / 30.4 * week)
        friend = self.people.friends_of(who, rng.random(len(who)))
        second = hours_drawn(rng, "friends", len(who)) + self.people.late_hours[who] * HOUR
        gift = rng.random(len(who)) < 0.5
        some = np.rint(np.exp(rng.normal(2.9, 0.85, len(who))) * 100).astype(np.int64)
        amount = np.maximum(np.where(gift, picked(rng, ROUND_GIFTS, len(who)), some), 100)
        # Money goes both ways along a friendship.
        out = rng.random(len(who)) < 0.6
        journal.post(
            len(who),
            at=self.clock.moment(today.day, second),
            payer=np.where(out, who, friend),
            payee=np.where(out, friend, who),
            amount=amount,
            channel=picked(rng, PHONE, len(who)),
            words=picked(rng, self._words, len(who)),
        )
        # A round, a present, a weekend: several friends pay one the same within a day.
        host = today.people(0.16 / 30.4 * week)
        guests = rng.integers(2, 8, len(host))
        rows = np.repeat(np.arange(len(host)), guests)
        guest = self.people.friends_of(host[rows], rng.random(len(rows)))
        each = np.where(
            rng.random(len(host)) < 0.4, picked(rng, ROUND_GIFTS, len(host)), rng.integers(600, 5_500, len(host))
        )
        begin = self.clock.moment(today.day, hours_drawn(rng, "night", len(host)))
        journal.post(
            len(rows),
            at=begin[rows] + (rng.exponential(5, len(rows)) * HOUR).astype(np.int64) % (2 * DAY),
            payer=guest,
            payee=host[rows],
            amount=each[rows],
            channel=picked(rng, PHONE, len(rows)),
            words=picked(rng, self._words, len(host))[rows],
        )
        lender = today.people(0.07 / 30.4)
        friend = self.people.friends_of(lender, rng.random(len(lender)))
        lent = self.clock.moment(today.day, hours_drawn(rng, "friends", len(lender)))
        amount = rng.integers(4, 50, len(lender)) * 5_000
        journal.post(len(lender), at=lent, payer=lender, payee=friend, amount=amount, channel=CHANNEL["instant"])
        back = np.flatnonzero(rng.random(len(lender)) < 0.8)
        journal.post(
            len(back),
            at=lent[back] + (rng.uniform(20, 650, len(back)) * HOUR).astype(np.int64),
            payer=friend[back],
            payee=lender[back],
            amount=amount[back],
            channel=CHANNEL["instant"],
        )

    def _pay_outsiders(self, today: _Day) -> None:
        """Move money to and from accounts elsewhere: sellers, relatives, one's own, an exchange, offices."""
        rng, people, journal, day = today.rng, self.people, self.journal, today.day

        def moments(rhythm: str, count: int) -> np.ndarray:
            return self.clock.moment(day, hours_drawn(rng, rhythm, count))

        who = today.people(1.5 / 30.4)
        # A handful of outsiders is everybody's own; the rest are seen once.
        known = people.outside_people_at_home
        usual = known[(share_of(self.seed + 15, who, rng.integers(0, 4, len(who))) * len(known)).astype(np.int64)]
        other = np.where(rng.random(len(who)) < 0.55, usual, picked(rng, known, len(who)))
        out = rng.random(len(who)) < 0.5
        minor = np.rint(np.exp(rng.normal(4.1, 1.1, len(who))) * 100).astype(np.int64)
        minor = np.maximum(np.where(rng.random(len(who)) < 0.45, np.maximum(minor // 1_000, 1) * 1_000, minor), 200)
        channel = picked(rng, BANK, len(who))
        at = moments("friends", len(who)) + people.late_hours[who] * HOUR
        journal.post(
            len(who),
            at=at,
            payer=np.where(out, who, other),
            payee=np.where(out, other, who),
            amount=minor,
            channel=channel,
        )
        who = today.people(0.12 / 30.4)
        journal.post(
            len(who),
            at=moments("office", len(who)),
            payer=picked(rng, known, len(who)),
            payee=who,
            channel=CHANNEL["cheque"],
            amount=np.rint(np.exp(rng.normal(4.6, 0.9, len(who))) * 100).astype(np.int64),
            quality=DATE_ONLY,
        )
        who = today.people(1.1 / 30.4)
        who = who[people.elsewhere[who] >= 0]
        out = rng.random(len(who)) < 0.62
        minor = (people.wage[who] * rng.uniform(0.03, 0.5, len(who)) * rng.lognormal(0, 0.4, len(who))).astype(np.int64)
        minor = np.where(rng.random(len(who)) < 0.7, np.maximum(minor // 1_000, 1) * 1_000, minor)
        journal.post(
            len(who),
            at=moments("web", len(who)),
            payer=np.where(out, who, people.elsewhere[who]),
            amount=minor,
            payee=np.where(out, people.elsewhere[who], who),
            channel=picked(rng, BANK, len(who)),
        )
        who = today.people(0.06 / 30.4)
        abroad = self._abroad[(share_of(self.seed + 16, who) * len(self._abroad)).astype(np.int64)]
        out = rng.random(len(who)) < 0.6
        journal.post(
            len(who),
            at=moments("web", len(who)),
            payer=np.where(out, who, abroad),
            payee=np.where(out, abroad, who),
            amount=np.rint(np.exp(rng.normal(5.6, 0.9, len(who))) * 100).astype(np.int64),
            channel=CHANNEL["wire"],
        )
        who = today.people(0.4 / 30.4)
        journal.post(
            len(who),
            at=moments("batch", len(who)),
            payer=self.places.hubs["health"][0],
            payee=who,
            quality=BATCH,
            amount=rng.integers(700, 9_500, len(who)),
            channel=CHANNEL["benefit"],
            person=who,
        )
        who = self._crypto[rng.random(len(self._crypto)) < 1.8 / 30.4]
        out, exchange = rng.random(len(who)) < 0.85, self.places.hub("exchange", who)
        journal.post(
            len(who),
            at=moments("web", len(who)),
            payer=np.where(out, who, exchange),
            payee=np.where(out, exchange, who),
            amount=rng.integers(4, 120, len(who)) * 500,
            channel=CHANNEL["crypto"],
        )
        who = np.append(self._senders[rng.random(len(self._senders)) < 0.6 / 30.4], today.people(0.015 / 30.4))
        journal.post(
            len(who),
            at=moments("closing", len(who)),
            payer=who,
            payee=self.places.hub("remitter", who),
            amount=rng.integers(2, 40, len(who)) * 1_000,
            channel=CHANNEL["msb"],
        )
        who = today.people(0.02 / 30.4)
        journal.post(
            len(who),
            at=moments("batch", len(who)),
            payer=self.places.hub("lender", who),
            payee=who,
            quality=BATCH,
            amount=rng.integers(2, 17, len(who)) * 50_000,
            channel=CHANNEL["sct"],
            purpose=PURPOSE["LOAN"],
        )

    def _even_out(self, today: _Day, balances: np.ndarray) -> None:
        """Put aside what is left over, and fetch some back when little is left: nobody drifts for ever."""
        rng, people, n = today.rng, self.people, self.n
        away = np.where(people.savings[:n] >= 0, people.savings[:n], people.elsewhere[:n])
        draw = rng.random(n)
        full = np.flatnonzero((balances[:n] > 2.4 * people.wage[:n] + 60_000) & (away >= 0) & (draw < 0.06))
        spare = (balances[full] - 1.2 * people.wage[full]) * rng.uniform(0.3, 0.9, len(full))
        at = self.clock.moment(today.day, hours_drawn(rng, "web", len(full)))
        inside = people.savings[full] >= 0
        self.journal.post(
            len(full),
            at=at,
            payer=full,
            payee=away[full],
            amount=(spare // 5_000 * 5_000).astype(np.int64),
            channel=np.where(inside, CHANNEL["internal"], CHANNEL["instant"]),
        )
        short = np.flatnonzero((balances[:n] < 0.06 * people.wage[:n]) & (away >= 0) & (draw < 0.12))
        at = self.clock.moment(today.day, hours_drawn(rng, "web", len(short)))
        inside = people.savings[short] >= 0
        self.journal.post(
            len(short),
            at=at,
            payer=away[short],
            payee=short,
            amount=rng.integers(1, 9, len(short)) * 5_000,
            channel=np.where(inside, CHANNEL["internal"], CHANNEL["instant"]),
        )


class _Day:
    """One day's draws: who does something, the active and the well-off oftener."""

    def __init__(self, rng: np.random.Generator, day: int, ends: np.ndarray) -> None:
        self.rng, self.day, self._ends = rng, day, ends

    def people(self, each: float) -> np.ndarray:
        """Draw who does a thing that somebody of weight 1 does so often a day."""
        total = self._ends[-1]
        count = self.rng.poisson(total * each)
        drawn: np.ndarray = np.searchsorted(self._ends, self.rng.random(count) * total, side="right")
        return drawn
