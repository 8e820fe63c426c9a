"""Small random ledgers for tracing: ties, overdrafts, fees, exchanges, reported balances; and a slow, plain oracle."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from flows.payments import PAYMENTS
from flows.window import Window, whole

DAY_ONE = datetime(2026, 3, 2, tzinfo=UTC)
OUTSIDE = ("ext:x", "cash:atm", "mer:shop", "msb:m", "vasp:v", "fee:bank")


def random_ledger(
    seed: int,
    *,
    most: int = 40,
    accounts: int = 5,
    balances: bool | None = None,
    fees: bool = False,
    exchanges: bool = False,
    date_only: bool = False,
    hubs: tuple[str, ...] = (),
    largest: int = 30,
) -> Window:
    """Make a ledger of a few accounts that pay each other and the outside; the same seed gives the same ledger.

    Parameters
    ----------
    balances : bool, optional
        Whether the bank reports balances after each payment; for every other account if not given.
    """
    rng = random.Random(seed)
    names = [f"a{number}" for number in range(accounts)]
    tells = {name: rng.random() < 0.5 if balances is None else balances for name in names}
    balance = {name: rng.choice([0, 0, rng.randrange(0, 60), -rng.randrange(0, 20)]) for name in names}
    rows = []
    at = DAY_ONE
    for number in range(rng.randrange(3, most)):
        at += timedelta(hours=rng.choice([0, 0, 1, 5, 30]))
        kind = rng.random()
        payer = rng.choice(OUTSIDE) if kind < 0.3 else rng.choice(names)
        payee = rng.choice(OUTSIDE) if kind > 0.8 else rng.choice(names)
        amount = rng.randrange(1, largest)
        row = {
            "payment_id": f"p{number:03d}",
            "payer": payer,
            "payee": payee,
            "amount_minor": amount,
            "currency": "EUR",
            "booked_on": at.date(),
            "at": at,
            "sent_at": at,
            "ts_quality": "event",
            "channel": "other",
            "status": "booked",
            "source_file": "random",
            "source_line": number,
        }
        if date_only and rng.random() < 0.6:
            row |= {"at": datetime(at.year, at.month, at.day, tzinfo=UTC), "sent_at": None, "ts_quality": "date_only"}
        arrives = amount
        if payer in balance and payee in balance and payer != payee:
            if fees and rng.random() < 0.3:
                arrives = max(1, amount - rng.randrange(0, 4))
                row |= {"received_minor": arrives, "received_currency": "EUR"}
            elif exchanges and rng.random() < 0.2:
                row |= {"received_minor": max(1, amount * rng.randrange(50, 200) // 100), "received_currency": "USD"}
        if payer in balance and payer != payee:
            balance[payer] -= amount
            if tells[payer]:
                row["payer_balance_after_minor"] = balance[payer]
        if payee in balance and payer != payee and row.get("received_currency") != "USD":
            balance[payee] += arrives
            if tells[payee]:
                row["payee_balance_after_minor"] = balance[payee]
        rows.append(row)
    return whole(pa.Table.from_pylist(rows, schema=PAYMENTS), hubs=hubs)


def some_payments(window: Window, seed: int, *, of: str = "any") -> dict[str, int]:
    """Choose one to three payments to begin with, whole or in part.

    Parameters
    ----------
    of : {"any", "in", "out"}
        Any payments, or only those that come from outside, or that go there.
    """
    rng = random.Random(seed + 1)
    rows = [
        row
        for row in window.payments.to_pylist()
        if (of != "in" or ":" in row["payer"]) and (of != "out" or ":" in row["payee"])
    ]
    chosen = rng.sample(rows, min(len(rows), rng.randrange(1, 4)))
    return {row["payment_id"]: rng.choice([row["amount_minor"], max(1, row["amount_minor"] // 2)]) for row in chosen}


def unit_by_unit(window: Window, start: dict[str, int], rule: str) -> dict[tuple[str, str], int]:
    """Follow every single minor unit as a token, under fifo, lifo, libr or taint_first; no fees, no exchanges.

    Gives endpoints as (node or "balance:" account, payment that brought it or "").
    """
    rows = window.payments.to_pylist()
    opening = _openings(rows)
    held = {account: [False] * max(amount, 0) for account, amount in opening.items()}
    owed = {account: max(-amount, 0) for account, amount in opening.items()}
    ends: dict[tuple[str, str], int] = defaultdict(int)

    def take(account: str, amount: int) -> list[bool]:
        tokens = held[account]
        if rule == "lifo":
            return [tokens.pop() for _ in range(amount)]
        if rule in ("libr", "taint_first"):
            tokens.sort(key=lambda traced: traced == (rule == "libr"))
        taken, held[account] = tokens[:amount], tokens[amount:]
        return taken

    for row in rows:
        payer, payee, amount, name = row["payer"], row["payee"], row["amount_minor"], row["payment_id"]
        tokens = [False] * amount
        if payer in held and payer != payee:
            short = amount - len(held[payer])
            if short > 0:
                owed[payer] += short
                held[payer] += [False] * short
            tokens = take(payer, amount)
        if name in start:
            if any(tokens):
                ends["again", name] += sum(tokens)
            tokens = [True] * start[name] + [False] * (amount - start[name])
        if payer == payee or payee not in held:
            ends[payee, name] += sum(tokens)
            continue
        held[payee] += tokens
        back = min(owed[payee], amount)
        if back:
            owed[payee] -= back
            ends["overdraft:" + payee, ""] += sum(take(payee, back))
    for account, tokens in held.items():
        ends["balance:" + account, ""] += sum(tokens)
    return {key: amount for key, amount in ends.items() if amount}


def _openings(rows: list[dict[str, object]]) -> dict[str, int]:
    opening: dict[str, int] = {}
    moved: dict[str, int] = defaultdict(int)
    lowest: dict[str, int] = defaultdict(int)
    for row in rows:
        for side, sign in (("payer", -1), ("payee", 1)):
            node = row[side]
            if ":" in node or row["payer"] == row["payee"]:
                continue
            moved[node] += sign * row["amount_minor"]
            lowest[node] = min(lowest[node], moved[node])
            told = row[f"{side}_balance_after_minor"]
            if told is not None:
                opening.setdefault(node, told - moved[node])
    return {node: opening.get(node, -lowest[node]) for node in moved}
