"""The ordinary payments of firms: takings or invoices, wages, suppliers, tax and rent."""

from __future__ import annotations

from sample_data.first.clock import spread
from sample_data.first.ordinary_life import pay_wages
from sample_data.first.population import SHOP_SECTORS, Holder
from sample_data.first.story import Story, eur


def trade(firm: Holder, life: Story, staff: list[Holder], partners: list[Holder]) -> None:
    """Write down a firm's months: takings or invoices, wages for `staff`, suppliers, tax, rent."""
    rng, clock = life.rng, life.clock
    payroll = sum(worker.wage_minor for worker in staff)
    # Staff who bank elsewhere are paid in one transfer to the payroll bureau.
    elsewhere = max(0, (firm.headcount or 0) - len(staff)) * eur(1_700)
    monthly = int(1.9 * (payroll + elsewhere) + eur(6_000))
    bureau, landlord = life.population.outsider(), life.population.outsider()
    if firm.sector in SHOP_SECTORS:
        _takings(firm, life, monthly)
    else:
        clients = [life.population.outsider() for _ in range(7)]
        for day in spread(rng, 6, clock.days):
            day = clock.working_day(int(day))
            partner = partners[int(rng.integers(len(partners)))]
            client = partner if rng.random() < 0.12 else clients[int(rng.integers(len(clients)))]
            life.pay(
                client,
                firm,
                int(monthly / 6 * rng.uniform(0.5, 1.6)),
                life.at(day, 8, 17),
                life.pick(["sct", "sct", "instant"]),
                narrative=f"FACTURE {rng.integers(1_000, 9_999)}",
            )
    suppliers = [life.population.outsider() for _ in range(5)]
    for day in spread(rng, 3, clock.days):
        partner = partners[int(rng.integers(len(partners)))]
        supplier = partner if rng.random() < 0.3 else suppliers[int(rng.integers(len(suppliers)))]
        life.pay(
            firm,
            supplier,
            int(monthly * 0.09 * rng.uniform(0.4, 1.6)),
            life.at(clock.working_day(int(day)), 8, 18),
            str(rng.choice(["sct", "instant", "wire", "cheque"], p=[0.6, 0.2, 0.1, 0.1])),
            narrative=f"FACT {rng.integers(10_000, 99_999)}",
        )
    for day in clock.month_days(20):
        life.pay(
            firm,
            "gov:tax",
            int(monthly * 0.06),
            clock.moment(day, 5),
            "direct_debit",
            purpose="VATX",
            ts_quality="batch",
        )
        life.pay(
            firm,
            "gov:social",
            int((payroll + elsewhere) * 0.32),
            clock.moment(day, 5.2),
            "direct_debit",
            purpose="SSBE",
            ts_quality="batch",
        )
        life.pay(firm, landlord, eur(900 + 40 * (firm.headcount or 0)), life.at(day, 7, 9), "sct", purpose="RENT")
    for day in clock.month_days(22 + firm.index % 6):
        if elsewhere:
            life.pay(
                firm,
                bureau,
                elsewhere,
                clock.moment(day, 5),
                "payroll_file",
                purpose="SALA",
                ts_quality="batch",
            )
    pay_wages(firm, staff, life)


def _takings(firm: Holder, life: Story, monthly: int) -> None:
    """Card takings from the acquirer on working days, and notes paid in now and then."""
    rng, clock = life.rng, life.clock
    for day in range(clock.days):
        weekday = clock.date_of(day).weekday()
        if weekday < 5:
            share = (2.2 if weekday == 0 else 1.0) * rng.uniform(0.7, 1.3)
            life.pay(
                life.places.acquirer,
                firm,
                int(monthly * 0.84 / 26 * share),
                clock.moment(day, 4) + firm.index,
                "sct",
                ts_quality="batch",
                narrative="REMISE CARTES",
            )
    for day in spread(rng, 4.5, clock.days):
        minor = int(monthly * 0.16 / 4.5 * rng.uniform(0.5, 1.5) // 500 * 500)
        life.deposit(firm, min(minor, eur(2_900)), life.at(int(day), 9, 21), firm.town, machine=rng.random() < 0.7)
