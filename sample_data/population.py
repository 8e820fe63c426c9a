"""Who banks here: people with households, employers and friends, firms with partners, and accounts kept elsewhere.

Everything is a column over customers: row `i` of a column belongs to customer `i`, and `i` is also the node of the
customer's everyday account. People come first, then firms. Columns may be changed while stories are cast, not after.
"""

from __future__ import annotations

import numpy as np

from sample_data import nodes
from sample_data.chance import picked, share_of, stream
from sample_data.clock import Clock
from sample_data.nodes import COUNTRIES, HOME, Nodes
from sample_data.places import TOWN_COUNT, TOWN_WEIGHTS

PERSON, SOLE_TRADER, FIRM, NPO = range(4)
KINDS = ("person", "sole_trader", "firm", "npo")
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
AGE_WEIGHTS = (0.12, 0.20, 0.19, 0.18, 0.15, 0.16)
YOUNG, OLD = 0, 5
WAGE, PENSION, BENEFIT, STUDENT, NO_INCOME = range(5)
# Median monthly net wage by ISCO-08 major group, in euros. Ours.
OCCUPATIONS = ("1", "2", "3", "4", "5", "7", "8", "9")
WAGES = np.array([3_400, 2_800, 2_300, 1_950, 1_700, 1_850, 1_800, 1_550])
OCCUPATION_WEIGHTS = (0.06, 0.18, 0.18, 0.1, 0.18, 0.11, 0.08, 0.11)
SECTORS = ("G47", "I56", "I55", "F43", "C25", "H49", "N81", "Q88", "M70", "A01", "N78", "S96")
SECTOR_WEIGHTS = (0.2, 0.13, 0.03, 0.14, 0.09, 0.07, 0.07, 0.06, 0.1, 0.04, 0.02, 0.05)
# Sectors that take cards and cash over a counter.
SHOP_SECTORS = ("G47", "I56", "I55", "S96")
OPENING_HOURS = ("08:00-18:00", "09:00-19:00", "10:00-22:00", "07:00-17:00")
FIRM_SHARE, PART_TIME = 0.07, 0.2
PUBLIC_AGE_DAYS = (-60, 420)


