# %% [markdown]
# # Walking through the FinCEN Files
#
# 4,507 flows of money between banks that banks in the United States reported as suspicious, 2000 to 2017, published by
# the International Consortium of Investigative Journalists (ICIJ) under the Open Database License (ODbL).
# Source of all data and of the pictures made here: **ICIJ, FinCEN Files**.
#
# A report is not proof of anything, and a bank in the middle is not the bank's customer. Each row adds up the payments
# of one bank to another over a range of dates. So this is a map of corridors; it shows how to walk in a ledger of real
# flows, and says nothing about anybody.
#
# Put `fincen_files/download_transactions_map.csv` (from the ICIJ's site) into a folder and name that folder in
# `MONEYTRAIL_DATA`, or run `python notebooks/fincen_files.py FOLDER`. Pictures also go to the folder `MONEYTRAIL_OUT`.

# %%
import os
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import matplotlib.pyplot as plt
import networkx as nx
import pandas as pd
import pyarrow.compute as pc

from detectors.motifs.pass_through import PassThrough
from detectors.motifs.round_trip import RoundTrip
from flows.ingest import ingest
from flows.ledger import Ledger
from flows.money import spoken
from graphs.views import account_graph, ego

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
ledger = Ledger.create(Path(tempfile.mkdtemp(prefix="fincen-ledger-")) / "ledger")
taken = ingest(ledger, {"payments": [flows_file]})
ledger = ledger.newest()
window = ledger.window()
(file,) = taken.files
print(f"{file.rows:,} rows = {file.kept:,} kept + {file.duplicates:,} duplicates + {file.rejected:,} rejected")
print("rejected:", dict(file.reasons))
money = taken.money["USD"]
print(
    " = ".join(
        [spoken(money.came, "USD"), f"{spoken(money.kept, 'USD')} kept + {spoken(money.rejected, 'USD')} rejected"]
    )
)
ledger

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
# ## When
#
# Reported money by the month in which a flow begins. What is seen is the attention of those who reported, and of those
# who leaked: most of it lies in a few years.

# %%
CREDIT = "Data: ICIJ, FinCEN Files (ODbL). Reported flows, not proof of anything."
table = payments.select(["at", "payer", "payee", "payer_country", "payee_country", "amount_minor"]).to_pandas()
months = table.set_index("at")["amount_minor"].resample("MS").agg(["size", "sum"])
figure, axes = plt.subplots(figsize=(10, 3), layout="constrained")
axes.bar(months.index, months["sum"] / 1e11, width=25, color="#3b6ea8")
axes.set_ylabel("billion USD")
axes.set_title("Reported flows by the month they begin in", loc="left")
axes.spines[["top", "right"]].set_visible(False)
figure.supxlabel(CREDIT, x=0.99, ha="right", fontsize=8, color="#666666")
figure.savefig(out / "months.png", dpi=130)
by_size = months["sum"].sort_values(ascending=False).cumsum()
print(f"half of the money lies in {(by_size < by_size.iloc[-1] / 2).sum() + 1} of {len(months)} months")

# %% [markdown]
# ## Corridors
#
# Most of the money moves along a few corridors between countries. Amounts are those of the reports, so a corridor is as
# thick as the reporting of the banks that cleared it in dollars.

# %%
pairs = table.dropna().groupby(["payer_country", "payee_country"])["amount_minor"].agg(["size", "sum"])
corridors = pairs.sort_values("sum").tail(15)
figure, axes = plt.subplots(figsize=(9, 5.5), layout="constrained")
bars = axes.barh([f"{payer} → {payee}" for payer, payee in corridors.index], corridors["sum"] / 1e11, color="#3b6ea8")
axes.bar_label(bars, [f"{flows:,} flows" for flows in corridors["size"]], padding=4, fontsize=9, color="#444444")
axes.set_xlabel("billion US dollar reported")
axes.set_title("The fifteen largest corridors between countries", loc="left")
axes.margins(x=0.14)
axes.spines[["top", "right"]].set_visible(False)
figure.supxlabel(CREDIT, x=0.99, ha="right", fontsize=8, color="#666666")
figure.savefig(out / "corridors.png", dpi=130)
share = corridors["sum"].sum() / pairs["sum"].sum()
print(f"the fifteen largest of {len(pairs):,} corridors carry {share:.0%} of the money")

# %% [markdown]
# ## The largest flows
#
# A single row can be years of payments: before one is called large, look up in the publisher's file how long it took.

# %%
largest = payments.take(
    pc.select_k_unstable(payments, 10, [("amount_minor", "descending"), ("payment_id", "ascending")])
)
pd.DataFrame(
    [
        (flow["booked_on"], flow["payer"], flow["payee"], spoken(flow["amount_minor"], "USD"))
        for flow in largest.to_pylist()
    ],
    columns=["begins", "from", "to", "amount"],
)

# %% [markdown]
# ## One bank's neighbourhood
#
# The bank that stands between most others: of those that both send and receive, the one with most counterparties on its
# thinner side. `ego` gives it, everybody one step away, and all flows among them; the picture shows the largest first,
# replays them in time, and lets you open the others.

# %%
totals = account_graph(window)
bank = max(totals, key=lambda node: (min(totals.in_degree(node), totals.out_degree(node)), totals.degree(node), node))
around = ego(window, bank, hops=1)
print(f"{bank}: {around.number_of_nodes()} banks, {around.number_of_edges()} flows among them")
around

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
for trip in trips[:3]:
    print("  " + " ".join(reason.sentence for reason in trip.reasons))
    for flow in payments.take([row_of[name] for name in trip.payments]).to_pylist():
        print(f"    {flow['booked_on']}  {spoken(flow['amount_minor'], 'USD'):>18}  {flow['payer']} -> {flow['payee']}")

# %%
stops = list(
    PassThrough(within=timedelta(days=31), least_credits=2, quiet=timedelta(days=31)).find(
        replace(window, cut="account", _memo={})
    )
)
print(f"{len(stops)} pass-throughs")
for stop in sorted(stops, key=lambda stop: (-stop.strength, stop.order))[:5]:
    print(f"  {stop.centre}: " + " ".join(reason.sentence for reason in stop.reasons))

# %% [markdown]
# Without time, the graph alone has many more rings; almost all of them never carried the same money, which is why the
# detectors ask for order in time. And why nothing here was *traced*: a trace needs single payments and balances, and
# flows added up over months have neither.

# %%
rings = sorted(nx.simple_cycles(nx.DiGraph(totals), length_bound=4), key=lambda ring: (len(ring), ring))
print(f"{len(rings)} rings if time is ignored, by number of banks: {dict(sorted(Counter(map(len, rings)).items()))}")
print(f"Pictures: {', '.join(sorted(path.name for path in out.glob('*.png')))} in {out}")
