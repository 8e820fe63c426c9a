"""The ordinary trade of firms: takings or invoices, staff, suppliers, tax, rent; hubs are the other end of it."""

from __future__ import annotations

import numpy as np

from sample_data.chance import picked, share_of, stream
from sample_data.clock import Clock, hours_drawn
from sample_data.nodes import HOME
from sample_data.places import Places, trade
from sample_data.population import SECTORS, SHOP_SECTORS, WAGE, Population
from sample_data.postings import CHANNEL, PURPOSE, Journal
from sample_data.standing import PLAIN, SETTLING, Standing

# Net wage of staff who bank elsewhere, in cents; more than so many are paid in one sum by a bureau. Ours.
WAGE_ELSEWHERE, PAID_ONE_BY_ONE = 180_000, 40
# Firms that buy abroad, and how many of their suppliers are there; the others have one in seven, as it comes. Ours.
IMPORTERS, SUPPLIERS_ABROAD, FIRST_SUPPLIER = 0.12, 0.7, 100
INVOICED = np.array([CHANNEL["sct"]] * 6 + [CHANNEL["instant"]] * 2 + [CHANNEL["wire"], CHANNEL["cheque"]])


class OrdinaryFirms:
    """The months of the bank's firms.

    A firm whose trade a story plays has `activity` 0 and keeps what recurs: staff, tax and rent.

    Parameters
    ----------
    population, places, clock, journal : Population, Places, Clock, Journal
        The bank.
    seed : int
        Decides every draw.
    """

    def __init__(self, population: Population, places: Places, clock: Clock, journal: Journal, seed: int) -> None:
        self.people, self.places, self.clock, self.journal, self.seed = population, places, clock, journal, seed
        self.firms = np.arange(population.people_count, population.count)
        countries = population.graph.countries[population.outside_firms]
        self._abroad = population.outside_firms[countries != HOME]
        self._imports = share_of(seed + 26, self.firms) < IMPORTERS

    def arrange(self, standing: Standing) -> None:
        """Write down what recurs, after stories have changed whom they cast."""
        people, firms, rng = self.people, self.firms, stream(self.seed, "firms' arrangements")
        staff = np.flatnonzero(
            (people.income == WAGE) & (people.employer >= people.people_count) & (people.employer < people.count)
        )
        payroll = np.bincount(people.employer[staff], weights=people.wage[staff], minlength=people.count)[firms]
        at_home = np.bincount(people.employer[staff], minlength=people.count)[firms]
        elsewhere = np.maximum(0, people.headcount[firms] - at_home)
        self.wages = payroll + elsewhere * WAGE_ELSEWHERE
        self.revenue = 1.75 * self.wages + 700_000
        self.shop = np.isin(people.sector[firms], [SECTORS.index(name) for name in SHOP_SECTORS])
        words = self.journal.words
        one_by_one = np.minimum(elsewhere, PAID_ONE_BY_ONE)
        rows = np.repeat(firms, one_by_one)
        payday = people.payday_of(rows)
        standing.add(
            len(rows),
            SETTLING,
            payday,
            hours="batch",
            differs=0.03,
            payer=rows,
            payee=picked(rng, people.outside_people_at_home, len(rows)),
            amount=(WAGE_ELSEWHERE * rng.uniform(0.7, 1.3, len(rows))).astype(np.int64),
            channel=CHANNEL["payroll_file"],
            purpose=PURPOSE["SALA"],
            words=words("SALAIRE"),
        )
        large = np.flatnonzero(elsewhere > PAID_ONE_BY_ONE)
        standing.add(
            len(large),
            SETTLING,
            26,
            hours="batch",
            differs=0.02,
            payer=firms[large],
            payee=self._own(large, 1),
            amount=((elsewhere[large] - PAID_ONE_BY_ONE) * WAGE_ELSEWHERE),
            channel=CHANNEL["sct"],
            words=words("PAIE"),
        )
        alive = people.activity[firms] > 0
        every = np.flatnonzero(alive)
        tax, social = self.places.hubs["tax"][0], self.places.hubs["social"][0]
        for payee, minor, purpose, day in (
            (tax, self.revenue * 0.06, "VATX", 20),
            (social, self.wages * 0.32, "SSBE", 15),
        ):
            standing.add(
                len(every),
                SETTLING,
                day,
                hours="batch",
                differs=0.05,
                payer=firms[every],
                payee=payee,
                amount=minor[every].astype(np.int64),
                channel=CHANNEL["direct_debit"],
                purpose=PURPOSE[purpose],
            )
        standing.add(
            len(every),
            SETTLING,
            3,
            hours="office",
            payer=firms[every],
            payee=self._own(every, 2),
            purpose=PURPOSE["RENT"],
            amount=80_000 + people.headcount[firms[every]] * 3_500,
            channel=CHANNEL["sct"],
            words=words("LOYER"),
        )
        for hub, day, share in (("power", 12, 0.012), ("telecom", 8, 0.006), ("insurer", 6, 0.01)):
            standing.add(
                len(every),
                SETTLING,
                day,
                hours="batch",
                differs=0.08,
                payer=firms[every],
                payee=self.places.hub(hub, firms[every]),
                amount=(self.revenue[every] * share + 3_000).astype(np.int64),
                channel=CHANNEL["direct_debit"],
            )
        owned = np.flatnonzero(alive & (people.headcount[firms] < 15))
        owner = (share_of(self.seed + 21, firms[owned]) * people.people_count).astype(np.int64)
        standing.add(
            len(owned),
            PLAIN,
            rng.integers(1, 29, len(owned)),
            hours="office",
            differs=0.2,
            share=0.85,
            payer=firms[owned],
            payee=owner,
            amount=(self.revenue[owned] * 0.12 // 5_000 * 5_000).astype(np.int64),
            channel=picked(rng, INVOICED[:8], len(owned)),
        )
        standing.add(
            len(firms),
            PLAIN,
            28,
            hours="batch",
            payer=firms,
            payee=self.places.hubs["fee account"][0],
            amount=2_400,
            channel=CHANNEL["fee"],
        )
        self._busy = every

    def _own(self, rows: np.ndarray, which: int | np.ndarray) -> np.ndarray:
        """Give one of a firm's own partners elsewhere: the same number is always the same partner."""
        known = self.people.outside_firms
        numbers = np.broadcast_to(np.asarray(which), rows.shape)
        draw = share_of(self.seed + 22, self.firms[rows], numbers)
        there = share_of(self.seed + 27, self.firms[rows], numbers) < SUPPLIERS_ABROAD
        return np.where(
            self._imports[rows] & there & (numbers >= FIRST_SUPPLIER),
            self._abroad[(draw * len(self._abroad)).astype(np.int64)],
            known[(draw * len(known)).astype(np.int64)],
        )

    def trade(self, day: int, balances: np.ndarray) -> None:
        """Post what a day brings to firms."""
        rng = stream(self.seed, "firms", day)
        people = self.people
        open_now = (people.opened[self.firms[self._busy]] <= day) & (day < people.closed[self.firms[self._busy]])
        busy = self._busy[open_now]
        if not len(busy):
            return
        self._take(rng, day, busy[self.shop[busy]])
        if self.clock.is_working_day(day):
            self._invoice(rng, day, busy)
        self._even_out(rng, day, busy, balances)

    def _take(self, rng: np.random.Generator, day: int, shops: np.ndarray) -> None:
        """Receive card takings from the acquirer on working days, a weekend's on Monday, and pay in notes."""
        firms, weekday = self.firms[shops], self.clock.weekday(day)
        if self.clock.is_working_day(day):
            share = (2.6 if weekday == 0 else 1.0) * rng.uniform(0.6, 1.4, len(shops)) / 28
            self.journal.post(
                len(shops),
                at=self.clock.moment(day, hours_drawn(rng, "batch", len(shops))),
                quality=1,
                payer=self.places.hub("acquirer", firms),
                payee=firms,
                amount=(self.revenue[shops] * 0.84 * share).astype(np.int64),
                channel=CHANNEL["sct"],
                words=self.journal.words("REMISE CARTES"),
            )
        # How often notes are paid in is a firm's habit: some every night, most once a week.
        habit = 0.05 + 0.6 * share_of(self.seed + 23, firms) ** 2.5
        paying = shops[rng.random(len(shops)) < habit]
        firms, habit = self.firms[paying], habit[np.isin(shops, paying)]
        kind = np.where(rng.random(len(paying)) < 0.7, trade("deposit_machine"), trade("branch"))
        place = self.places.found(rng, kind, self.people.city[firms], firms, loyal=0.85)
        minor = self.revenue[paying] * 0.16 / 30 / habit * rng.uniform(0.5, 1.5, len(paying))
        machine = kind == trade("deposit_machine")
        second = np.where(machine, hours_drawn(rng, "closing", len(paying)), hours_drawn(rng, "office", len(paying)))
        self.journal.post(
            len(paying),
            at=self.clock.moment(day, second),
            payer=self.places.node[place],
            payee=firms,
            place=place,
            amount=np.maximum(5_000, minor // 500 * 500).astype(np.int64),
            channel=np.where(machine, CHANNEL["cash_adm"], CHANNEL["cash_branch"]),
        )

    def _invoice(self, rng: np.random.Generator, day: int, busy: np.ndarray) -> None:
        """Clients pay invoices and suppliers are paid; one in four is another of the bank's firms."""
        for incoming in (True, False):
            firms = busy[~self.shop[busy]] if incoming else busy
            times = 1.4 + np.log1p(self.people.headcount[self.firms[firms]]) * (2.0 if incoming else 1.6)
            count = rng.poisson(times * 30.4 / 21 / 30.4)
            rows = np.repeat(firms, count)
            each = np.repeat(times, count)
            own = rng.random(len(rows)) < 0.25
            # Few partners get most of the invoices.
            which = (rng.pareto(1.2, len(rows)) * 2).astype(np.int64) % 40
            inside = self.firms[
                (share_of(self.seed + 24 + incoming, self.firms[rows], which) * len(self.firms)).astype(np.int64)
            ]
            partner = np.where(own, inside, self._own(rows, which + (50 if incoming else FIRST_SUPPLIER)))
            share = 0.8 if incoming else 0.16
            minor = self.revenue[rows] * share / each * rng.lognormal(-0.25, 0.7, len(rows))
            minor = np.maximum(minor.astype(np.int64), 1_500)
            minor = np.where(rng.random(len(rows)) < 0.3, minor // 100 * 100, minor)
            firm = self.firms[rows]
            self.journal.post(
                len(rows),
                at=self.clock.moment(day, hours_drawn(rng, "office", len(rows))),
                payer=np.where(incoming, partner, firm),
                payee=np.where(incoming, firm, partner),
                amount=minor,
                channel=picked(rng, INVOICED, len(rows)),
                words=self.journal.words("FACTURE"),
                number=rng.integers(1_000, 99_999, len(rows)),
            )

    def _even_out(self, rng: np.random.Generator, day: int, busy: np.ndarray, balances: np.ndarray) -> None:
        """Profit is drawn to an account elsewhere and a thin account is filled up from it."""
        firms = self.firms[busy]
        full = busy[(balances[firms] > 2.2 * self.revenue[busy] + 500_000) & (rng.random(len(busy)) < 0.05)]
        spare = (balances[self.firms[full]] - 1.2 * self.revenue[full]) * rng.uniform(0.4, 0.9, len(full))
        thin = busy[(balances[firms] < 0.25 * self.wages[busy]) & (rng.random(len(busy)) < 0.15)]
        for rows, minor, out in ((full, spare, True), (thin, self.wages[thin] * 0.6 + 100_000, False)):
            firm, holding = self.firms[rows], self._own(rows, 0)
            self.journal.post(
                len(rows),
                at=self.clock.moment(day, hours_drawn(rng, "office", len(rows))),
                payer=np.where(out, firm, holding),
                payee=np.where(out, holding, firm),
                amount=(minor // 10_000 * 10_000).astype(np.int64),
                channel=CHANNEL["sct"],
            )
