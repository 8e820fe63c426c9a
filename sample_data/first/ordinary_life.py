"""The ordinary payments of people: wages, rent, shopping, cash, friends, savings, accounts elsewhere."""

from __future__ import annotations

import numpy as np

from sample_data.first.clock import spread
from sample_data.first.places import TOWNS, price_minor, purchase_hour
from sample_data.first.population import Holder
from sample_data.first.story import Story, eur

# How often a month somebody of activity 1.0 buys at each trade. Ours, set for about fifteen card payments a month.
BASKET = {
    "grocery": 2.8,
    "bakery": 0.8,
    "restaurant": 0.7,
    "fast_food": 0.6,
    "bar": 0.45,
    "pharmacy": 0.45,
    "fuel": 0.85,
    "clothes": 0.35,
    "hair": 0.2,
    "web_shop": 0.7,
    "games": 0.12,
    "travel": 0.09,
    "hotel": 0.05,
    "taxi": 0.18,
    "post": 0.08,
    "adverts": 0.012,
}  # fmt: skip
ROUND_GIFTS = np.array([5, 10, 15, 20, 20, 25, 30, 40, 50, 50, 60, 80, 100, 120, 150, 200])
WORDS_AMONG_FRIENDS = (*[None] * 3, "merci", "resto", "courses", "cadeau", "week-end", "essence", "cinema")


def live(person: Holder, life: Story) -> None:
    """Write down a person's months."""
    rng = life.rng
    _income(person, life)
    _home(person, life)
    _shopping(person, life)
    _cash(person, life)
    _friends(person, life)
    _savings(person, life)
    _other_banks(person, life)
    if person.sends_home:
        _remittances(person, life)
    if rng.random() < 0.12 and person.income == "wage":
        for day in life.clock.month_days(15):
            life.pay(
                person,
                "gov:tax",
                eur(rng.integers(40, 320)),
                life.clock.moment(day, 5),
                "direct_debit",
                purpose="TAXS",
                ts_quality="batch",
            )


def pay_wages(employer, staff: list[Holder], life: Story) -> None:
    """Pay each worker weekly or monthly, with the small differences of hours worked."""
    for worker in staff:
        days = life.clock.weekday_days(4) if worker.weekly else life.clock.month_days(worker.payday)
        for day in days:
            wage = worker.wage_minor * (12 / 52 if worker.weekly else 1) * life.rng.normal(1, 0.025)
            life.wage(employer, worker, int(wage), life.clock.working_day(day))


