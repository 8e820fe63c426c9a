"""SAML-D: one CSV of simulated payments with the kind of pattern each belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.expressions import translated
from flows.reading import RawBatch, Sample, Table
from flows.translation import content_and_line, expecting, found, rounded, text_rows, translate, without_rejects

_COLUMNS = (
    "Time",
    "Date",
    "Sender_account",
    "Receiver_account",
    "Amount",
    "Payment_currency",
    "Sender_bank_location",
    "Receiver_bank_location",
    "Payment_type",
    "Is_laundering",
    "Laundering_type",
)

_CURRENCIES = {
    "UK pounds": "GBP",
    "Euro": "EUR",
    "US dollar": "USD",
    "Yen": "JPY",
    "Indian rupee": "INR",
    "Pakistani rupee": "PKR",
    "Swiss franc": "CHF",
    "Turkish lira": "TRY",
    "Dirham": "AED",
    "Mexican Peso": "MXN",
    "Moroccan dirham": "MAD",
    "Naira": "NGN",
    "Albanian lek": "ALL",
}

_COUNTRIES = {
    "UK": "GB",
    "USA": "US",
    "UAE": "AE",
    "Albania": "AL",
    "Austria": "AT",
    "France": "FR",
    "Germany": "DE",
    "India": "IN",
    "Italy": "IT",
    "Japan": "JP",
    "Mexico": "MX",
    "Morocco": "MA",
    "Netherlands": "NL",
    "Nigeria": "NG",
    "Pakistan": "PK",
    "Spain": "ES",
    "Switzerland": "CH",
    "Turkey": "TR",
}

_CHANNELS = {
    "ACH": "sct",
    "Cheque": "cheque",
    "Credit card": "card_pos",
    "Debit card": "card_pos",
    "Cross-border": "wire",
    "Cash Withdrawal": "atm_wd",
    "Cash Deposit": "cash_branch",
}


class SamlD:
    """Read SAML-D.

    Cash has an account number on both sides in this set; the side that is not a customer becomes a ``cash:`` node. What
    the payee received in another currency is not in the file. Clock times are taken as UTC; ids are content and line.
    Amounts are simulated, and rounded where the currency has fewer decimals. Labels of planted patterns go to `labels`.
    """

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""
        return found(sample, _COLUMNS)

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file holds."""
        return "payments"

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size."""
        currency = translated("Payment_currency", _CURRENCIES)
        payments = {
            "payment_id": content_and_line(path),
            "payer": "case Payment_type when 'Cash Deposit' then 'cash:' || Sender_account else Sender_account end",
            "payee": "case Payment_type when 'Cash Withdrawal' then 'cash:' || Receiver_account "
            "else Receiver_account end",
            "amount": rounded("Amount", currency),
            "currency": currency,
            "booked_on": "Date",
            "sent_at": "Date || 'T' || Time",
            "channel": translated("Payment_type", _CHANNELS),
            "payer_country": translated("Sender_bank_location", _COUNTRIES),
            "payee_country": translated("Receiver_bank_location", _COUNTRIES),
        }
        labels = {
            "subject": "unnest([Sender_account, Receiver_account])",
            "typology": "lower(replace(Laundering_type, '-', '_'))",
            "outcome": "'planted'",
        }
        for chunk in expecting(_COLUMNS, text_rows(path), path, "saml-d"):
            yield translate(chunk, "payments", payments)
            yield without_rejects(translate(chunk, "labels", labels, where="Is_laundering = '1'", distinct=True))
