"""The small interface in which every planted case and every innocent look-alike is written.

A story file holds one class, named like the file, with `code`, `typology` (cases only), `variants` and one method
`plant(story)`. The method casts people from the population, gives them roles and writes down what they pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from sample_data.first.clock import HOUR, Clock
from sample_data.first.journal import Entry, Journal
from sample_data.first.places import TOWNS, Places, price_minor
from sample_data.first.population import Holder, Population

EVERYTHING = 10**12


def eur(euros: float) -> int:
    """Give euros in cents."""
    return round(float(euros) * 100)


class Story:
    """One instance of a case or look-alike: its own draws, its cast and the payments it adds.

    Parameters
    ----------
    number : int
        Marks the entries; -1 is ordinary life.
    name, variant : str
        File name of the story and which of its variants this is.
    """

    def __init__(
        self,
        number: int,
        name: str,
        variant: str,
        *,
        population: Population,
        places: Places,
        journal: Journal,
        clock: Clock,
        rng: np.random.Generator,
    ) -> None:
        self.number, self.name, self.variant = number, name, variant
        self.population, self.places, self.journal, self.clock, self.rng = (
            population,
            places,
            journal,
            clock,
            rng,
        )
        self.roles: dict[str, str] = {}

    # Casting -----------------------------------------------------------------------------------------------------

    def person(
        self,
        role: str | None,
        *,
        town: str | None = None,
        working: bool = False,
        young_days: tuple[int, int] | None = None,
        activity: float | None = None,
    ) -> Holder:
        """Cast somebody nobody else has cast.

        `young_days` opens the account so many days before the first day; `activity` scales ordinary spending;
        without a role the person takes part (a payer, a tenant) but is not counted in the story's accounts.
        """
        free = [
            person
            for person in self.population.people
            if person.story is None
            and person.activity > 0.3
            and (young_days is not None or person.account.opened_on < self.clock.start)
            and (town is None or person.town == town)
            and (not working or person.income == "wage")
        ]
        if not free:
            raise ValueError(f"nobody left to cast in the story {self.name}: ask for more customers")
        return self._cast(free[int(self.rng.integers(len(free)))], role, young_days, activity)

    def people(self, role: str | None, count: int, **wanted) -> list[Holder]:
        """Cast several people alike."""
        return [self.person(role, **wanted) for _ in range(count)]

    def firm(self, role: str | None, sector: str, *, headcount: int, turnover: int, kind: str = "firm") -> Holder:
        """Cast a firm without staff of its own at the bank and give it a trade."""
        busy = {id(person.employer) for person in self.population.people}
        free = [firm for firm in self.population.firms if firm.story is None and id(firm) not in busy]
        if not free:
            raise ValueError(f"no firm left to cast in the story {self.name}: ask for more customers")
        firm = self._cast(free[int(self.rng.integers(len(free)))], role, None, 0.0)
        firm.sector, firm.headcount, firm.declared_turnover, firm.kind = sector, headcount, turnover, kind
        return firm

    def _cast(self, holder: Holder, role, young_days, activity) -> Holder:
        holder.story = self.name
        if role is not None:
            self.roles[holder.node] = role
        if young_days is not None:
            self.reopen(holder, self.clock.date_of(-int(self.rng.integers(*young_days))))
        if activity is not None:
            holder.activity = activity
        return holder

    def reopen(self, holder: Holder, opened_on: date) -> None:
        """Let the holder's account have been opened on another day."""
        holder.account.opened_on = opened_on
        if holder.savings is not None:
            holder.savings.opened_on = max(holder.savings.opened_on, opened_on)
        if opened_on >= self.clock.start:
            holder.account.opening_minor = 0

    def stop_ordinary_income(self, *holders: Holder) -> None:
        """Leave wages and rent to the story, and start with little and without savings."""
        for holder in holders:
            holder.income, holder.rent_minor, holder.rent_to, holder.employer = "none", 0, None, None
            holder.account.opening_minor, holder.savings = eur(self.rng.integers(10, 240)), None

    def share_home(self, holders: Sequence[Holder]) -> None:
        """Let people give the same address, as in a shared house."""
        for holder in holders:
            holder.address = holders[0].address

    def passers_by(self, own: int, outside: int) -> list[str]:
        """Give accounts of ordinary people, some at this bank and some elsewhere, who do not belong to the story."""
        free = [person for person in self.population.people if person.story is None]
        nodes = [free[int(i)].node for i in self.rng.permutation(len(free))[:own]]
        nodes += [self.population.outsider() for _ in range(outside)]
        return [nodes[int(i)] for i in self.rng.permutation(len(nodes))]

    # Time --------------------------------------------------------------------------------------------------------

    def at(self, day: float, early: float, late: float) -> int:
        """Draw a moment between two local hours of a day; hours above 24 lie in the next morning."""
        return self.clock.moment(day, float(self.rng.uniform(early, late)))

    def later(self, moment: int, least_hours: float, most_hours: float) -> int:
        """Draw a moment so many hours after another."""
        return moment + int(self.rng.uniform(least_hours, most_hours) * HOUR)

    def some_days(self, per_week: float, first: int = 0, last: int | None = None) -> list[int]:
        """Draw on which days something happens, each day at most once."""
        last = self.clock.days if last is None else last
        return [day for day in range(first, last) if self.rng.random() < per_week / 7]

    def towns(self, count: int, but: str | None = None) -> list[str]:
        """Draw different towns."""
        free = [town for town in TOWNS if town != but]
        return [free[int(i)] for i in self.rng.permutation(len(free))[:count]]

    def pick(self, options: Sequence):
        """Draw one of several."""
        return options[int(self.rng.integers(len(options)))]

    def amount(self, least: float, most: float, step: float = 0.01) -> int:
        """Draw cents between two amounts in euros, on a grid of `step` euros."""
        return max(1, round(float(self.rng.uniform(least, most)) / step)) * eur(step)

    # Money -------------------------------------------------------------------------------------------------------

    def pay(self, payer, payee, amount_minor: int, at: int, channel: str = "sct", **details) -> Entry:
        """Write down a payment between holders or nodes."""
        entry = Entry(at, _node(payer), _node(payee), int(amount_minor), channel, **details)
        entry.story = self.number
        return self.journal.add(entry)

    def pass_on(self, payer, payee, at: int, channel: str = "p2p", *, keep: int = 0, **details) -> Entry:
        """Write down "send on what is there", keeping some cents; `most` caps it, `least` lets small rests lie."""
        details = {"round_to": 1, **details}
        most, least = details.pop("most", EVERYTHING), details.pop("least", eur(20))
        return self.pay(payer, payee, most, at, channel, keep_minor=keep, least_minor=least, **details)

    def withdraw(self, holder: Holder, at: int, town: str, amount_minor: int | None = None, **details) -> Entry:
        """Take notes out of a cash machine: an amount, or all there is in steps of ten euros."""
        place = details.pop("place", None) or self.pick(self.places.cash_machines[town])
        details = {"place": place, **details}
        if amount_minor is not None:
            return self.pay(holder, place.node, amount_minor, at, "atm_wd", **details)
        return self.pass_on(holder, place.node, at, "atm_wd", round_to=eur(10), **details)

    def deposit(self, holder: Holder, amount_minor: int, at: int, town: str, *, machine: bool = True, by=None) -> Entry:
        """Pay notes into an account, oneself or by somebody else."""
        place = self.pick(self.places.deposit_machines[town]) if machine else self.places.branches[town]
        channel = "cash_adm" if machine else "cash_branch"
        depositor = (by or holder).token
        return self.pay(place.node, holder, amount_minor, at, channel, place=place, depositor=depositor)

    def shop(self, holder: Holder, trade: str, at: int, town: str, amount_minor: int | None = None) -> Entry:
        """Pay by card at a merchant of a trade; without an amount at what people pay there."""
        place = self.pick(self.places.shops(trade, town))
        if amount_minor is None:
            amount_minor = int(price_minor(trade, self.rng, 1)[0])
        channel = "card_pos" if place.terminal else "card_cnp"
        where = place if place.terminal else replace(place, city=None)
        return self.pay(holder, place.node, amount_minor, at, channel, place=where)

    def wage(self, employer, worker: Holder, amount_minor: int, day: int) -> Entry:
        """Pay a wage in the morning's payroll file."""
        return self.pay(
            employer,
            worker,
            amount_minor,
            self.clock.moment(day, 5.0) + worker.index % 600,
            "payroll_file",
            purpose="SALA",
            narrative="SALAIRE",
            employee=f"E{worker.token[1:]}",
            ts_quality="batch",
        )


def _node(party) -> str:
    """Give the node of a holder, or the node itself."""
    return party.node if isinstance(party, Holder) else party