def _income(person: Holder, life: Story) -> None:
    """Wages from employers elsewhere, pensions, benefits and help from parents; own firms pay in `trade`."""
    clock, rng = life.clock, life.rng
    if person.income == "wage" and isinstance(person.employer, str):
        pay_wages(person.employer, [person], life)
    elif person.income in ("pension", "benefit"):
        source = "gov:pension" if person.income == "pension" else "gov:family"
        for day in clock.month_days(person.payday):
            life.pay(
                source,
                person,
                person.wage_minor,
                clock.moment(clock.working_day(day), 5) + person.index % 900,
                "benefit",
                purpose="PENS" if person.income == "pension" else "SSBE",
                ts_quality="batch",
                claimant=f"R{person.token[1:]}",
            )
    elif person.income == "student":
        for day in clock.month_days(person.payday):
            life.pay(person.employer, person, person.wage_minor // 1_000 * 1_000, life.at(day, 8, 21), "sct")
    # Odd credits everybody has: refunds of health costs, a sale, a present from outside the bank.
    for day in spread(rng, 0.35 * person.activity, clock.days):
        if rng.random() < 0.5:
            life.pay(
                "gov:health",
                person,
                life.amount(8, 90),
                clock.moment(int(day), 5.5),
                "benefit",
                ts_quality="batch",
            )
        else:
            channel = life.pick(["instant", "instant", "sct", "sct", "cheque"])
            quality = "date_only" if channel == "cheque" else "event"
            life.pay(
                life.population.outsider(),
                person,
                eur(np.exp(rng.normal(4.6, 1.1))),
                life.at(int(day), 7, 24),
                channel,
                ts_quality=quality,
            )


def _home(person: Holder, life: Story) -> None:
    """Rent, power, telephone, insurance and the account fee."""
    clock, rng = life.clock, life.rng
    if person.rent_to is not None:
        for day in clock.month_days(min(28, person.payday + 2) if person.payday > 20 else 4):
            life.pay(
                person, person.rent_to, person.rent_minor, life.at(day, 6, 11), "sct", purpose="RENT", narrative="LOYER"
            )
    if person.activity < 0.3:
        return
    bills = [
        (life.places.telecoms, 8, 32, 14),
        (life.places.utilities, 12, 95, 45),
        (life.places.insurers, 6, 48, 18),
    ]
    for payees, day_of_month, middle, width in bills:
        payee = payees[int(rng.integers(len(payees)))]
        bill = eur(max(9.0, rng.normal(middle, width)))
        if rng.random() < 0.8:
            for day in clock.month_days(day_of_month + person.index % 3):
                life.pay(
                    person, payee, bill, clock.moment(clock.working_day(day), 5.5), "direct_debit", ts_quality="batch"
                )
    for day in clock.month_days(28):
        if clock.date_of(day).month % 3 == 0:
            life.pay(person, "fee:account", eur(6.9), clock.moment(day, 23), "fee", ts_quality="batch")


def _shopping(person: Holder, life: Story) -> None:
    """Card purchases near home, sometimes in another town; web shops; subscriptions; a few refunds."""
    rng, clock = life.rng, life.clock
    scale = float(np.clip((person.wage_minor / eur(1_900)) ** 0.6, 0.5, 1.6))
    for trade_name, monthly in BASKET.items():
        days = spread(rng, monthly * person.activity, clock.days)
        usual = life.pick(life.places.shops(trade_name, person.town))
        for day, minor in zip(days, price_minor(trade_name, rng, len(days), scale), strict=True):
            town = person.town if rng.random() < 0.88 else life.pick(TOWNS)
            loyal = town == person.town and rng.random() < 0.6
            place = usual if loyal else life.pick(life.places.shops(trade_name, town))
            moment = clock.moment(int(day), purchase_hour(trade_name, rng))
            entry = life.pay(
                person, place.node, int(minor), moment, "card_pos" if place.terminal else "card_cnp", place=place
            )
            if rng.random() < 0.006:
                entry.undone_after = int(rng.uniform(0.2, 9) * 86_400)
    if rng.random() < 0.6 * person.activity:
        place, minor = (
            life.pick(life.places.shops("streaming", person.town)),
            eur(life.pick([7.99, 9.99, 12.99, 17.99])),
        )
        for day in clock.month_days(int(rng.integers(2, 28))):
            life.pay(person, place.node, minor, life.at(day, 2, 5), "card_cnp", place=place)


def _cash(person: Holder, life: Story) -> None:
    """Take notes from a machine, and seldom pay some in."""
    rng = life.rng
    for day in spread(rng, 1.1 * person.activity, life.clock.days):
        minor = eur(life.pick([20, 30, 40, 50, 50, 60, 80, 100, 100, 150, 200, 300]))
        town = person.town if rng.random() < 0.85 else life.pick(TOWNS)
        life.withdraw(person, life.at(int(day), 8, 23.5), town, minor)
    for day in spread(rng, 0.14, life.clock.days):
        minor = life.amount(50, 900, 10)
        # Now and then a parent or a friend pays in for somebody else.
        by = life.pick(person.friends) if person.friends and rng.random() < 0.25 else person
        life.deposit(person, minor, life.at(int(day), 9, 22), by.town, machine=rng.random() < 0.6, by=by)


def _friends(person: Holder, life: Story) -> None:
    """Shared bills and presents among friends, the household's pot, now and then a larger loan that is paid back."""
    rng, clock = life.rng, life.clock
    if person.friends:
        for day in spread(rng, 1.5 * person.activity, clock.days):
            friend = person.friends[int(rng.integers(len(person.friends)))]
            minor = eur(rng.choice(ROUND_GIFTS)) if rng.random() < 0.5 else eur(np.exp(rng.normal(2.9, 0.8)))
            # One in five falls into the night, as shared taxis and last rounds do.
            moment = life.at(int(day), 21, 27) if rng.random() < 0.2 else life.at(int(day), 8, 22)
            life.pay(
                person,
                friend,
                max(minor, 100),
                moment,
                life.pick(["p2p", "p2p", "instant"]),
                narrative=life.pick(WORDS_AMONG_FRIENDS),
            )
        if person.income != "none" and rng.random() < 0.1:
            # A room rented from a friend who holds the lease.
            friend, share = life.pick(person.friends), life.amount(90, 420, 10)
            for day in clock.month_days(min(28, person.payday + 1)):
                moment = life.at(day, 7, 23)
                life.pay(person, friend, share, moment, life.pick(["p2p", "instant", "sct"]), narrative="chambre")
        if rng.random() < 0.15:
            friend, loan = life.pick(person.friends), life.amount(300, 2_400, 50)
            lent = life.at(int(rng.integers(clock.days)), 9, 22)
            life.pay(person, friend, loan, lent, life.pick(["p2p", "instant"]))
            life.pay(friend, person, loan, life.later(lent, 20, 900), "instant")
    if person.partner is not None and person.wage_minor >= person.partner.wage_minor and person.activity > 0.3:
        pot, channel = life.amount(100, 700, 10), life.pick(["sct", "p2p", "p2p", "instant"])
        for day in clock.month_days(min(28, person.payday + 1)):
            life.pay(person, person.partner, pot, life.at(day, 6, 22), channel, narrative="maison")


def _savings(person: Holder, life: Story) -> None:
    """Put a monthly sum aside, and sometimes fetch it back."""
    if person.savings is None:
        return
    saved = person.wage_minor // 12 // 1_000 * 1_000
    for day in life.clock.month_days(min(28, person.payday + 1)):
        if life.rng.random() < 0.7:
            life.pay(person, person.savings.account_id, saved, life.at(day, 6, 8), "internal")
    for day in spread(life.rng, 0.2, life.clock.days):
        life.pay(person.savings.account_id, person, saved * 2, life.at(int(day), 8, 22), "internal")


def _other_banks(person: Holder, life: Story) -> None:
    """Move larger sums to and from accounts elsewhere: one's own, a seller's, a family's abroad, an exchange."""
    rng, clock = life.rng, life.clock
    if rng.random() < 0.55:
        elsewhere = life.population.outsider(
            "FR" if rng.random() < 0.85 else life.pick(["BE", "PT", "ES", "PL", "MA", "RO"])
        )
        usual = person.wage_minor * float(rng.uniform(0.1, 0.9))
        for day in spread(rng, float(rng.gamma(1.5, 0.7)), clock.days):
            minor = max(1_000, int(usual * rng.lognormal(0, 0.5)))
            minor = minor // 1_000 * 1_000 if rng.random() < 0.6 else minor
            channel = life.pick(["instant", "instant", "instant", "sct", "wire"])
            if rng.random() < 0.65:
                life.pay(person, elsewhere, minor, life.at(int(day), 7, 24), channel)
            else:
                life.pay(elsewhere, person, minor, life.at(int(day), 7, 24), channel)
    if rng.random() < 0.03:
        exchange = life.pick(life.places.exchanges)
        for day in spread(rng, 1.2, clock.days):
            life.pay(person, exchange, life.amount(20, 900, 5), life.at(int(day), 8, 25), "crypto")


def _remittances(person: Holder, life: Story) -> None:
    """Send a steady monthly sum to family abroad, after the wage."""
    agency, minor = life.pick(life.places.remitters), life.amount(80, 300, 10)
    for day in life.clock.month_days(min(28, person.payday + 1)):
        life.pay(person, agency, minor, life.at(day, 9, 20), "msb", narrative="famille")


def fade_times(entries, rng: np.random.Generator) -> None:
    """Let a few transfers lose their hour, as files from older systems do."""
    for entry in entries:
        if entry.channel == "cheque" or (entry.channel in ("sct", "cash_branch") and rng.random() < 0.03):
            entry.ts_quality = "date_only"


def leave_pending(entries, last_moment: int, rng: np.random.Generator) -> None:
    """Leave some card payments of the last evening pending."""
    for entry in entries:
        recent = entry.channel in ("card_pos", "card_cnp") and entry.at > last_moment - 30_000
        if recent and entry.status == "booked" and rng.random() < 0.5:
            entry.status = "pending"
