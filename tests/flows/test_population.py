"""What is asked of the files of a ledger that is not held in memory."""

from collections import Counter

from flows.arrows import payments_from_arrows
from flows.ledger import Ledger
from flows.population import Population

PAYMENTS = """
day 0 09:00 anna -> hub 5.10 EUR instant
day 0 10:00 ext:others -> hub 900 EUR instant
day 1 10:00 ext:others -> hub 300 EUR instant
day 2 09:00 anna -> hub 4.90 EUR instant
day 2 10:00 anna -> hub 7 SEK instant
day 3 09:00 ext:shop -> ext:others 40 EUR sct
day 3 10:00 hub -> ext:supplier 900 EUR instant
"""


def sums(payments):
    moved = Counter()
    for row in payments.select(["payer", "payee", "currency", "amount_minor"]).to_pylist():
        moved[row["payer"], row["payee"], row["currency"]] += row["amount_minor"]
    return moved


def test_all_money_of_the_accounts_asked_for_is_there_and_little_else(tmp_path):
    payments = payments_from_arrows(PAYMENTS)
    ledger = Ledger.create(tmp_path / "ledger")
    ledger = ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})
    held, left = (Population(ledger, at_most=at_most) for at_most in (10**6, 0))
    moved = left.moved(["anna", "hub"]).payments
    of_them = {key: amount for key, amount in sums(held.moved(["anna", "hub"]).payments).items() if "hub" in key}
    assert sums(moved) == of_them
    assert moved.num_rows == len(of_them) == 4
    assert of_them["anna", "hub", "EUR"] == 1000
