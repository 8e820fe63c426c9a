"""SEX-12: Front-business economics (massage, nail, spa, bar)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from detectors.about import microseconds, parameter
from detectors.comparing import Everybody, robust_z, shared
from detectors.declared import in_sector, sectors
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.proceeds import known_since
from detectors.sight import CARD, RENT, Sight
from detectors.survey import Survey
from graphs.legs import Flags, Ints, Legs, combined, joined


@dataclass(frozen=True, kw_only=True)
class Sex12:
    """Count seven signs that a salon, spa or bar takes money without the costs of such a business.

    Hardly any supplies where others of the sector have them; hardly any wages and charges on wages; far more cash
    than the sector; rents for several premises; much money to persons and as cash; travel and groceries as for a
    household; second tickets of the same guest on the same day. All accounts of the business together. Suppliers
    are receivers of transfers that are not known persons, and merchants that are not those of a private life;
    money by direct debit is power, insurance and the like. A small trade run by a family shows one or two of them.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="SEX-12, window: 90 d")
    weak: float = parameter(2.0, unit="signs", why="SEX-12, weak value of the catalogue")
    strong: float = parameter(4.0, unit="signs", why="SEX-12, strong value of the catalogue")
    sectors: tuple[str, ...] = parameter(
        ("S96", "96", "I56", "56"), unit="sectors", why="SEX-12: massage, nail, spa, bar; NACE 96 and 56"
    )
    least_revenue: float = parameter(5000.0, unit="u", least=0.0, why="SEX-12, support: revenue")
    least_peers: int = parameter(5, unit="businesses", least=3, why="ours: businesses of the sector to compare with")
    supplies: float = parameter(0.02, unit="share", least=0.0, why="SEX-12 (a): supplies below this share of revenue")
    usual_supplies: float = parameter(
        0.05, unit="share", least=0.0, why="SEX-12 (a): where the sector has more than this"
    )
    wages: float = parameter(0.1, unit="share", least=0.0, why="SEX-12 (b): wages and charges below this share")
    least_headcount: int = parameter(2, unit="people", least=1, why="SEX-12 (b): of a business with staff")
    cash_deviations: float = parameter(2.0, unit="deviations", least=0.0, why="SEX-12 (c): cash share above the sector")
    cash_floor: float = parameter(0.05, unit="share", least=0.001, why="ours: a cash share 5 points off says nothing")
    premises: int = parameter(2, unit="premises", least=2, why="SEX-12 (d): rents of one operator")
    to_persons: float = parameter(0.3, unit="share", least=0.0, why="SEX-12 (e): outflow to persons or as cash")
    grocery_days: int = parameter(6, unit="days", least=1, why="ours: days with groceries in 90, one a fortnight")
    travel_days: int = parameter(2, unit="days", least=1, why="SEX-12 (f): recurring travel")
    second_tickets: float = parameter(0.1, unit="share", least=0.0, why="SEX-12 (g): visits with a second ticket")
    least_visits: int = parameter(20, unit="visits", least=1, why="ours: visits of which a share says something")

    about = IndicatorAbout(
        id="SEX-12",
        title="Front-business economics (massage, nail, spa, bar)",
        question="Does this salon, spa or bar earn like a busy shop without the costs of one?",
        meaning=(
            "The business earns like a busy shop but shows almost no supplies, wages or payroll tax, and money "
            "leaves to people, rent and travel."
        ),
        of=("sexual exploitation", "labour"),
        cited=(
            Citation(
                "FIN20",
                "read",
                "front companies; no normal payroll; hotels, car services and pharmacy as odd business expense",
            ),
            Citation("FIN14", "read", "payroll below what size implies"),
            Citation(
                "IMB18", "read", "opaque LLCs changing hands, cash-heavy, advertising; prices; non-reported income"
            ),
        ),
        innocent=(
            "owner-operator with family labour",
            "booth-rental salon (stylists invoice themselves)",
            "start-up",
            "cash trade in low-banked area",
            "ticket add-ons such as tips",
        ),
        clears=(
            ("owner and family do the work, or hairdressers rent their chairs and invoice themselves"),
            "accounts at another bank pay suppliers and wages",
        ),
        leg="CTX",
        reliability="core",
        roles=("possible_front",),
        safety=("People who work in such venues are often exploited: a question to the business can endanger them."),
        tiers=("D1", "D3", "D4"),
        needs=(
            "customers.sector",
            "payments.mcc",
        ),
        reduced={"customers.headcount": "Whether a business with staff pays no wages is not seen."},
        by="customer",
        sentence=(
            "{signs} of seven signs hold for takings of {revenue} within {span}: supplies are {supplies} of "
            "them, wages and charges {wages}; {persons} of what goes out goes to persons or is drawn in cash."
        ),
        numbers={
            "signs": "",
            "revenue": "u",
            "span": "days",
            "supplies": "share",
            "wages": "share",
            "persons": "share",
        },
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the signs that hold for each business of the sectors."""
        everybody = sight.everybody(Survey(f"SEX-12 {self.within} {self.sectors}", self._told))
        came, spent = self._flows(sight)
        told = self._told(sight)
        own = told["of"].to_numpy()
        peers, others = shared(*([table[name].to_numpy() for name in LIKE] for table in (told, everybody)))
        by_supplies, by_cash = (Everybody(everybody[name].to_numpy(), others) for name in ("supplied", "cash"))
        crowd = by_supplies.count(peers) >= self.least_peers

        revenue, outflow = came.total(sight.amount), spent.total(sight.amount)
        cash = came.where(sight.cash_in)
        rents = spent.where(sight.purpose(*RENT) | sight.merchants("rent"))
        rents_at = rents.distinct(rents.other)
        wages = spent.where(sight.wages | sight.purpose(*PAYROLL_TAXES))
        persons = spent.keep(_to_persons(sight, spent))
        groceries, travel = spent.where(sight.merchants("groceries")), spent.where(sight.merchants("travel_long"))
        second, visits = _second_tickets(sight, came)

        of_revenue = np.maximum(revenue, 0.01)
        supplied, paid = told["supplied"].to_numpy(), wages.total(sight.amount) / of_revenue
        by_persons = persons.total(sight.amount) / np.maximum(outflow, 0.01)
        away = robust_z(told["cash"].to_numpy(), peers, least=self.least_peers, floor=self.cash_floor, among=by_cash)
        headcount = sight.customer_number("headcount")[own]
        signs = (
            ((supplied < self.supplies) & crowd & (by_supplies.medians(peers) > self.usual_supplies)).astype(np.int64)
            + ((paid < self.wages) & (headcount >= self.least_headcount))
            + (np.nan_to_num(away) > self.cash_deviations)
            + (rents_at >= self.premises)
            + (by_persons >= self.to_persons)
            + (
                (groceries.distinct(sight.day[groceries.row]) >= self.grocery_days)
                & (travel.distinct(sight.day[travel.row]) >= self.travel_days)
            )
            + ((visits >= self.least_visits) & (second.count() >= self.second_tickets * visits))
        )
        step = -(-microseconds(self.within) // sight.given.looks)
        history = sight.end - came.stretch * step - known_since(sight)[came.subject]
        yield from sight.scores(
            self,
            joined(cash, rents, persons, groceries, travel, second),
            signs,
            support=came.count(),
            met=(history >= microseconds(self.within)) & (revenue >= self.least_revenue),
            numbers={
                "signs": signs,
                "revenue": revenue,
                "span": np.full(came.groups, self.within.days),
                "supplies": supplied,
                "wages": paid,
                "persons": by_persons,
            },
        )

    def _flows(self, sight: Sight) -> tuple[Legs, Legs]:
        """Give all money in and out of businesses of the sectors, in the groups of the money in."""

        def found() -> tuple[Legs, Legs]:
            wanted = [any(one.startswith(part) for part in self.sectors) for one in sectors(sight).to_pylist()]
            of_sector = np.array([*wanted, False], np.bool_)[in_sector(sight)]
            business = sight.is_kind("firm", "sole_trader") & of_sector
            came, spent = sight.credits("customer"), sight.debits("customer")
            came = sight.over(came.keep(business[came.own]), self.within)
            return came, sight.over(spent.keep(business[spent.own]), self.within, like=came)

        return sight.once(("fronts", self.within, self.sectors), found)

    def _told(self, sight: Sight) -> pa.Table:
        """Give what businesses are compared by."""
        came, spent = self._flows(sight)
        own, _ = came.top(came.own, np.ones(came.row.size))
        revenue = np.maximum(came.total(sight.amount), 0.01)
        return pa.table(
            {
                "of": own,
                "stretch": came.stretch,
                "sector": in_sector(sight)[own],
                "supplied": spent.keep(self._supplies(sight, spent)).total(sight.amount) / revenue,
                "cash": came.where(sight.cash_in).total(sight.amount) / revenue,
            }
        )

    def _supplies(self, sight: Sight, legs: Legs) -> Flags:
        """Say which money out buys what such a business needs."""
        living = sight.merchants(*LIVING) | sight.adverts | sight.merchants("advert_if_listed")
        bought = sight.channel(*CARD) & ~living
        apart = sight.wages | sight.purpose(*RENT, *PAYROLL_TAXES, *OTHER_TAXES) | sight.of_class("gov")[sight.payee]
        transfer = sight.channel("sct", "wire", "cheque") & ~apart
        person = sight.own & sight.private
        supplies: Flags = (bought[legs.row] & ~_to_persons(sight, legs)) | (transfer[legs.row] & ~person[legs.other])
        return supplies


LIKE: Final = ("stretch", "sector")
"""What is alike among those who are compared."""
PAYROLL_TAXES: Final = ("SSBE", "WHLD", "COLL")
OTHER_TAXES: Final = ("TAXS", "VATX", "GVEA", "INTX")
LIVING: Final = ("lodging", "travel_long", "transport_local", "groceries", "meals", "telecom", "utilities", "rent")
"""What a household buys, and no salon or bar as supplies: ours."""
TICKETS: Final = (*CARD, "instant", "p2p", "e_transfer")
"""Channels by which guests pay at once."""
SECOND: Final = (0.4, 3.0)
"""SEX-12 (g): a second ticket as a share of the first."""


def _to_persons(sight: Sight, legs: Legs) -> Flags:
    """Say which money out is drawn in cash or goes to persons: known ones, or by the ways that persons are paid."""
    way = sight.channel("p2p", "e_transfer", "instant") & sight.of_class("ext")[sight.payee]
    bound = sight.wages | sight.purpose(*RENT, *PAYROLL_TAXES, *OTHER_TAXES)
    known = (sight.own & sight.is_kind("person"))[legs.other]
    persons: Flags = sight.cash_out[legs.row] | ((way[legs.row] | known) & ~bound[legs.row])
    return persons


def _second_tickets(sight: Sight, came: Legs) -> tuple[Legs, Ints]:
    """Give the second payments of one guest on one day, of a like size, and the visits of each group."""
    tickets = came.where(sight.channel(*TICKETS) & ~sight.related)
    visit = combined(tickets.group, tickets.other, sight.day[tickets.row])
    order = np.argsort(visit, kind="stable")
    start = np.flatnonzero(np.append(True, np.diff(visit[order]) != 0)[: order.size])
    again = start[np.append(np.diff(start), order.size - start[-1:]) > 1]
    amount = sight.amount[tickets.row[order]]
    share = amount[again + 1] / np.maximum(amount[again], 0.01)
    shown = np.zeros(tickets.row.size, np.bool_)
    shown[order[again[(share >= SECOND[0]) & (share <= SECOND[1])] + 1]] = True
    return tickets.keep(shown), np.bincount(tickets.group[order[start]], minlength=tickets.groups)
