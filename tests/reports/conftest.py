"""One small night, written by hand: a gathering ring, a threshold case, a club's treasurer, and something rare."""

from __future__ import annotations

import shutil
from datetime import date
from types import SimpleNamespace

import pyarrow as pa
import pytest

from detectors.about import About
from detectors.finding import Finding, Reason
from detectors.notes import Note
from flows.arrows import payments_from_arrows
from flows.payments import ACCOUNTS, CUSTOMERS
from flows.window import SideTables, times
from reports.alert import join
from reports.facts import ScanFacts, Scanned, ScannedFile

ARROWS = """
# Two collectors are fed in the evenings and hand nearly everything to one account, which sends it abroad.
day 60 19:40  ext:n-201 -> ACC-40117  80.00 EUR instant
day 60 20:15  ext:n-202 -> ACC-40117  120.00 EUR instant
day 60 21:05  ext:n-203 -> ACC-40117  80.00 EUR p2p
day 60 22:31  ext:n-204 -> ACC-40117  150.00 EUR p2p
day 60 23:10  cash:adm-lyon-7 -> ACC-40117  400.00 EUR cash_adm city=Lyon
day 61 00:20  ext:n-205 -> ACC-40117  80.00 EUR instant
day 61 01:02  ext:n-206 -> ACC-40117  100.00 EUR instant
day 61 09:15  ACC-40117 -> ACC-55020  980.00 EUR instant
day 61 19:20  ext:n-207 -> ACC-40893  90.00 EUR instant
day 61 20:44  ext:n-208 -> ACC-40893  90.00 EUR instant
day 61 21:30  ext:n-209 -> ACC-40893  140.00 EUR p2p
day 61 22:12  ext:n-210 -> ACC-40893  90.00 EUR p2p
day 61 23:55  ext:n-211 -> ACC-40893  180.00 EUR p2p
day 62 08:40  ACC-40893 -> ACC-55020  570.00 EUR instant
day 62 11:05  ACC-55020 -> ext:RO49-1187  1480.00 EUR sct payee_country=RO
day 62 11:20  ACC-55020 -> mer:rooms-direct  45.00 EUR card_cnp mcc=7011
day 62 20:10  ext:n-203 -> ACC-40117  80.00 EUR p2p
day 62 21:40  ext:n-212 -> ACC-40117  120.00 EUR p2p
day 63 09:05  ACC-40117 -> ACC-55020  190.00 EUR instant
# Cash just under a reporting threshold.
day 55  cash:branch-12 -> ACC-77300  9400.00 EUR cash_branch
day 56  cash:branch-15 -> ACC-77300  9650.00 EUR cash_branch
day 57  cash:branch-12 -> ACC-77300  9200.00 EUR cash_branch
day 57  cash:branch-31 -> ACC-77300  9800.00 EUR cash_branch
# A club treasurer collecting fees.
day 58 10:00  ACC-1001 -> ACC-9000  25.00 EUR sct
day 58 10:05  ACC-1002 -> ACC-9000  25.00 EUR sct
day 58 11:00  ACC-1003 -> ACC-9000  25.00 EUR sct
day 58 12:00  ACC-1004 -> ACC-9000  25.00 EUR sct
day 58 13:00  ACC-1005 -> ACC-9000  25.00 EUR sct
day 59 09:00  ACC-9000 -> ext:hall-rent  110.00 EUR sct
# Rare among its peers.
day 50 10:00  ACC-3003 -> vasp:one  2400.00 USD crypto
day 52 10:00  ACC-3003 -> vasp:one  2600.00 USD crypto
"""


def about(title: str, leg: str, **more: object) -> About:
    said = {
        "question": f"{title}?",
        "meaning": "Money is brought together in one place and moved on before it could be used there.",
        "sources": ("FATF18", "FIN14"),
        "innocent": ("a club treasurer collecting fees", "a group of friends sharing the cost of a journey"),
        "clears": ("an invoice or a membership list that names the payers",),
    }
    return About(title=title, leg=leg, **{**said, **more})  # type: ignore[arg-type]  # whatever a test says of it


