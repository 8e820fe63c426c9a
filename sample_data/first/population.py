"""Who banks here: people, firms and associations, their accounts, households, friends and employers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sample_data.first.clock import Clock
from sample_data.first.places import COUNTRY, TOWN_WEIGHTS, TOWNS

AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
AGE_WEIGHTS = (0.12, 0.20, 0.19, 0.18, 0.15, 0.16)
SECTORS = ("G47", "I56", "F43", "C25", "H49", "N81", "Q88", "M70", "A01", "I55")
SHOP_SECTORS = ("G47", "I56", "I55")
# Median monthly net wage by ISCO-08 major group, euros. Ours.
WAGES = {"1": 3_400, "2": 2_800, "3": 2_300, "4": 1_950, "5": 1_700, "7": 1_850, "8": 1_800, "9": 1_550}


@dataclass(slots=True)
class Account:
    """One account kept at the bank."""

    account_id: str
    kind: str
    opened_on: date
    branch_id: str
    opening_minor: int
    overdraft_minor: int = 0
    opening_device: str | None = None
    introducer: str | None = None
    licensed: bool = False


@dataclass(slots=True)
class Holder:
    """One customer with everything that shapes the payments of an ordinary life."""

    customer_id: str
    kind: str
    town: str
    account: Account
    index: int
    age_band: str | None = None
    occupation_group: str | None = None
    sector: str | None = None
    declared_income: int | None = None
    declared_turnover: int | None = None
    headcount: int | None = None
    opening_hours: str | None = None
    savings: Account | None = None
    household_id: str | None = None
    partner: Holder | None = None
    friends: list[Holder] = field(default_factory=list)
    phone: str = ""
    address: str = ""
    device: str = ""
    card: str = ""
    token: str = ""
    income: str = "none"
    employer: Holder | str | None = None
    wage_minor: int = 0
    weekly: bool = False
    payday: int = 28
    rent_minor: int = 0
    rent_to: str | None = None
    activity: float = 1.0
    sends_home: bool = False
    story: str | None = None

    @property
    def node(self) -> str:
        """The name of the holder's everyday account in the payments table."""
        return self.account.account_id


