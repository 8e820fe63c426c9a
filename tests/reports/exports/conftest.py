"""An extract with everything that is hard to hand on, and what each format must give back."""

from __future__ import annotations

from datetime import date

import pytest

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.trace import trace
from reports.extract import Extract, of_traces
from reports.trace_page import Asked

# Parallel payments alike in all but the id, a loop back, ids that a spreadsheet would run or XML would choke on, a
# currency without decimals, an exchange, a day without an hour.
HARD = """
day 0 09:00:00  ext:x -> anna          300 EUR
day 1 09:00:00  anna -> =1+1&<b>       100.10 EUR p2p  narrative==cmd()
day 1 09:00:00  anna -> =1+1&<b>       100.10 EUR p2p  narrative=+49
day 1           anna -> -minus         0.01 EUR
day 2 10:30     =1+1&<b> -> anna       50 EUR
day 3           =1+1&<b> -> @home      100 EUR  received_minor=11500 received_currency=JPY
day 4           'quoted -> +plus       900719925474099.93 EUR
day 4           ext:y -> 0012          12 JPY
"""


def hard_extract(text: str = HARD) -> Extract:
    window = whole(payments_from_arrows(text))
    found = trace(window, ["p1"])
    asked = Asked(direction="forward", rules=tuple(found.endpoints), ledger_version=3, as_of=date(2026, 1, 5))
    traced = of_traces([found], window.payments, asked)
    return Extract(
        title="Everything at once. ",
        payments=window.payments,
        hubs=frozenset(["@home"]),
        carried=traced.carried,
        facts=traced.facts,
        endpoints=traced.endpoints,
    )


@pytest.fixture(scope="session")
def hard() -> Extract:
    """Give the extract."""
    return hard_extract()