ABOUT = {
    "fan-in": about("Gathering from many", "REV", question="Do many payers feed one account within two days?"),
    "pass-through": about(
        "Passing straight on",
        "MOV",
        question="Does an account pass on nearly all it takes in within a day?",
        innocent=("a household account that feeds a savings account", "a shop's takings swept to its main account"),
        sources=("FIN14", "FATF26"),
        clears=("the same owner behind both accounts",),
    ),
    "structuring": about(
        "Amounts under a reporting threshold",
        "MOV",
        question="Are cash amounts held just under the amount that must be reported?",
        innocent=("a shop paying in its weekly takings, which happen to lie there",),
        sources=("L-FR",),
        clears=("till records that match the amounts",),
    ),
    "fan-out": about("Paying out to many", "MOV", question="Does one account pay many others within two days?"),
    "isolation-forest": about(
        "Unlike its peers",
        "CTX",
        question="Which accounts differ most from accounts of the same kind?",
        innocent=("a life event such as a house purchase",),
        sources=("MULE",),
        clears=("a document of the one-off event",),
    ),
}


def finding(detector, centre, ids, strength, reasons, payments, roles=()):
    rows = {row["payment_id"]: row for row in payments.to_pylist()}
    at = dict(zip(payments["payment_id"].to_pylist(), times(payments).tolist(), strict=True))
    ids = sorted(ids, key=lambda payment_id: (at[payment_id], payment_id))
    accounts = {side for payment_id in ids for side in (rows[payment_id]["payer"], rows[payment_id]["payee"])}
    return Finding(
        detector=detector,
        version=1,
        centre=centre,
        accounts=(centre, *sorted(accounts - {centre})),
        payments=tuple(ids),
        first_at=at[ids[0]],
        last_at=at[ids[-1]],
        strength=strength,
        reasons=tuple(reasons),
        roles=tuple(roles),
    )


def touching(payments: pa.Table, account: str) -> list[str]:
    return [row["payment_id"] for row in payments.to_pylist() if account in (row["payer"], row["payee"])]


def into(payments: pa.Table, account: str) -> list[str]:
    return [row["payment_id"] for row in payments.to_pylist() if row["payee"] == account]


def night_findings(payments: pa.Table) -> list[Finding]:
    payers = "Fed by {measured} within two days (limit {limit})."
    passed = "{measured} of what came in went out again within a day (limit {limit})."
    held = "Held for {measured} on average (limit {limit})."
    return [
        finding(
            "fan-in",
            "ACC-40117",
            into(payments, "ACC-40117"),
            0.82,
            [Reason(payers, 8, 5, "accounts")],
            payments,
            [("ACC-40117", "collects")],
        ),
        finding(
            "fan-in",
            "ACC-40893",
            into(payments, "ACC-40893"),
            0.55,
            [Reason(payers, 5, 5, "accounts")],
            payments,
            [("ACC-40893", "collects")],
        ),
        finding(
            "pass-through",
            "ACC-40117",
            touching(payments, "ACC-40117"),
            0.9,
            [Reason(passed, 0.97, 0.9, "share"), Reason(held, 11.4, 24, "hours")],
            payments,
            [("ACC-40117", "passes on")],
        ),
        finding(
            "pass-through",
            "ACC-40893",
            touching(payments, "ACC-40893"),
            0.86,
            [Reason(passed, 0.966, 0.9, "share"), Reason(held, 10.8, 24, "hours")],
            payments,
            [("ACC-40893", "passes on")],
        ),
        finding(
            "pass-through",
            "ACC-55020",
            touching(payments, "ACC-55020"),
            0.71,
            [Reason(passed, 0.955, 0.9, "share"), Reason(held, 14.0, 24, "hours")],
            payments,
            [("ACC-55020", "gathers and sends abroad"), ("ext:RO49-1187", "receives")],
        ),
        finding(
            "structuring",
            "ACC-77300",
            touching(payments, "ACC-77300"),
            0.74,
            [
                Reason(
                    "{measured} in cash within three days, each under the reporting threshold.", 4, None, "payments"
                ),
                Reason("The largest was {measured}, the reporting threshold is {limit}.", 980000, 1000000, "EUR"),
            ],
            payments,
        ),
        finding(
            "fan-in",
            "ACC-9000",
            into(payments, "ACC-9000"),
            0.31,
            [Reason(payers, 5, 5, "accounts")],
            payments,
            [("ACC-9000", "collects")],
        ),
        finding(
            "isolation-forest",
            "ACC-3003",
            touching(payments, "ACC-3003"),
            0.97,
            [
                Reason(
                    "Rarer than {measured} of its peers; most of it from payments to crypto outlets.",
                    0.97,
                    None,
                    "share",
                )
            ],
            payments,
        ),
    ]