class Population:
    """All holders, drawn once from a seed.

    Parameters
    ----------
    customers : int
        How many customers, at least 500: the planted stories need people to live among.
    clock : Clock
        The calendar.
    rng : numpy.random.Generator
        Source of every draw.

    Raises
    ------
    ValueError
        If there are too few customers.
    """

    def __init__(self, customers: int, clock: Clock, rng: np.random.Generator) -> None:
        if customers < 500:
            raise ValueError(f"a bank of {customers} customers is too small for its stories: ask for 500 or more")
        self.clock = clock
        self._rng = rng
        self._numbers = iter(rng.permutation(np.arange(1_000_000, 10_000_000, 7))[: 14 * customers])
        self._outside = iter(rng.permutation(np.arange(200_000, 900_000)))
        self.country_of: dict[str, str] = {}
        firm_count = round(customers * 0.075)
        self.firms = [self._firm(i) for i in range(firm_count)]
        self.people = [self._person(firm_count + i) for i in range(customers - firm_count)]
        self._outside_employers = [self.outsider() for _ in range(max(12, customers // 30))]
        self._join_households()
        self._share_houses()
        self._make_friends()
        self._find_work()
        self._find_homes()

    @property
    def holders(self) -> list[Holder]:
        """All customers, firms first."""
        return [*self.firms, *self.people]

    @property
    def accounts(self) -> list[tuple[Holder, Account]]:
        """All accounts, each with its holder."""
        pairs = [(holder, holder.account) for holder in self.holders]
        return pairs + [(holder, holder.savings) for holder in self.holders if holder.savings]

    def outsider(self, country: str = COUNTRY) -> str:
        """Name a new account kept elsewhere."""
        node = f"ext:{next(self._outside)}"
        self.country_of[node] = country
        return node

    def new_number(self) -> int:
        """Give a number nobody else has; numbers say nothing about age or order."""
        return int(next(self._numbers))

    def opening_date(self, youngest_days: int = -90, typical_years: float = 6.0) -> date:
        """Draw when an account was opened; a sixth of a bank's accounts is young, a few open during the period."""
        rng = self._rng
        if rng.random() < 0.2:
            age = int(rng.integers(youngest_days, 420))
        else:
            age = int(min(9_000, 200 + rng.exponential(typical_years) * 365))
        return self.clock.date_of(-age)

    def _account(self, kind: str, town: str, opening_minor: int, opened_on: date) -> Account:
        opening = 0 if opened_on >= self.clock.start else opening_minor
        limit = int(self._rng.choice([0, 20_000, 50_000, 100_000], p=[0.3, 0.2, 0.3, 0.2])) if kind == "current" else 0
        return Account(
            f"A{self.new_number()}",
            kind,
            opened_on,
            f"B{TOWNS.index(town) + 11}",
            opening,
            overdraft_minor=limit,
        )

    def _identify(self, holder: Holder) -> Holder:
        holder.phone, holder.address, holder.device = (str(self.new_number()) for _ in range(3))
        holder.card, holder.token = f"K{self.new_number()}", f"N{self.new_number()}"
        holder.account.opening_device = f"V{holder.device}" if self._rng.random() < 0.7 else None
        return holder

    def _firm(self, index: int) -> Holder:
        rng = self._rng
        town = str(rng.choice(TOWNS, p=TOWN_WEIGHTS))
        account = self._account("business", town, int(rng.integers(6_000, 40_000)) * 100, self.opening_date(30))
        holder = Holder(f"C{self.new_number()}", "firm", town, account, index)
        holder.sector = str(rng.choice(SECTORS))
        holder.headcount = int(rng.integers(2, 45))
        holder.declared_turnover = int(holder.headcount * rng.integers(60, 140) * 1_000)
        holder.opening_hours = str(rng.choice(["08:00-18:00", "09:00-19:00", "10:00-22:00", "07:00-17:00"]))
        return self._identify(holder)

    def _person(self, index: int) -> Holder:
        rng = self._rng
        town = str(rng.choice(TOWNS, p=TOWN_WEIGHTS))
        age = str(rng.choice(AGE_BANDS, p=AGE_WEIGHTS))
        group = str(rng.choice(list(WAGES)))
        wage = int(np.rint(WAGES[group] * np.exp(rng.normal(0, 0.22)) * 100))
        opened = self.opening_date(-90 if age != "65+" else 200)
        account = self._account("current", town, int(wage * rng.gamma(1.4, 0.8)) + 8_000, opened)
        holder = Holder(f"C{self.new_number()}", "person", town, account, index, age_band=age)
        holder.occupation_group, holder.wage_minor = group, wage
        holder.declared_income = int(round(wage * 12 * 1.28 / 100, -2))
        holder.household_id = f"H{self.new_number()}"
        # One in seven keeps a second, sleepy account here and lives from another bank.
        holder.activity = float(rng.uniform(0.05, 0.25) if rng.random() < 0.14 else rng.gamma(9, 1 / 9))
        holder.sends_home = bool(rng.random() < 0.05)
        if rng.random() < 0.42:
            holder.savings = self._account("savings", town, int(wage * rng.gamma(1.5, 2)), self.opening_date(0))
            holder.savings.opened_on = max(holder.savings.opened_on, opened)
        return self._identify(holder)

    def _join_households(self) -> None:
        by_town = _grouped(self.people, lambda person: person.town)
        for town_people in by_town.values():
            for left, right in zip(town_people[::2], town_people[1::2], strict=False):
                if self._rng.random() < 0.45:
                    left.partner, right.partner = right, left
                    right.household_id, right.address = left.household_id, left.address
                    if self._rng.random() < 0.15:
                        right.device = left.device

    def _share_houses(self) -> None:
        """Let some of the young live together: many people at one address, as in any university town."""
        young = [person for person in self.people if person.age_band in ("18-24", "25-34") and person.partner is None]
        for town_people in _grouped(young, lambda person: person.town).values():
            rest = town_people[: len(town_people) // 3]
            while len(rest) >= 4:
                size = int(self._rng.integers(4, 10))
                house, rest = rest[:size], rest[size:]
                for person in house:
                    person.address = house[0].address

    def _make_friends(self) -> None:
        for town_people in _grouped(self.people, lambda person: person.town).values():
            order = [town_people[i] for i in self._rng.permutation(len(town_people))]
            while order:
                size = int(self._rng.integers(7, 15))
                circle, order = order[:size], order[size:]
                for person in circle:
                    person.friends = [other for other in circle if other is not person]
        for person in self.people:
            if self._rng.random() < 0.3:
                person.friends.append(self.people[int(self._rng.integers(len(self.people)))])
            person.friends = [friend for friend in person.friends if friend is not person]

    def _find_work(self) -> None:
        rng = self._rng
        # A third of the firms are large enough to employ several of the bank's own customers.
        employers = self.firms[: max(8, len(self.firms) // 2)]
        for person in self.people:
            draw = rng.random()
            person.payday = int(rng.choice([1, 3, 25, 26, 27, 28]))
            if person.age_band == "65+":
                person.income, person.wage_minor = "pension", int(person.wage_minor * 0.75)
                person.payday = 9
            elif person.age_band == "18-24" and draw < 0.35:
                person.income, person.wage_minor = "student", int(person.wage_minor * 0.42)
                person.employer = self.outsider()
            elif draw < 0.09:
                person.income, person.wage_minor = "benefit", int(rng.integers(600, 1_250)) * 100
                person.payday = 5
            else:
                person.income = "wage"
                if rng.random() < 0.45:
                    employer = employers[int(rng.integers(len(employers)))]
                    person.employer, person.payday = employer, 22 + employer.index % 6
                else:
                    person.employer = self._outside_employers[int(rng.integers(len(self._outside_employers)))]
                person.weekly = bool(rng.random() < 0.06)

    def _find_homes(self) -> None:
        rng = self._rng
        landlords = [self.outsider() for _ in range(max(30, len(self.people) // 8))]
        for person in self.people:
            if rng.random() < 0.68 and person.activity > 0.3:
                share = 0.31 * (0.6 if person.partner else 1.0)
                person.rent_minor = int(person.wage_minor * share * rng.uniform(0.8, 1.2) // 500 * 500)
                person.rent_to = landlords[int(rng.integers(len(landlords)))]


def _grouped(people: list[Holder], key: Callable[[Holder], str]) -> dict[str, list[Holder]]:
    """Sort people into lists by a key, keeping their order."""
    groups: dict[str, list[Holder]] = {}
    for person in people:
        groups.setdefault(key(person), []).append(person)
    return groups
