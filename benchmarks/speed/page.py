"""How long a browser takes to open a night's report with 500 alerts, and how large it is.

Each alert is a collector with 40 payers, so the page holds 20,000 payments. Measured: bytes of the file, seconds to
make it, and in a headless Chromium the time from the request to the end of the load event, and until a search over all
alerts is answered. Times are the median of five fresh pages, with the least and the most.

    python benchmarks/speed/page.py [--alerts 500]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
from playwright.sync_api import Browser, expect, sync_playwright

from detectors.finding import Finding, Reason
from detectors.motifs.fan_in import FanIn
from flows.arrows import payments_from_arrows
from flows.window import times
from reports.alert import join
from reports.facts import ScanFacts, Scanned
from reports.report import page, render

PAYERS = 40
PAGES = 5


def facts_of(alerts: int) -> ScanFacts:
    lines = [
        f"day {n % 28} {9 + k % 12:02d}:{k:02d}  ext:p{n}-{k} -> ACC-{n:05d}  {50 + k}.00 EUR p2p"
        for n in range(alerts)
        for k in range(PAYERS)
    ]
    payments = payments_from_arrows("\n".join(lines))
    at = dict(zip(payments["payment_id"].to_pylist(), times(payments).tolist(), strict=True))
    by_payee: dict[str, list[str]] = {}
    for row in payments.select(["payment_id", "payee"]).to_pylist():
        by_payee.setdefault(row["payee"], []).append(row["payment_id"])
    payers = dict(zip(payments["payment_id"].to_pylist(), payments["payer"].to_pylist(), strict=True))
    findings = []
    for account, ids in by_payee.items():
        ordered = sorted(ids, key=lambda id_: (at[id_], id_))
        findings.append(
            Finding(
                detector="fan-in",
                version=1,
                centre=account,
                accounts=(account, *sorted(payers[id_] for id_ in ids)),
                payments=tuple(ordered),
                first_at=at[ordered[0]],
                last_at=at[ordered[-1]],
                strength=0.5,
                reasons=(Reason("Fed by {measured} (limit {limit}).", PAYERS, 10, "accounts"),),
                roles=((account, "collects"),),
            )
        )
    about = {"fan-in": FanIn.about}
    joined = join(findings, payments, (), about)
    days = payments["booked_on"]
    scanned = Scanned(len(payments), 2 * len(payments), alerts, pc.min(days).as_py(), pc.max(days).as_py(), {"EUR": 1})
    return ScanFacts(
        alerts=joined.alerts,
        findings=tuple(findings),
        payments=payments,
        scanned=scanned,
        about_of=about,
        as_of=date(2026, 1, 31),
    )


def opened(browser: Browser, path: Path, searched: str) -> tuple[float, float]:
    """Open the page afresh; give seconds until it is loaded, and until a search is answered."""
    tab = browser.new_page(viewport={"width": 1280, "height": 1000})
    tab.goto(path.as_uri())
    loaded = tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    begun = time.perf_counter()
    tab.fill("#find", searched)
    expect(tab.locator(".alert:not([hidden])")).to_have_count(1)
    found = time.perf_counter() - begun
    tab.close()
    return loaded, found


def said(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=500)
    facts = facts_of(parser.parse_args().alerts)
    begun = time.perf_counter()
    content = render(page(facts))
    made = time.perf_counter() - begun
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise SystemExit("no Chromium on this machine")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "report.html"
        path.write_bytes(content)
        browser = playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox"])
        last = max(facts.payments["payee"].to_pylist())
        times_ = [opened(browser, path, last) for _ in range(PAGES)]
        browser.close()
    print(
        f"{len(facts.alerts):,} alerts, {len(facts.payments):,} payments: {len(content) / 1e6:.2f} MB in {made:.1f} s"
    )
    print(f"open:   {said([loaded for loaded, _ in times_])}")
    print(f"search: {said([found for _, found in times_])}")


if __name__ == "__main__":
    main()
