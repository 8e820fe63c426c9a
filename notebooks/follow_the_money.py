# %% [markdown]
# # Follow the money: five rules, one trail
#
# Money reached an account; where did it go? The answer depends on a convention, because money in an account has no
# serial numbers. So a trace states five conventions side by side, and beside them what *no* convention can leave. Which
# one applies is for a lawyer; what an investigator needs is to see where they agree.

# %%
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from flows.ledger import Ledger
from flows.money import exponent, spoken
from flows.payments import node_class
from graphs.hubs import labelled
from graphs.trace import TraceLimits, trace
from graphs.trace_assumptions import CONVENTIONS
from graphs.trace_questions import narrowest_cut, recoverable, time_to_exit

demo = Path(os.environ.get("MONEYTRAIL_DEMO", "moneytrail-demo"))
if not (demo / "report.html").is_file():
    make = [sys.executable, "-m", "moneytrail", "demo", "--out", str(demo), "--quiet"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
ledger = Ledger.open(demo / "ledger")
window = labelled(ledger.window())
window

# %% [markdown]
# ## Which money
#
# In each of the first ten alerts, what its payments brought to each account; then a quick look with one rule at how
# fast that left the bank. The fastest is the one to follow. Nothing is chosen by hand: run it on another ledger and it
# finds its own.

# %%
alerts = json.loads((demo / "alerts.json").read_text(encoding="utf-8"))
row_of = {name: row for row, name in enumerate(window.payments["payment_id"].to_pylist())}
quick = TraceLimits(most_bounds=0)
candidates = []
for alert in alerts[:10]:
    brought = defaultdict(list)
    for row in window.payments.take([row_of[name] for name in alert["payments"]]).to_pylist():
        if node_class(row["payee"]) == "account":
            brought[row["payee"], row["currency"]].append(row["payment_id"])
    for (account, currency), names in brought.items():
        looked = trace(window, names, rules=["fifo"], limits=quick)
        exits = time_to_exit(looked, "fifo")
        gone, hours = (exits.amount_minor, exits.half_hours) if exits else (0, float("inf"))
        # First those that several payments reached and that passed on most of it; among them the fastest.
        candidates.append((len(names) < 3, 2 * gone <= looked.total_minor, hours, account, currency, names))
_, _, hours, account, currency, seeds = min(candidates)
print(f"{len(candidates)} accounts looked at; of what left {account}, half was gone after {hours:,.0f} h")
found = trace(window, seeds)
print(f"{spoken(found.total_minor, currency)} came to {account} in {len(seeds)} payments")
found

# %% [markdown]
# ## Where the rules agree
#
# Every column sums to the start, to the cent; a run in which it does not stops. Look along a row: where the five
# figures are near each other, the convention hardly matters and an argument about it is a waste of time. Where they
# differ widely, everything hangs on it.

# %%
ends = pd.DataFrame(
    [(rule, end.end_class, end.amount_minor) for rule, ends in found.endpoints.items() for end in ends],
    columns=["rule", "ended as", "minor"],
)
by_class = ends.pivot_table("minor", "ended as", "rule", aggfunc="sum", fill_value=0)[list(found.endpoints)]
bounds = {bound.end_class: (bound.lo_minor, bound.hi_minor) for bound in found.class_bounds}
by_class["least"] = [bounds.get(kind, (0, 0))[0] for kind in by_class.index]
by_class["most"] = [bounds.get(kind, (0, 0))[1] for kind in by_class.index]
assert (by_class[list(found.endpoints)].sum() == found.total_minor).all()
by_class.map(lambda minor: spoken(minor, currency))

# %%
figure, axes = plt.subplots(figsize=(9, 0.9 + 0.7 * len(by_class)), layout="constrained")
unit = 10 ** exponent(currency)
colours = dict(zip(found.endpoints, ("#3b6ea8", "#c8553d", "#5b8c5a", "#8d6bb1", "#d69f3a"), strict=True))
for place, (_, row) in enumerate(by_class.iterrows()):
    axes.plot(
        [row["least"] / unit, row["most"] / unit], [place, place], color="#c9c9c9", linewidth=10, solid_capstyle="butt"
    )
    for step, rule in enumerate(found.endpoints):
        axes.plot(
            row[rule] / unit,
            place + (step - 2) * 0.11,
            "o",
            color=colours[rule],
            markersize=7,
            label=rule if not place else None,
        )
axes.set_yticks(range(len(by_class)), by_class.index)
axes.set_xlabel(f"{currency}; the grey bar is what no rule can leave")
axes.set_title(f"Where the money of {account} ended, rule by rule", loc="left")
axes.legend(ncols=5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.28 if len(by_class) < 4 else -0.16))
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## What the conventions mean

# %%
for rule in found.endpoints:
    print(f"{rule:<12} {CONVENTIONS[rule]}")
tight = [kind for kind, row in by_class.iterrows() if row["least"] == row["most"]]
print(f"\nCertain whatever the rule: {', '.join(tight) or 'no class of endpoint'}")
floor = sum(row["least"] for _, row in by_class.iterrows())
print(f"{floor / found.total_minor:.0%} of the money is pinned to a class of endpoint by the ledger alone")

# %% [markdown]
# ## The questions of the first hour
#
# What is still there to be secured? How fast did it leave? Which accounts did it all have to pass, and would have
# stopped it?

# %%
answers = []
for rule in found.endpoints:
    left = recoverable(found, rule)
    exits = time_to_exit(found, rule)
    cut = narrowest_cut(found, rule)
    answers.append(
        {
            "rule": rule,
            "still in accounts": spoken(sum(one.amount_minor for one in left), currency),
            "in how many": len(left),
            "half of what left was gone after": f"{exits.half_hours:,.0f} h" if exits else "it did not leave",
            "fewest in between": ", ".join(cut.names) or "no account",
            "passed through them": spoken(cut.passed_minor, currency),
        }
    )
pd.DataFrame(answers).set_index("rule")

# %% [markdown]
# ## And where it came from
#
# The same question from the other end: of what left the account last, whose money was it? FIFO and LIFO are exact
# mirrors of the way forward.

# %%
out = [row for row in window.payments.to_pylist() if row["payer"] == account and row["currency"] == currency]
if out:
    last = out[-1]
    back = trace(window, [last["payment_id"]], direction="backward")
    print(
        f"The last {spoken(last['amount_minor'], currency)} that left went to {last['payee']} on {last['at']:%d %B %Y}"
    )
    for rule, ends in back.endpoints.items():
        first = ends[0]
        print(f"  {rule:<12} most of it, {spoken(first.amount_minor, currency)}, from {first.node}")

# %% [markdown]
# ## What was taken for granted
#
# These sentences belong under every figure above, in a report too.

# %%
for said in found.assumptions:
    print("-", said)
