"""A walk through the FinCEN Files: into a ledger, one bank's neighbourhood, corridors, and does money come back."""

# %% [markdown]
# # Walking through the FinCEN Files
#
# 4,507 flows of money between banks that banks in the United States reported as suspicious, 2000 to 2017, published by
# the International Consortium of Investigative Journalists (ICIJ) under the Open Database License (ODbL).
# Source of all data and of the pictures made here: **ICIJ, FinCEN Files**.
#
# A report is not proof of anything, and a bank in the middle is not the bank's customer. Each row adds up the payments
# of one bank to another over a range of dates. So this is a map of corridors; it shows how to walk in a ledger, and
# says nothing about anybody.
#
# Run it as `python notebooks/fincen_files.py FOLDER`, where FOLDER holds `fincen_files/download_transactions_map.csv`;
# or set `MONEYTRAIL_DATA` to that folder. Pictures go to the folder `MONEYTRAIL_OUT`, else to a temporary one.

# %%
import os
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from detectors.motifs.pass_through import PassThrough
from detectors.motifs.round_trip import RoundTrip
from flows.ingest import ingest
from flows.ledger import Ledger
from graphs.views import account_graph, ego

mpl.use("agg")
named = [Path(word) for word in sys.argv[1:] if Path(word).is_dir()]
data = named[0] if named else Path(os.environ.get("MONEYTRAIL_DATA", "../shared/data"))
flows_file = data / "fincen_files" / "download_transactions_map.csv"
if not flows_file.is_file():
    print(f"Skipped: there is no {flows_file}. Name the folder of the public sets, or set MONEYTRAIL_DATA.")
    sys.exit(0)
out = Path(os.environ.get("MONEYTRAIL_OUT") or tempfile.mkdtemp(prefix="fincen-files-"))
out.mkdir(parents=True, exist_ok=True)

# %% [markdown]
# ## Into a ledger
#
# The reader `fincen-files` is found by the columns. What cannot be a payment is rejected and said, and the money of the
# file is what was kept plus what was not.

# %%
with tempfile.TemporaryDirectory() as folder:
    taken = ingest(Path(folder) / "ledger", {"payments": [flows_file]})
    ledger = Ledger.open(Path(folder) / "ledger")
    window = ledger.window()
(file,) = taken.files
print(f"{file.rows:,} rows = {file.kept:,} kept + {file.duplicates:,} duplicates + {file.rejected:,} rejected")
print("rejected:", dict(file.reasons))
money = taken.money["USD"]
print(f"{money.came / 100:,.2f} USD = {money.kept / 100:,.2f} kept + {money.rejected / 100:,.2f} rejected")

# %% [markdown]
# ## One bank, one id
#
# The publisher numbers the sending and the receiving side apart: the same bank has one id as a sender and another as a
# receiver, and taken as they are, hardly any money passes *through* a bank. The reader names a bank by its name and
# country instead. That joins branches of one name in one country, and keeps apart spellings that differ; a person who
# knows the banks would do better.

# %%
payments = window.payments
senders, receivers = (set(payments[side].to_pylist()) for side in ("payer", "payee"))
print(f"{len(senders & receivers)} of {len(senders | receivers):,} banks both send and receive")

# %% [markdown]
# ## Corridors
#
# Most of the money moves along a few corridors between countries. Amounts are those of the reports, so a corridor is as
# thick as the reporting of the banks that cleared it in dollars.