class Population:
    """All customers, drawn once from a seed.

    Parameters
    ----------
    customers : int
        How many.
    clock : Clock
        The calendar.
    seed : int
        Decides every draw.
    graph : Nodes
        Empty yet: everyday accounts take its first rows.
    """

    def __init__(self, customers: int, clock: Clock, seed: int, graph: Nodes) -> None:
        rng = stream(seed, "population")
        self.seed, self.clock, self.graph = seed, clock, graph
        self.count = customers
        self.firm_count = max(20, round(customers * FIRM_SHARE))
        self.people_count = customers - self.firm_count
        graph.add(nodes.OWN, customers)
        n, f = self.people_count, self.firm_count
        self.kind = np.repeat(np.array([PERSON, FIRM], dtype=np.int8), [n, f])
        self.city = rng.choice(TOWN_COUNT, customers, p=TOWN_WEIGHTS)
        # What a token, a phone, a device or an address is called is drawn when it is written; here they are numbers.
        self.phone, self.address, self.device = np.arange(customers), np.arange(customers), np.arange(customers)
        self.introducer = np.full(customers, -1)
        self.household = np.arange(customers)
        self.age = np.append(rng.choice(len(AGE_BANDS), n, p=AGE_WEIGHTS), np.full(f, -1))
        self.occupation = np.append(rng.choice(len(OCCUPATIONS), n, p=OCCUPATION_WEIGHTS), np.full(f, -1))
        self.sector = np.append(np.full(n, -1), rng.choice(len(SECTORS), f, p=SECTOR_WEIGHTS))
        # Firm sizes have a heavy tail: most are a handful, a few employ hundreds.
        heads = np.minimum(2 + (rng.pareto(1.15, f) * 2.2).astype(np.int64), max(30, customers // 40))
        self.headcount = np.append(np.zeros(n, dtype=np.int64), heads)
        # Who works there by the firm's own word, and is on no payroll.
        self.off_payroll = np.zeros(customers, dtype=np.int64)
        self.turnover = np.append(np.zeros(n), heads * rng.integers(60, 140, f) * 1_000.0)
        self.opening_hours = np.append(np.full(n, -1), rng.integers(0, len(OPENING_HOURS), f))
        self.wage = np.zeros(customers, dtype=np.int64)
        self.wage[:n] = np.rint(WAGES[self.occupation[:n]] * np.exp(rng.normal(0, 0.25, n)) * 100)
        self.declared_income = np.append(np.round(self.wage[:n] * 12 * 1.28 / 100, -2), np.zeros(f))
        # One in eight keeps a second, sleepy account here and lives from another bank; others differ widely.
        active = np.where(rng.random(n) < 0.13, rng.uniform(0.03, 0.2, n), rng.gamma(4.5, 1 / 4.5, n))
        self.activity = np.append(np.clip(active, 0.02, 3.5), np.ones(f))
        # Some people's day lies late: shift workers and night owls.
        self.late_hours = np.append(rng.choice([0, 0, 0, 0, 0, 0, 1, 2, 4, 7], n), np.zeros(f, dtype=np.int64))
        self.opened = self._opening_days(rng, customers)
        self.closed = self._closing_days(rng, customers)
        self.machine_opened = rng.random(customers) < 0.7
        self.licensed = np.zeros(customers, dtype=bool)
        limits = rng.choice([0, 20_000, 50_000, 100_000], n, p=[0.25, 0.2, 0.3, 0.25])
        self.overdraft = np.append(limits, heads * 200_000 + 500_000)
        opening = (self.wage[:n] * rng.gamma(1.2, 0.6, n)).astype(np.int64) + 4_000
        self.opening = np.append(opening, (heads * 150_000 * rng.gamma(2, 1, f)).astype(np.int64) + 400_000)
        self.opening[self.opened >= 0] = 0
        self.story = np.full(customers, -1)
        self._join_households(rng)
        self._find_work(rng)
        self._know_elsewhere(rng)
        self._make_friends(rng)
        self._find_homes(rng)
        self._open_savings(rng)

    @staticmethod
    def _opening_days(rng: np.random.Generator, count: int) -> np.ndarray:
        """Draw when accounts were opened: a fifth of a bank's accounts is young, and some open during the period."""
        old = np.minimum(9_000, 200 + rng.exponential(2_100, count).astype(np.int64))
        return -np.where(rng.random(count) < 0.2, rng.integers(*PUBLIC_AGE_DAYS, count), old)

    @staticmethod
    def _closing_days(rng: np.random.Generator, count: int) -> np.ndarray:
        """Draw when accounts close: two in a hundred within a year, the others not while anybody looks."""
        return np.where(rng.random(count) < 0.02, rng.integers(20, 365, count), 1 << 30)

    def _join_households(self, rng: np.random.Generator) -> None:
        """Let people of a town live together: couples, families with grown children, shared flats."""
        n = self.people_count
        order = np.lexsort((rng.random(n), self.city[:n]))
        size = rng.choice([1, 2, 3, 4, 6, 9], n, p=[0.42, 0.38, 0.1, 0.06, 0.03, 0.01])
        ends = np.cumsum(size)
        home = np.searchsorted(ends, np.arange(n), side="right")
        # A household never reaches over into the next town.
        key = home * TOWN_COUNT + self.city[order]
        starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
        row = np.cumsum(np.append(True, key[1:] != key[:-1])) - 1
        head = order[starts][row]
        self.household[order] = self.address[order] = head
        self.head = np.arange(self.count)
        self.head[order] = head
        members = np.bincount(row)[row]
        self.household_size = np.ones(self.count, dtype=np.int64)
        self.household_size[order] = members
        # Flat mates share an address and nothing else; some couples share a telephone.
        flat = self.household_size[:n] > 4
        self.household[:n][flat] = np.flatnonzero(flat)
        shares = (self.household_size[:n] == 2) & (rng.random(n) < 0.1)
        self.device[:n][shares] = self.head[:n][shares]

    def _find_work(self, rng: np.random.Generator) -> None:
        """Give each person an income: most a wage, from a firm that banks here or elsewhere."""
        n, f = self.people_count, self.firm_count
        draw, age = rng.random(n), self.age[:n]
        income = np.full(self.count, NO_INCOME, dtype=np.int8)
        income[:n] = np.where(draw < 0.08, BENEFIT, WAGE)
        income[:n][(age == YOUNG) & (draw > 0.55)] = STUDENT
        income[:n][age == OLD] = PENSION
        self.income = income
        scale = np.select([income[:n] == PENSION, income[:n] == STUDENT], [0.75, 0.4], 1.0)
        self.wage[:n] = (self.wage[:n] * scale).astype(np.int64)
        poor = income[:n] == BENEFIT
        self.wage[:n][poor] = rng.integers(600, 1_250, int(poor.sum())) * 100
        self.outside_employers = self.graph.add(nodes.EXT, max(15, self.count // 40))
        size = np.cumsum(1.0 / (1 + np.arange(len(self.outside_employers))) ** 0.8)
        outside = self.outside_employers[np.searchsorted(size, rng.random(n) * size[-1])]
        # The smallest firms are their owners' own: whom else they pay banks elsewhere.
        heads = np.cumsum(np.where(self.headcount[n:] > 3, self.headcount[n:], 0)).astype(float)
        inside = n + np.minimum(np.searchsorted(heads, rng.random(n) * heads[-1]), f - 1)
        # Two in five of the bank's people work for the bank's firms: no more than the firms have heads for.
        at_home = rng.random(n) < min(0.4, 0.8 * heads[-1] / max(1, n))
        self.employer = np.full(self.count, -1)
        self.employer[:n] = np.where(at_home, inside, outside)
        self.employer[income != WAGE] = -1
        # People live where they work, but for one in five who commutes.
        moves = (self.employer[:n] >= n) & (self.employer[:n] < self.count) & (self.household_size[:n] == 1)
        moves &= rng.random(n) < 0.8
        self.city[:n][moves] = self.city[self.employer[:n][moves]]
        self.payday = np.zeros(self.count, dtype=np.int64)
        self.payday[:n] = self.payday_of(self.employer[:n])
        self.payday[:n][income[:n] == PENSION] = 9
        self.payday[:n][income[:n] == BENEFIT] = 5
        self.payday[:n][income[:n] == STUDENT] = rng.integers(1, 8, int((income[:n] == STUDENT).sum()))
        # One in five works part of the week; such work is oftener paid by the week.
        part = (income[:n] == WAGE) & (rng.random(n) < PART_TIME)
        self.wage[:n][part] = (self.wage[:n][part] * rng.uniform(0.25, 0.8, int(part.sum()))).astype(np.int64)
        self.weekly = (income == WAGE) & (rng.random(self.count) < 0.06)
        self.weekly[:n] |= part & (rng.random(n) < 0.25)

    def payday_of(self, employers: np.ndarray) -> np.ndarray:
        """Give the day of the month on which each pays wages."""
        return 22 + (share_of(self.seed, employers % (1 << 12)) * 7).astype(np.int64)

    def _know_elsewhere(self, rng: np.random.Generator) -> None:
        """Add people and firms who bank elsewhere: a few times as many as bank here, one in seven abroad."""
        many = 3 * self.people_count + 200
        country = np.where(rng.random(many) < 0.86, HOME, rng.integers(1, len(COUNTRIES), many))
        self.outside_people = self.graph.add(nodes.EXT, many, country)
        self.outside_people_at_home = self.outside_people[country == HOME]
        firms = 4 * self.firm_count + 100
        country = np.where(rng.random(firms) < 0.85, HOME, rng.integers(1, len(COUNTRIES), firms))
        self.outside_firms = self.graph.add(nodes.EXT, firms, country)
        # An account of one's own in another bank, for those who have one.
        self.elsewhere = np.full(self.count, -1)
        has = np.flatnonzero(rng.random(self.people_count) < 0.5)
        self.elsewhere[has] = self.graph.add(nodes.EXT, len(has))

    def _make_friends(self, rng: np.random.Generator) -> None:
        """Draw a social graph: circles within towns, colleagues, a few far friends, and friends who bank elsewhere."""
        n = self.people_count
        # Circles of some forty people who know each other: a club, a street, a school year.
        order = np.lexsort((rng.random(n), self.city[:n]))
        place = np.empty(n, dtype=np.int64)
        place[order] = np.arange(n)
        self.circle = place // 40
        many = np.minimum(rng.lognormal(0.9, 0.75, n).astype(np.int64), 40)
        source = np.repeat(np.arange(n), many)
        way = rng.random(len(source))
        start = self.circle[source] * 40
        near = order[np.minimum(start + rng.integers(0, 40, len(source)), n - 1)]
        # Colleagues stand next to each other when people are ordered by employer.
        at_work = np.argsort(self.employer[:n], kind="stable")
        desk = np.empty(n, dtype=np.int64)
        desk[at_work] = np.arange(n)
        colleague = at_work[np.clip(desk[source] + rng.integers(-6, 7, len(source)), 0, n - 1)]
        far = rng.integers(0, n, len(source))
        target = np.select([way < 0.6, way < 0.82, way < 0.9], [near, colleague, far], near)
        outside = way >= 0.9
        known = source != target
        pairs = (
            np.concatenate([source[known], target[known & ~outside]]),
            np.concatenate(
                [
                    np.where(outside, picked(rng, self.outside_people_at_home, len(source)), target)[known],
                    source[known & ~outside],
                ]
            ),
        )
        # Household members come first in everybody's list, where most payments go.
        member = np.flatnonzero(self.household[:n] != np.arange(n))
        head = self.household[member]
        first = np.concatenate([member, head]), np.concatenate([head, member])
        source = np.concatenate([first[0], pairs[0]])
        target = np.concatenate([first[1], pairs[1]])
        rank = np.append(np.zeros(len(first[0])), 1 + rng.random(len(pairs[0])))
        sorting = np.lexsort((rank, source))
        self.friends = target[sorting]
        self.friends_from = np.searchsorted(source[sorting], np.arange(n + 1))

    def _find_homes(self, rng: np.random.Generator) -> None:
        """Give two heads of a household in three a landlord: a housing company, a letting agent, or a neighbour."""
        n = self.people_count
        self.rent, self.landlord = np.zeros(self.count, dtype=np.int64), np.full(self.count, -1)
        renting = np.flatnonzero((self.household[:n] == np.arange(n)) & (rng.random(n) < 0.62))
        share = 0.3 * rng.uniform(0.7, 1.25, len(renting))
        self.rent[renting] = np.maximum(self.wage[renting] * share // 500 * 500, 15_000).astype(np.int64)
        private = self.graph.add(nodes.EXT, max(40, n // 12))
        neighbour = rng.integers(0, n, max(10, n // 60))
        options = np.concatenate([private, neighbour])
        self.landlord[renting] = options[rng.integers(0, len(options), len(renting))]
        self.landlord[renting[rng.random(len(renting)) < 0.25]] = -2
        self.landlord[self.landlord == np.arange(self.count)] = -2

    def _open_savings(self, rng: np.random.Generator) -> None:
        """Open a savings account for two people in five; its node lies behind all others so far."""
        n = self.people_count
        holders = np.flatnonzero(rng.random(n) < 0.42)
        self.savings = np.full(self.count, -1)
        self.savings[holders] = self.graph.add(nodes.OWN, len(holders))
        # Accounts beside the everyday ones: node, holder, kind, opening day, opening balance.
        self.more_accounts: list[tuple[np.ndarray, np.ndarray, str, np.ndarray, np.ndarray]] = []
        opened = np.maximum(self._opening_days(rng, len(holders)), self.opened[holders])
        opening = np.where(opened < 0, (self.wage[holders] * rng.gamma(1.3, 2.0, len(holders))), 0).astype(np.int64)
        self.more_accounts.append((self.savings[holders], holders, "savings", opened, opening))

    def open_account(self, holder: int, kind: str, opened: int) -> int:
        """Open another account for a customer and give its node."""
        node = self.graph.add(nodes.OWN, 1)
        self.more_accounts.append((node, np.array([holder]), kind, np.array([opened]), np.array([0])))
        return int(node[0])

    def friends_of(self, people: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """Give a friend of each, the first ones oftener; -1 for those who have none."""
        begin, end = self.friends_from[people], self.friends_from[people + 1]
        chosen = begin + ((end - begin) * draws**1.8).astype(np.int64)
        return np.where(end > begin, self.friends[np.minimum(chosen, len(self.friends) - 1)], -1)
