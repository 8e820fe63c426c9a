"""What a story is given: the people to cast, the calendar, seeded chance, and ordinary ways of paying.

A story is one file in `cases/` or `innocent/` with one class, named like the file::

    class SavingsClub:
        about = About(code="H-21", ...)
        def cast(self, scene): ...          # once: recruit customers, give them roles, change their circumstances
        def month(self, scene, days): ...   # for each month: post that month's payments

`cast` runs before the first payment of the bank and may change whatever the population's columns say of the people it
has cast. `month` may only post payments. Everybody in a story goes on living ordinarily, and what a story posts goes
through the same books, ids, fees, refunds and faults as all other payments: nothing tells it apart but what it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from flows.errors import SettingsError
from sample_data.chance import picked, stream
from sample_data.clock import HOUR, HOUR_NAMES, Clock, hours_drawn
from sample_data.nodes import COUNTRIES, EXT, HOME
from sample_data.places import CITY_NAMES, CITY_ZONE, TOWN_COUNT, TRADE_HOURS, TRADES, Places, prices, trade
from sample_data.population import FIRM, NO_INCOME, SECTORS, WAGE, Population
from sample_data.postings import BATCH, CHANNEL, PURPOSE, Journal
from sample_data.tables import LEGS
from sample_data.whereabouts import Whereabouts

PLAIN, EVADING, PARTIAL = "plain", "evading", "partial"
EVERYTHING = 1 << 50
FOR_EVER = 1 << 30
Nodes1 = int | np.ndarray | Sequence[int]


@dataclass(frozen=True, kw_only=True)
class About:
    """What a story says of itself.

    Attributes
    ----------
    code : str
        Its kind in the catalogue: G-.. and H-..; L-.. for laundering that no exploitation is told of.
    title : str
        One line for the list of kinds.
    roles : tuple of str
        Every role it may give, in neutral words: controller, feeder, controlled_person, layer, member...
    customers_each : int
        Without a plan a bank has one for so many customers, and at least one.
    typology : str
        The typology it is published as, T-..; empty for the innocent.
    variants : tuple of str
        Those of `plain`, `evading` and `partial` that it can play.
    seen_in_part : tuple of str
        The legs of evidence (REV, OPS, CTL, MOV, CTX) that remain on the books in the variant `partial`.
    lasts : (int, int)
        Least and most days of its life; the innocent last for ever.
    """

    code: str
    title: str
    roles: tuple[str, ...]
    customers_each: int
    typology: str = ""
    variants: tuple[str, ...] = (PLAIN,)
    seen_in_part: tuple[str, ...] = ()
    lasts: tuple[int, int] = (FOR_EVER, FOR_EVER)


class Plot(Protocol):
    """The interface of a case kind and of an innocent archetype."""

    about: About

    def cast(self, scene: Scene) -> None:
        """Recruit the people of one instance; keep them on `self`."""

    def month(self, scene: Scene, days: range) -> None:
        """Post the payments of some days, at most a month, that lie within the story's life."""


