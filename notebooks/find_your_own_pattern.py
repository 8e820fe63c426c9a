# %% [markdown]
# # Find a pattern that nobody foresaw
#
# An investigator notices something in one case: money comes in, and within hours nearly all of it goes on to a place
# where it can no longer be followed. Is that a habit of one account, or a pattern? The steps from a hunch to a question
# that is asked every night: draw it, write it, ask everybody, see who else does it innocently, and measure how often
# chance does the same.

# %%
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa

from detectors.declared_pattern import Declaration, DeclaredPattern
from detectors.pattern import Pattern
from flows.ledger import Ledger
from flows.window import in_order
from graphs.case import Case
from graphs.hubs import labelled
from graphs.views import payment_graph

demo = Path(os.environ.get("MONEYTRAIL_DEMO", "moneytrail-demo"))
if not (demo / "report.html").is_file():
    make = [sys.executable, "-m", "moneytrail", "demo", "--out", str(demo), "--quiet"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
ledger = Ledger.open(demo / "ledger")
window = labelled(ledger.window())

# %% [markdown]
# ## Write the hunch as text
#
# Names are accounts, arrows are payments in order of time, and conditions stand before the arrow they are about
# (`docs/patterns.md`). The tool says back how it understood it: read that aloud before believing any match.

# %%
hunch = Pattern.parse("""
    a -> b within 24h keeps 0.8..1 -> c
    c: vasp or msb or cash
    b as "passes it on"
""")
matches = list(hunch.find(window))
if not matches:
    print("Nobody here does that: an answer too. Ask wider, for any payee.\n")
    hunch = Pattern.parse('a -> b within 24h keeps 0.8..1 -> c; b as "passes it on"')
    matches = list(hunch.find(window))
print(hunch.explained)
print(f"\n{len(matches):,} matches, at {len({match.accounts['b'] for match in matches}):,} accounts")

# %% [markdown]
# ## Look at one before counting them
#
# The account with most matches, as a case. A number without a look at its payments is how false alarms are born.

# %%
by_account = Counter(match.accounts["b"] for match in matches)
busiest = max(by_account, key=lambda name: (by_account[name], name))
of_busiest = sorted({name for match in matches if match.accounts["b"] == busiest for name in match.payments})
case = Case(ledger, title="Passed on and gone within a day", who="an investigator")
print(f"{busiest}: {by_account[busiest]} matches over {len(of_busiest)} payments")
case.open(payments=of_busiest)

# %% [markdown]
# ## Who does this innocently?
#
# Somebody paid in the morning who withdraws the rent in cash that evening matches too. What tells them apart is not one
# match but the habit: how many *different* people pay in, and how much of the account's life this is.

# %%
graph = payment_graph(window)
rows = []
for name, count in by_account.items():
    payers = {match.accounts["a"] for match in matches if match.accounts["b"] == name}
    inside = {payment for match in matches if match.accounts["b"] == name for payment in match.payments}
    rows.append((name, count, len(payers), len(inside) / (graph.in_degree(name) + graph.out_degree(name))))
habits = pd.DataFrame(rows, columns=["account", "matches", "payers", "share of its payments"]).set_index("account")
habits = habits.sort_values(["payers", "share of its payments"], ascending=False)
print(f"{(habits['payers'] == 1).mean():.0%} of the accounts match with a single payer: a wage, a partner, a parent?")
habits.head(10)

# %% [markdown]
# ## What it misses
#
# Whoever waits for a second payment: one exit then takes both, and is no share of either. So drop the share, and ask
# for two different payers within two days and one exit soon after. Each line is a choice of what no longer to see.

# %%
gathered = Pattern.parse("""
    a amount >= 100 -> b
    c within 48h amount >= 100 -> b
    b within 24h amount >= 150 -> d
    d: vasp or msb or cash
    b as "gathers and passes on"
""")
found = list(gathered.find(window))
accounts = Counter(match.accounts["b"] for match in found)
print(gathered.explained)
print(
    f"\n{len(found):,} matches at {len(accounts):,} accounts; {len(set(accounts) - set(by_account)):,} of them are new"
)

# %% [markdown]
# ## Would chance do the same?
#
# Deal the times of all payments out anew, keeping who paid whom and how much. Busy accounts match by accident; if the
# real order gives no more than the shuffled ones, the pattern is a description of being busy.

# %%
random = np.random.default_rng(7)
place = window.payments.column_names.index("at")
chance = []
for _ in range(5):
    at = window.payments["at"].take(pa.array(random.permutation(window.payments.num_rows)))
    dealt = in_order(window.payments.set_column(place, window.payments.schema.field("at"), at))
    chance.append(sum(1 for _ in gathered.find(replace(window, payments=dealt, _memo={}))))
print(f"{len(found):,} matches in the real order; {min(chance):,} to {max(chance):,} in {len(chance)} shuffled ones")

# %% [markdown]
# ## How they hang together
#
# Plain networkx on what was found: accounts that share payers or exits belong to one story. `case` and every view are
# networkx graphs, so all of its algorithms are at hand.

# %%
ties = nx.Graph()
for match in found:
    for other in ("a", "c", "d"):
        if match.accounts[other] not in window.hubs:
            ties.add_edge(match.accounts["b"], match.accounts[other])
groups = sorted(nx.connected_components(ties), key=lambda group: (-len(group), min(group)))
sizes = ", ".join(str(len(group)) for group in groups[:3])
print(f"{len(groups)} groups; the largest have {sizes or 0} accounts and places")
if groups:
    inside = {name for match in found if match.accounts["b"] in groups[0] for name in match.payments}
    case.open(payments=inside)
    case.note("The largest group of those who gather and pass on.")
case.view

# %% [markdown]
# ## Compare with what is known
#
# The invented bank has labels, so the hunch can be weighed: what share of the accounts found were planted, against the
# share of planted accounts among all? In a real bank, weigh it by what analysts decided.

# %%
labels = ledger.side("labels")
known = set() if labels is None else set(labels["subject"].to_pylist())
own = {name for name in graph if graph.nodes[name]["node_class"] == "account"}
for words, names in (("the hunch", set(by_account)), ("gathered and gone", set(accounts)), ("all accounts", own)):
    share = len(names & known & own) / max(1, len(names & own))
    print(f"{words:<16} {len(names & own):>5,} accounts, {share:.0%} of them planted")

# %% [markdown]
# ## Ask it every night
#
# A declared pattern is a detector like any other: in the settings of the scan it needs a title, an innocent story and
# what would settle it. No innocent story, no detector.

# %%
declared = DeclaredPattern(
    "gathered-and-gone",
    Declaration(
        text=str(gathered),
        title="Two payers, one exit within a day",
        innocent=("friends who pool money for a trip and one of them draws the cash",),
        clears=("the payers know each other and the purpose",),
    ),
)
nightly = list(declared.find(window))
best = max(nightly, key=lambda finding: finding.strength, default=None)
if best is not None:
    print(best.centre, *(reason.sentence for reason in best.reasons), sep="\n  ")
print(f"""
[patterns.gathered-and-gone]
text = '''{gathered}'''
title = "Two payers, one exit within a day"
innocent = ["friends who pool money for a trip and one of them draws the cash"]
clears = ["the payers know each other and the purpose"]
""")