def night_facts() -> ScanFacts:
    payments = payments_from_arrows(ARROWS)
    findings = night_findings(payments)
    accounts = pa.Table.from_pylist(
        [
            {"account_id": "ACC-9000", "customer_id": "C-1", "licensed_intermediary": False},
            {"account_id": "ACC-40117", "customer_id": "C-2", "licensed_intermediary": False},
        ],
        schema=ACCOUNTS,
    )
    customers = pa.Table.from_pylist(
        [{"customer_id": "C-1", "kind": "npo"}, {"customer_id": "C-2", "kind": "person"}], schema=CUSTOMERS
    )
    side = SideTables(accounts=accounts, customers=customers)
    joined = join(findings, payments, {"gov:tax"}, ABOUT, side, failures=["fan-out"], outliers=["isolation-forest"])
    return ScanFacts(
        alerts=joined.alerts,
        findings=tuple(findings),
        payments=payments,
        scanned=Scanned(
            payments=184_220,
            accounts=9_310,
            own_accounts=4_802,
            first_day=date(2025, 12, 4),
            last_day=date(2026, 3, 5),
            money={"EUR": 5_120_338_417, "USD": 21_904_100},
            files=(
                ScannedFile("payments_2026-03-04.csv", "9f2c" * 16, 98_114, 98_007, 3, 104),
                ScannedFile("payments_2026-03-05.csv", "07ab" * 16, 86_213, 86_213, 0, 0),
            ),
        ),
        about_of=ABOUT,
        as_of=date(2026, 3, 5),
        run={
            "versions": {"moneytrail": "0.1.0", "python": "3.11.7"},
            "settings_sha256": "5d41" * 16,
            "ledger_version": 12,
            "seeds": {"isolation-forest": 7},
            "steps": [{"step": "scan", "rows_in": 184220, "seconds": 14.2, "peak_mb": 612}],
        },
        notes=(
            *joined.notes,
            Note(
                "missing",
                "Merchant and city are empty in {count} payment; questions that need them are weaker",
                "Merchant and city are empty in {count} payments; questions that need them are weaker",
                112_374,
            ),
            Note(
                "capped",
                "Searches for circles stopped at 100,000 partial paths at {count} busy account",
                "Searches for circles stopped at 100,000 partial paths at {count} busy accounts",
                3,
            ),
        ),
        rejects={"amount is not a number": 71, "booking date is not a date": 33},
        failures={"fan-out": "a window could not be searched: out of memory"},
        hubs=pa.table(
            {
                "account": ["gov:tax", "mer:city-power"],
                "reason": ["paid by 2,110 accounts", "paid by 1,874 accounts"],
                "payments": [6_310, 5_622],
            }
        ),
        side=side,
    )


@pytest.fixture(scope="session")
def night() -> ScanFacts:
    return night_facts()


@pytest.fixture(scope="session")
def example() -> SimpleNamespace:
    """The pieces the night is made of, for tests that put them together otherwise."""
    return SimpleNamespace(arrows=ARROWS, about=about, about_of=ABOUT, finding=finding, touching=touching, into=into)


FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    """A real headless Chromium; whoever asks for one is skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


class Opened:
    """A page with everything it said and asked for."""

    def __init__(self, browser, path, **context):
        self.said, self.asked = [], []
        self.context = browser.new_context(viewport={"width": 1280, "height": 1000}, **context)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append("dialog"), dialog.dismiss()))
        self.context.route("**/*", self._watch)
        self.page.goto(path.as_uri())

    def _watch(self, route):
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()


@pytest.fixture
def open_file(browser):
    """Open a file in the browser; afterwards no page may have said anything or asked for anything."""
    pages = []

    def make(path, **context):
        pages.append(Opened(browser, path, **context))
        return pages[-1].page

    yield make
    for page in pages:
        page.context.close()
        assert page.said == []
        assert page.asked == []
