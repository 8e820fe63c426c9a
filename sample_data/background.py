"""What a bank's own ledger is like: its accounts, channels, hours, counterparties and the shapes of its ids.

Read once, by queries whose answers are small however large the ledger is. Nothing here changes a ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows import duck
from flows.errors import InputError
from flows.ledger import Ledger
from flows.payments import OUTSIDE_PREFIXES

# A channel that carries less than this share of the payments is none that a bank's customers would use.
COMMON = 0.001
# Rows kept of each channel, category and pair of ends, to copy the habits of: filled columns, hours, places.
EXAMPLES = 60
LEAST_PAYMENTS = 6
_OUTSIDE = "'^(" + "|".join(prefix.rstrip(":") for prefix in OUTSIDE_PREFIXES) + "):'"


@dataclass(frozen=True)
class Background:
    """A ledger as those see it who add to it.

    Parameters
    ----------
    first, last : datetime.date
        First and last booking date.
    currency : str
        The currency of most payments; only its accounts are played on.
    accounts : pyarrow.Table
        Accounts of the bank in that currency with a history: money in and out, first and last day, what is known of
        their holders, a telephone and a card they use.
    channels : pyarrow.Table
        Share of each channel, and how its rows tell time.
    examples : pyarrow.Table
        Rows to copy the habits of, with the class of each end (`payer_class`, `payee_class`; empty for an account).
    monthly_minor : int
        What comes in on an ordinary account in a month.
    """

    first: date
    last: date
    currency: str
    accounts: pa.Table
    channels: pa.Table
    examples: pa.Table
    monthly_minor: int

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @classmethod
    def of(cls, ledger: Ledger) -> Background:
        """Read a version of a ledger.

        Raises
        ------
        InputError
            If there is nothing to plant into.
        """
        days = ledger.days()
        if not days:
            raise InputError("there is nothing in this ledger", where=str(ledger.path), try_="take in payments first")
        with duck.connection() as opened:
            rows = duck.read_days(duck.files(ledger.files()))
            opened.execute(f"CREATE VIEW p AS SELECT * FROM {rows} WHERE status = 'booked' AND reversal_of IS NULL")
            currency = duck.rows(
                opened, "SELECT currency FROM p GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1"
            )[0][0]
            accounts = duck.table(opened, _ACCOUNTS, {"currency": currency})
            channels = duck.table(opened, _CHANNELS)
            examples = duck.table(opened, _EXAMPLES, {"currency": currency})
        first, last = min(days), max(days)
        accounts = _with_holders(accounts, ledger)
        # Money in a month of an account's own life here, which may be shorter than the ledger's.
        lived = pc.subtract(accounts["last_seen"].cast(pa.int32()), accounts["first_seen"].cast(pa.int32())).to_numpy()
        came = accounts["came_minor"].to_numpy() / np.maximum(1.0, lived / 30.4)
        monthly = float(np.median(came)) if accounts.num_rows else 0.0
        if monthly < 1:
            raise InputError(
                "no account of this ledger has a history to carry a case on",
                where=str(ledger.path),
                try_="take in more days, or the accounts beside the payments",
            )
        return cls(first, last, currency, accounts, channels, examples, int(monthly))

    def timed(self, channel: str) -> dict[str, float]:
        """Give how a channel tells time: share of rows with an hour, on weekends, and on whole minutes."""
        row = self.channels.filter(pc.equal(self.channels["channel"], channel)).to_pylist()[0]
        return {name: float(row[name] or 0) for name in ("share", "timed", "weekends", "whole_minutes")}

    @property
    def common(self) -> frozenset[str]:
        """Channels that customers use."""
        return frozenset(self.channels.filter(pc.greater_equal(self.channels["share"], COMMON))["channel"].to_pylist())


# In every query the order is said to the last row: the same ledger is seen the same each time.
_ACCOUNTS = f"""
WITH ends AS (
    SELECT payee AS account, amount_minor AS came, 0 AS went, booked_on, currency, NULL AS device, NULL AS card FROM p
    UNION ALL
    SELECT payer, 0, amount_minor, booked_on, currency, device_id, card_id FROM p
)
SELECT account, count(*) AS payments, sum(came)::BIGINT AS came_minor, sum(went)::BIGINT AS went_minor,
    min(booked_on) AS first_seen, max(booked_on) AS last_seen, min(device) AS device_id, min(card) AS card_id
FROM ends
WHERE currency = $currency AND NOT regexp_matches(account, {_OUTSIDE})
GROUP BY account HAVING count(*) >= {LEAST_PAYMENTS} AND sum(came) > 0
ORDER BY account"""

_CHANNELS = """
SELECT channel, count(*) / sum(count(*)) OVER () AS share,
    avg((sent_at IS NOT NULL)::INT) AS timed,
    avg((isodow(booked_on) > 5)::INT) AS weekends,
    avg((second(sent_at) = 0)::INT) FILTER (sent_at IS NOT NULL) AS whole_minutes,
    avg((amount_minor % 100 = 0)::INT) AS whole_units
FROM p GROUP BY channel ORDER BY channel"""

_EXAMPLES = f"""
WITH classed AS (
    SELECT *, regexp_extract(payer, {_OUTSIDE}, 1) AS payer_class, regexp_extract(payee, {_OUTSIDE}, 1) AS payee_class
    FROM p WHERE currency = $currency AND received_minor IS NULL
)
SELECT * FROM classed
QUALIFY row_number() OVER (PARTITION BY channel, mcc, payer_class, payee_class ORDER BY md5(payment_id)) <= {EXAMPLES}
ORDER BY channel, payment_id"""


def _with_holders(accounts: pa.Table, ledger: Ledger) -> pa.Table:
    """Add what the side tables know of each account: customer, whether a firm, since when."""
    known, holders = ledger.side("accounts"), ledger.side("customers")
    of_account = {row["account_id"]: row for row in known.to_pylist()} if known is not None else {}
    kinds = dict(zip(holders["customer_id"].to_pylist(), holders["kind"].to_pylist(), strict=True)) if holders else {}
    rows = [of_account.get(account, {}) for account in accounts["account"].to_pylist()]
    customer = [row.get("customer_id") for row in rows]
    firm = [
        kinds.get(one) in ("firm", "npo") or row.get("kind") == "business"
        for one, row in zip(customer, rows, strict=True)
    ]
    everyday = [row.get("kind") in (None, "current", "business", "other") for row in rows]
    return (
        accounts.append_column("customer_id", pa.array(customer, pa.string()))
        .append_column("firm", pa.array(firm))
        .append_column("everyday", pa.array(everyday))
        .append_column("opened_on", pa.array([row.get("opened_on") for row in rows], pa.date32()))
    )