# %%
table = payments.select(["payer_country", "payee_country", "amount_minor"]).to_pandas().dropna()
corridors = (
    table.groupby(["payer_country", "payee_country"])["amount_minor"].agg(["size", "sum"]).sort_values("sum").tail(15)
)
labels = [f"{payer} → {payee}" for payer, payee in corridors.index]
figure, axes = plt.subplots(figsize=(9, 5.5), layout="constrained")
bars = axes.barh(labels, corridors["sum"] / 1e11, color="#3b6ea8")
axes.bar_label(bars, [f"{flows:,} flows" for flows in corridors["size"]], padding=4, fontsize=9, color="#444444")
axes.set_xlabel("billion US dollar reported")
axes.set_title("The fifteen largest corridors between countries", loc="left")
axes.margins(x=0.14)
axes.spines[["top", "right"]].set_visible(False)
figure.supxlabel("Data: ICIJ, FinCEN Files (ODbL)", x=0.99, ha="right", fontsize=8, color="#666666")
figure.savefig(out / "corridors.png", dpi=130)
plt.close(figure)
print(corridors[::-1].assign(billion=lambda shown: (shown["sum"] / 1e11).round(2))[["size", "billion"]].to_string())

# %% [markdown]
# ## The largest flows

# %%
largest = payments.sort_by([("amount_minor", "descending")]).slice(0, 10)
for flow in largest.to_pylist():
    print(f"{flow['amount_minor'] / 1e8:>10,.1f} M USD  {flow['booked_on']}  {flow['payer']} -> {flow['payee']}")

# %% [markdown]
# ## One bank's neighbourhood
#
# The bank that stands between most others: of those that both send and receive, the one with most counterparties on its
# thinner side. `ego` gives it, everybody one step away, and all flows among them; parallel flows become one arrow.

# %%
totals = account_graph(window)
bank = max(totals, key=lambda node: (min(totals.in_degree(node), totals.out_degree(node)), totals.degree(node), node))
around = ego(window, bank, hops=1)
print(f"{bank}: {around.number_of_nodes()} banks, {around.number_of_edges()} flows among them")


def joined(graph: nx.MultiDiGraph) -> nx.DiGraph:
    """Add up parallel flows: `usd` in whole dollars."""
    simple = nx.DiGraph()
    simple.add_nodes_from(graph.nodes)
    for payer, payee, amount in graph.edges(data="amount_minor"):
        known = simple.get_edge_data(payer, payee, {"usd": 0.0})["usd"]
        simple.add_edge(payer, payee, usd=known + amount / 100)
    return simple


# %%
COLOURS = ("#3b6ea8", "#c8553d", "#5b8c5a", "#8d6bb1", "#d69f3a")
NAMED = 14


def spoken(usd: float) -> str:
    """Write dollars short."""
    return f"{usd / 1e9:.1f} bn" if usd >= 1e9 else f"{usd / 1e6:.0f} M" if usd >= 1e6 else f"{usd / 1e3:.0f} k"