@dataclass
class Scene:
    """One instance of a story, on the bank's stage.

    Attributes
    ----------
    name : str
        Its name in the truth tables, e.g. ``"funnel-account-2"``.
    number : int
        Its row among the stories.
    about : About
        What its plot says of itself.
    variant : str
        `plain`, `evading` or `partial`. `partial` needs no code: payments of legs not seen are left out.
    first, last : int
        The days of its life, last excluded.
    rng : numpy.random.Generator
        Chance of this instance, set anew for `cast` and for each month.
    people, places, clock : Population, Places, Clock
        The bank, for whatever the methods here do not give.
    roles : dict
        Node -> role, of everybody who is counted as part of the story.
    """

    name: str
    number: int
    about: About
    variant: str
    first: int
    last: int
    rng: np.random.Generator
    people: Population
    places: Places
    clock: Clock
    journal: Journal
    whereabouts: Whereabouts
    strangers: list[int]
    roles: dict[int, str] = field(default_factory=dict)

    @property
    def evading(self) -> bool:
        """Whether this instance knows what is looked for."""
        return self.variant == EVADING

    # Casting

    def recruit(
        self,
        role: str | None,
        count: int = 1,
        *,
        city: int | None = None,
        ages: Sequence[int] | None = None,
        incomes: Sequence[int] | None = None,
        opened_before: tuple[int, int] | None = None,
        activity: float | None = None,
    ) -> np.ndarray:
        """Cast ordinary people of the bank.

        Parameters
        ----------
        role : str or None
            Role in the truth tables; None for people who take part and are not counted (a tenant, a payer).
        count : int
            How many.
        city, ages, incomes : optional
            Only from a town; only of these rows of `population.AGE_BANDS`; only with these incomes.
        opened_before : (int, int), optional
            Have their accounts opened so many days before the story begins. Young accounts are common in any bank.
        activity : float, optional
            Scale their ordinary spending by this.

        Returns
        -------
        numpy.ndarray of int
            Customers, who are also the nodes of their accounts.

        Raises
        ------
        SettingsError
            If the bank has no such people left.
        """
        people, n = self.people, self.people.people_count
        free = (people.story[:n] < 0) & (people.activity[:n] > 0.35)
        if opened_before is None:
            free &= people.opened[:n] < min(self.first, 0)
        if city is not None:
            free &= people.city[:n] == city
        if ages is not None:
            free &= np.isin(people.age[:n], ages)
        if incomes is not None:
            free &= np.isin(people.income[:n], incomes)
        chosen = self._cast(np.flatnonzero(free), role, count)
        if opened_before is not None:
            self.reopen(chosen, self.first - self.rng.integers(*opened_before, count))
        if activity is not None:
            people.activity[chosen] = np.maximum(people.activity[chosen] * activity, 0.05)
        return chosen

    def recruit_firm(
        self, role: str | None, sector: str, *, headcount: int | None = None, kind: int = FIRM, plays_trade: bool = True
    ) -> int:
        """Cast a firm: by its sector if there is one free, else any that then changes its sector.

        With `plays_trade` the story itself posts the firm's trade, and ordinary trade leaves it alone but for its fees.
        """
        people, n = self.people, self.people.people_count
        busy = np.zeros(people.count, dtype=bool)
        busy[people.employer[(people.employer >= 0) & (people.employer < people.count)]] = True
        free = (people.story[n:] < 0) & (people.opened[n:] < min(self.first, 0))
        if plays_trade:
            free &= ~busy[n:]
        same = free & (people.sector[n:] == SECTORS.index(sector))
        firm = int(self._cast(n + np.flatnonzero(same if same.any() else free), role, 1)[0])
        people.sector[firm], people.kind[firm] = SECTORS.index(sector), kind
        if headcount is not None:
            people.headcount[firm] = headcount
            people.turnover[firm] = headcount * int(self.rng.integers(60, 140)) * 1_000
        if plays_trade:
            people.activity[firm] = 0.0
        return firm

    def _cast(self, free: np.ndarray, role: str | None, count: int) -> np.ndarray:
        if len(free) < count:
            raise SettingsError(
                f"the bank has too few people or firms left for the story {self.name!r}",
                where=self.about.code,
                try_="ask for more --customers, or for fewer stories in the plan",
            )
        chosen = self.rng.choice(free, count, replace=False)
        self.people.story[chosen] = self.number
        self.people.closed[chosen] = FOR_EVER
        if role is not None:
            self.give_role(chosen, role)
        return chosen

    def give_role(self, nodes: Nodes1, role: str) -> None:
        """Count accounts as part of the story; roles are those of `about.roles`."""
        if role not in self.about.roles:
            raise ValueError(f"{role!r} is no role of {self.name}: add it to about.roles")
        self.roles.update(dict.fromkeys(np.atleast_1d(nodes).tolist(), role))

    def outsiders(self, count: int, country: str = COUNTRIES[HOME]) -> np.ndarray:
        """Add accounts kept elsewhere that nobody else pays."""
        return self.people.graph.add(EXT, count, COUNTRIES.index(country))

    def passers_by(self, own: int, outside: int) -> np.ndarray:
        """Give accounts of ordinary people, here and elsewhere, who know nothing of the story."""
        here = self.rng.choice(self.people.people_count, own, replace=False)
        there = picked(self.rng, self.people.outside_people_at_home, outside)
        return self.rng.permutation(np.concatenate([here, there]))

    def partners(self, own: int, outside: int) -> np.ndarray:
        """Give accounts of firms, here and elsewhere, that trade with anybody."""
        here = self.people.people_count + self.rng.choice(self.people.firm_count, own, replace=False)
        return np.concatenate([here, picked(self.rng, self.people.outside_firms, outside)])

    def sized(self, least: int, most: int) -> int:
        """Draw how many people a story has, few oftener than many, and no more than a small bank can spare."""
        spare = max(6, self.people.people_count // 40)
        low, high = np.log([min(least, spare), min(most, spare)])
        return int(np.rint(np.exp(self.rng.uniform(low, high))))

    def countries_of(self, nodes: np.ndarray) -> np.ndarray:
        """Give where accounts are kept, indices of `nodes.COUNTRIES`."""
        countries: np.ndarray = self.people.graph.countries[nodes]
        return countries

    def stranger(self) -> int:
        """Give a person who is nobody's customer, to pay in notes at a machine."""
        self.strangers.append(self.people.count + len(self.strangers))
        return self.strangers[-1]

    # Circumstances, in `cast` only

    def reopen(self, customers: np.ndarray, days: np.ndarray) -> None:
        """Let accounts have been opened on other days; one that opens within the period begins with nothing."""
        self.people.opened[customers] = days
        self.people.opening[customers] = np.where(np.asarray(days) >= 0, 0, self.people.opening[customers])

    def share(self, what: str, customers: np.ndarray) -> None:
        """Give people the first one's `device`, `phone` or `address`."""
        getattr(self.people, what)[customers] = getattr(self.people, what)[np.atleast_1d(customers)[0]]

    def employ(
        self, customers: np.ndarray, employer: int, wage_minor: np.ndarray | int, *, weekly: bool, payday: int
    ) -> None:
        """Let the employer's ordinary payroll pay them."""
        people = self.people
        people.income[customers], people.employer[customers] = WAGE, employer
        people.wage[customers], people.weekly[customers], people.payday[customers] = wage_minor, weekly, payday
        people.declared_income[customers] = np.round(people.wage[customers] * 12 * 1.28 / 100, -2)

    def end_income(self, customers: np.ndarray) -> None:
        """Leave wages, benefits and rent to the story."""
        self.people.income[customers], self.people.employer[customers] = NO_INCOME, -1
        self.end_rent(customers)

    def end_rent(self, customers: np.ndarray) -> None:
        """Leave rent to the story."""
        self.people.rent[customers], self.people.landlord[customers] = 0, -1

    def towns(self, count: int, but: int | None = None) -> np.ndarray:
        """Draw different towns, by their size."""
        weights = np.where(np.arange(TOWN_COUNT) == but, 0, 1.0 / (np.arange(TOWN_COUNT) + 3))
        return self.rng.choice(TOWN_COUNT, count, replace=False, p=weights / weights.sum())

    # Time

    def some_days(self, days: range, per_week: float) -> np.ndarray:
        """Draw on which days something happens, each at most once."""
        return np.asarray(days)[self.rng.random(len(days)) < per_week / 7]

    def monthly(self, days: range, day_of_month: int) -> np.ndarray:
        """Give the day that carries this day of the month, if it is among them."""
        return np.array([day for day in days if self.clock.date_of(day).day == day_of_month], dtype=np.int64)

    def each_month(self, days: range, own_days: np.ndarray, share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """For people with a day of the month of their own, 1 to 28: give whose it is and when; some forget."""
        of_month = np.array([self.clock.date_of(day).day for day in days])
        due = (own_days[:, None] == of_month) & (self.rng.random((len(own_days), len(days))) < share)
        rows, columns = np.nonzero(due)
        return rows, np.asarray(days)[columns]

    def weekly(self, days: range, weekday: int) -> np.ndarray:
        """Give the days that fall on a weekday, Monday 0."""
        return np.array([day for day in days if self.clock.weekday(day) == weekday], dtype=np.int64)

    def paydays(self, days: range, person: int) -> np.ndarray:
        """Give the days on which somebody's ordinary wage, pension or benefit arrives, in the small hours."""
        if self.people.weekly[person]:
            return self.weekly(days, 4)
        due = int(self.people.payday[person])
        return np.array([day for day in days if due in self.clock.due(day)], dtype=np.int64)

    def moments(self, days: Nodes1, rhythm: str, people: np.ndarray | None = None, city: Nodes1 = 0) -> np.ndarray:
        """Draw moments on days at the hours of ordinary people, a rhythm of `clock.HOURS`; in a city's own time.

        With `people` the day of each is as late as it is in their ordinary life.
        """
        days = np.atleast_1d(days)
        second = hours_drawn(self.rng, rhythm, len(days))
        if people is not None:
            second = second + self.people.late_hours[people] * HOUR
        return self.clock.moment(days, second, np.broadcast_to(CITY_ZONE[city], days.shape))

    def between(self, days: Nodes1, early: float, late: float, city: Nodes1 = 0) -> np.ndarray:
        """Draw moments between two local hours; hours from 24 on lie in the next morning."""
        days = np.atleast_1d(days)
        second = self.rng.uniform(early * HOUR, late * HOUR, len(days)).astype(np.int64)
        return self.clock.moment(days, second, np.broadcast_to(CITY_ZONE[city], days.shape))

    def later(self, at: Nodes1, least_hours: float, most_hours: float) -> np.ndarray:
        """Draw moments so many hours after others."""
        at = np.atleast_1d(at)
        return at + self.rng.uniform(least_hours * HOUR, most_hours * HOUR, len(at)).astype(np.int64)

    # Money

    def euros(self, least: float, most: float, count: int, step: float = 0.01) -> np.ndarray:
        """Draw cents between two sums, on a grid of so many euros."""
        cents = max(1, round(step * 100))
        return np.maximum(1, np.rint(self.rng.uniform(least * 100, most * 100, count) / cents)).astype(np.int64) * cents

    def pick(self, options: Sequence[Any] | np.ndarray, count: int) -> np.ndarray:
        """Draw so many of the options."""
        return picked(self.rng, np.asarray(options), count)

    def pay(
        self,
        payer: Nodes1,
        payee: Nodes1,
        amount_minor: Nodes1,
        at: Nodes1,
        channel: str | np.ndarray = "sct",
        *,
        leg: str = "",
        words: str | None = None,
        purpose: str | None = None,
        **columns: Any,
    ) -> None:
        """Post payments; each argument is one value for all, or an array.

        Parameters
        ----------
        payer, payee : int or array
            Nodes.
        amount_minor : int or array
            Cents.
        at : int or array
            UTC seconds, from `moments`, `between` or `later`.
        channel : str or array of str
            A channel of the contract.
        leg : str
            Leg of evidence: REV, OPS, CTL, MOV, CTX; empty for what shows nothing.
        words, purpose : str, optional
            Narrative and ISO 20022 purpose code.
        **columns
            Other columns of `postings.COLUMNS`: place, person, number, quality, keep, step, least, zone.
        """
        if self.variant == PARTIAL and leg and leg not in self.about.seen_in_part:
            return
        channels = np.array([CHANNEL[name] for name in np.atleast_1d(channel)])
        ends = (np.atleast_1d(column) for column in (payer, payee, amount_minor, at, channels))
        laid = np.broadcast_arrays(*ends)
        self.journal.post(
            len(laid[0]),
            **dict(zip(("payer", "payee", "amount", "at", "channel"), laid, strict=True)),
            purpose=PURPOSE[purpose],
            words=self.journal.words(words),
            story=self.number,
            leg=LEGS.index(leg),
            **columns,
        )

    def pass_on(
        self,
        payer: Nodes1,
        payee: Nodes1,
        at: Nodes1,
        channel: str | np.ndarray = "instant",
        *,
        keep: Nodes1 = 0,
        most: Nodes1 = EVERYTHING,
        least: Nodes1 = 2_000,
        **columns: Any,
    ) -> None:
        """Post "send on what is there by then", all but `keep` cents, at most `most`; less than `least` stays."""
        self.pay(payer, payee, most, at, channel, keep=keep, least=least, **columns)

    def wages(
        self, firm: int, workers: Nodes1, amount_minor: Nodes1, days: Nodes1, words: str = "SALAIRE", **columns: Any
    ) -> None:
        """Pay wages in a file, in the small hours, as ordinary payroll does; for those it does not pay already."""
        days, workers = np.broadcast_arrays(np.atleast_1d(days), np.atleast_1d(workers))
        known = np.where(workers < self.people.people_count, workers, -1)
        at = self.moments(days, "batch")
        details = {"quality": BATCH, "person": known, "words": words, "purpose": "SALA", **columns}
        self.pay(firm, workers, amount_minor, at, "payroll_file", **details)

    def collected(
        self, payers: Nodes1, hub: str, amount_minor: Nodes1, days: Nodes1, purpose: str | None = None, **columns: Any
    ) -> None:
        """Let a hub collect bills by direct debit: tax, social charges, power, a lender's instalments."""
        days, payers = np.broadcast_arrays(np.atleast_1d(days), np.atleast_1d(payers))
        at = self.moments(days, "batch")
        details = {"quality": BATCH, "purpose": purpose, **columns}
        self.pay(payers, self.hub(hub, payers), amount_minor, at, "direct_debit", **details)

    def takings(self, firm: int, days: Nodes1, amount_minor: Nodes1, **columns: Any) -> None:
        """Let the acquirer of card payments settle a shop's takings."""
        at = self.moments(days, "batch")
        details = {"quality": BATCH, "words": "REMISE CARTES", **columns}
        self.pay(self.hub("acquirer", firm), firm, amount_minor, at, "sct", **details)

    def overheads(self, firm: int, days: range, *, revenue_minor: int, wages_minor: int, social: float = 0.32) -> None:
        """Pay what any firm owes each month: charges on wages at a rate, turnover tax, power, telephone, insurance."""
        for hub, day, minor, purpose in (
            ("social", 15, wages_minor * social, "SSBE"),
            ("tax", 20, revenue_minor * 0.06, "VATX"),
            ("power", 12, revenue_minor * 0.012 + 3_000, None),
            ("telecom", 8, 4_500, None),
            ("insurer", 6, revenue_minor * 0.008 + 2_000, None),
        ):
            on = self.monthly(days, day)
            self.collected(firm, hub, np.rint(minor * self.rng.uniform(0.95, 1.05, len(on))), on, purpose)

    def withdraw(
        self,
        people: Nodes1,
        at: Nodes1,
        city: Nodes1,
        amount_minor: Nodes1 | None = None,
        *,
        place: Nodes1 | None = None,
        **columns: Any,
    ) -> None:
        """Take notes from cash machines of a city: sums, or all there is in steps of ten euros."""
        people, city = np.broadcast_arrays(np.atleast_1d(people), np.atleast_1d(city), np.atleast_1d(at))[:2]
        if place is None:
            place = self.places.found(self.rng, np.full(len(people), trade("cash_machine")), city, people, loyal=0.4)
        details = {"place": place, "zone": CITY_ZONE[city], **columns}
        if amount_minor is None:
            self.pass_on(people, self.places.node[place], at, "atm_wd", step=1_000, **{"keep": 0, **details})
        else:
            self.pay(people, self.places.node[place], amount_minor, at, "atm_wd", **details)

    def deposit(
        self,
        accounts: Nodes1,
        amount_minor: Nodes1,
        at: Nodes1,
        city: Nodes1,
        *,
        by: Nodes1,
        counter: bool = False,
        **columns: Any,
    ) -> None:
        """Pay in notes at a machine or counter of a city; `by` is who stands there, a customer or a stranger."""
        laid = np.broadcast_arrays(*(np.atleast_1d(column) for column in (accounts, city, by, at)))
        kind = np.full(len(laid[0]), trade("branch" if counter else "deposit_machine"))
        place = self.places.found(self.rng, kind, laid[1], laid[2], loyal=0.5)
        channel = "cash_branch" if counter else "cash_adm"
        self.pay(self.places.node[place], laid[0], amount_minor, at, channel, place=place, person=laid[2], **columns)

    def shop(
        self,
        people: Nodes1,
        trade_name: str,
        days: Nodes1,
        *,
        amount_minor: Nodes1 | None = None,
        city: Nodes1 | None = None,
        at: Nodes1 | None = None,
        remote: bool = False,
        **columns: Any,
    ) -> None:
        """Pay merchants of a trade by card, at its own hours and prices unless said; at home unless said.

        With `remote` the card's number is given from afar, as when a room is booked for somebody else.
        """
        people, days = np.broadcast_arrays(np.atleast_1d(people), np.atleast_1d(days))
        town = self.people.city[people] if city is None else np.broadcast_to(np.asarray(city), people.shape)
        kind = np.full(len(people), trade(trade_name))
        place = self.places.found(self.rng, kind, town, people)
        if at is None:
            at = self.moments(days, HOUR_NAMES[TRADE_HOURS[kind[0]]] if len(kind) else "shop", city=town)
        if amount_minor is None:
            amount_minor = prices(self.rng, kind)
        web = TRADES[trade_name].web
        zone = 0 if web else CITY_ZONE[town]
        self.pay(
            people,
            self.places.node[place],
            amount_minor,
            at,
            "card_cnp" if web or remote else "card_pos",
            place=place,
            zone=zone,
            **columns,
        )

    def advertise(self, people: Nodes1, days: Nodes1, *, amount_minor: Nodes1 | None = None, **columns: Any) -> None:
        """Pay for adverts of one's own or of others: three sites in four book as dating and escort, one as advertising.

        A bank sees the fourth only if the site's name is on a list of its own.
        """
        people, days = np.broadcast_arrays(np.atleast_1d(people), np.atleast_1d(days))
        minor = prices(self.rng, np.full(len(people), trade("adverts"))) if amount_minor is None else amount_minor
        minor = np.broadcast_to(minor, people.shape)
        known = self.rng.random(len(people)) < 0.75
        for trade_name, some in (("dating", known), ("adverts", ~known)):
            self.shop(people[some], trade_name, days[some], amount_minor=minor[some], **columns)

    def travel(
        self, people: np.ndarray, day: int, nights: int, city: int, *, hotel: bool = True, **columns: Any
    ) -> None:
        """Send people to a city: all their ordinary life goes with them, and each pays a room night by night.

        Rooms are paid where they are slept in; without `hotel` somebody else pays or they stay with friends.
        """
        for person in np.atleast_1d(people).tolist():
            self.whereabouts.plan(person, day, nights, int(city))
            if hotel:
                self.shop(person, "hotel", np.arange(day, day + nights), city=city, **columns)

    def hub(self, name: str, by: Nodes1 = 0) -> np.ndarray:
        """Give the hub of a kind, a key of `Places.hubs`, that serves each."""
        return self.places.hub(name, np.atleast_1d(by))

    def city_name(self, city: int) -> str:
        """Give the name of a city."""
        return CITY_NAMES[city]


def begin_month(scene: Scene, plot: Plot, days: range, seed: int) -> None:
    """Let a story post the days of a month that lie within its life, with chance of that month's own."""
    own = range(max(days.start, scene.first), min(days.stop, scene.last))
    if len(own):
        on = scene.clock.date_of(days.start)
        scene.rng = stream(seed, "story", scene.name, on.year * 12 + on.month)
        plot.month(scene, own)