def neighbourhood(graph: nx.DiGraph, centre: str, path: Path) -> None:
    """Draw who paid the centre (left) and whom it paid (right), the largest on top."""
    into = {node: graph.edges[node, centre]["usd"] for node in graph.predecessors(centre)}
    out_of = {node: graph.edges[centre, node]["usd"] for node in graph.successors(centre)}
    country = {node: node.rsplit("-", 1)[-1].upper() for node in graph}
    often = [code for code, _ in Counter(country[node] for node in sorted(graph)).most_common(len(COLOURS))]
    colour = {code: COLOURS[place] for place, code in enumerate(often)}
    sides = {
        -1: sorted(into, key=into.get, reverse=True),
        1: sorted(out_of, key=out_of.get, reverse=True),
    }
    figure, axes = plt.subplots(figsize=(13, 8), layout="constrained")
    thickest = max([*into.values(), *out_of.values()])
    for side, nodes in sides.items():
        shown, rest = nodes[:NAMED], nodes[NAMED:]
        sums = into if side < 0 else out_of
        ys = np.linspace(1, -1, len(shown) + bool(rest))
        for y, node in zip(ys, [*shown, *([None] if rest else [])], strict=True):
            usd = sums[node] if node else sum(sums[other] for other in rest)
            text = f"{node}  {spoken(usd)}" if node else f"{len(rest)} more  {spoken(usd)}"
            paint = colour.get(country[node], "#9a9a9a") if node else "#d0d0d0"
            start, end = ((side, y), (0, 0)) if side < 0 else ((0, 0), (side, y))
            axes.annotate(
                "",
                xy=end,
                xytext=start,
                arrowprops={
                    "arrowstyle": "-|>,head_width=0.25,head_length=0.5",
                    "color": paint,
                    "alpha": 0.75,
                    "linewidth": 0.8 + 5 * (min(usd, thickest) / thickest) ** 0.5,
                    "shrinkA": 6 if side < 0 else 26,
                    "shrinkB": 26 if side < 0 else 6,
                },
            )
            axes.plot(side, y, "o", color=paint, markersize=8)
            axes.text(side * 1.03, y, text, ha="left" if side > 0 else "right", va="center", fontsize=9)
    axes.plot(0, 0, "o", color="#222222", markersize=24)
    axes.set_title(centre, fontsize=14, fontweight="bold", pad=14)
    axes.text(-1, 1.12, f"paid it: {len(into)} banks, {spoken(sum(into.values()))} USD", ha="center", fontsize=11)
    axes.text(1, 1.12, f"it paid: {len(out_of)} banks, {spoken(sum(out_of.values()))} USD", ha="center", fontsize=11)
    for code in often:
        axes.plot([], [], "o", color=colour[code], label=code)
    axes.plot([], [], "o", color="#9a9a9a", label="other country")
    axes.legend(loc="lower center", ncols=len(often) + 1, frameon=False, bbox_to_anchor=(0.5, -0.04))
    axes.set_xlim(-2.3, 2.3)
    axes.set_ylim(-1.15, 1.25)
    axes.axis("off")
    credit = "Data: ICIJ, FinCEN Files (ODbL). Reported flows, not proof of anything."
    figure.supxlabel(credit, x=0.99, ha="right", fontsize=8, color="#666666")
    figure.savefig(path, dpi=130)
    plt.close(figure)


neighbourhood(joined(around), bank, out / "neighbourhood.png")

# %% [markdown]
# ## Does money come back?
#
# Two questions to the same window. A round trip: each flow begins strictly later than the one before, within a month;
# amounts are not compared, since a flow adds up many payments. A pass-through: nearly all that came in goes on within a
# month. Beginnings of ranges stand for the payments in them, so what comes out is a place to read on, no more.

# %%
trips = list(RoundTrip(within=timedelta(days=31), keeps_least=0.0).find(window))
row_of = {flow: row for row, flow in enumerate(payments["payment_id"].to_pylist())}
kept = list(RoundTrip(within=timedelta(days=31)).find(window))
print(f"{len(trips)} round trips of three or more flows within 31 days")
print(f"{len(kept)} of them bring back 70 to 100 % of a sum")
for trip in trips[:4]:
    print("  " + " ".join(reason.sentence for reason in trip.reasons))
    way = [payments.slice(row_of[flow], 1).to_pylist()[0] for flow in trip.payments]
    for flow in way:
        print(f"    {flow['booked_on']}  {spoken(flow['amount_minor'] / 100):>6}  {flow['payer']} -> {flow['payee']}")
by_account = replace(window, cut="account", _memo={})
stops = list(PassThrough(within=timedelta(days=31), least_credits=2, quiet=timedelta(days=31)).find(by_account))
print(f"{len(stops)} pass-throughs")
for stop in sorted(stops, key=lambda stop: (-stop.strength, stop.order))[:5]:
    print(f"  {stop.centre}: " + " ".join(reason.sentence for reason in stop.reasons))

# %% [markdown]
# Without time, the graph alone has many more rings; almost all of them never carried the same money, which is why the
# detectors ask for order in time.

# %%
rings = sorted(nx.simple_cycles(nx.DiGraph(totals), length_bound=4), key=lambda ring: (len(ring), ring))
print(f"{len(rings)} rings if time is ignored, by number of banks: {dict(sorted(Counter(map(len, rings)).items()))}")
print(f"Pictures: {', '.join(sorted(path.name for path in out.glob('*.png')))} in {out}")
