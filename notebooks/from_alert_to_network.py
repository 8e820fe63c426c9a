# %% [markdown]
# # From an alert to the network behind it
#
# The night left a list. The first alert names an account, and the account is rarely the story: who feeds it, who is
# fed, who moves in step with it, and what would make all of it ordinary? The pattern is looked for in the whole network
# before anything is said about one person.

# %%
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.ledger import Ledger
from flows.money import spoken
from flows.payments import node_class
from graphs.case import Case
from graphs.trace_questions import same_position

demo = Path(os.environ.get("MONEYTRAIL_DEMO", "moneytrail-demo"))
if not (demo / "report.html").is_file():
    make = [sys.executable, "-m", "moneytrail", "demo", "--out", str(demo), "--quiet"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
ledger = Ledger.open(demo / "ledger")
alerts = json.loads((demo / "alerts.json").read_text(encoding="utf-8"))
print(f"{len(alerts)} alerts; the first five:")
for alert in alerts[:5]:
    print(f"  {alert['score']:.2f} {alert['tier']:<8} {alert['title']}")

# %% [markdown]
# ## Read the first one
#
# Why it is here, in numbers. Then, with the same attention, what speaks for an ordinary story and what nobody could
# look at: an alert is a question.

# %%
alert = alerts[0]
print(alert["title"], "\n")
for indicator in alert["indicators"]:
    print(f"  {indicator['score']:.2f} {indicator['id']}: {indicator['sentence']}")
print("\nSpeaks for an ordinary story:")
for said in alert["mitigations"] or [{"sentence": "nothing in the data; that is not the same as nothing"}]:
    print("  -", said["sentence"])
for story in alert["innocent"][:4]:
    print("  - it could be:", story.rstrip("."))

# %% [markdown]
# ## The payments of the alert, and nothing else
#
# A case keeps every step from here on. It opens with exactly the payments the alert rests on, drawn left to right.
# Likely roles come from the alert; they say what the money did, not who anybody is.

# %%
case = Case(ledger, title=alert["title"], who="an investigator")
case.open(payments=alert["payments"])
roles = {account["account_id"]: account["likely_role"] for account in alert["accounts"]}


def with_roles(graph):
    """Colour a graph by the likely roles of the alert, and mark the account it is about."""
    graph.graph["account"] = alert["accounts"][0]["account_id"]
    for name in graph:
        if name in roles:
            graph.nodes[name]["role"] = roles[name]
    return graph


evidence = with_roles(case.view)
print(f"{evidence.number_of_nodes()} accounts and places, {evidence.number_of_edges()} payments")
evidence

# %% [markdown]
# ## Who is in the middle
#
# The account it is about is listed first, but the one that money must pass is found by counting: what comes in and goes
# out within these payments, whichever is smaller.

# %%
moved = pd.DataFrame(
    [(payer, payee, known["amount_minor"], known["currency"]) for payer, payee, known in evidence.edges(data=True)],
    columns=["payer", "payee", "minor", "currency"],
)
currency = moved["currency"].mode()[0]
moved = moved[moved["currency"] == currency]
through = pd.concat(
    [moved.groupby("payee")["minor"].sum().rename("came in"), moved.groupby("payer")["minor"].sum().rename("went out")],
    axis=1,
).fillna(0)
through["passed"] = through.min(axis=1)
own = through[[node_class(name) == "account" for name in through.index]].sort_values("passed", ascending=False)
middle = own.index[0]
print(f"{middle} ({roles.get(middle, 'no role')}) is in the middle, by what passed it in {currency}")
own.head(8).map(lambda minor: spoken(int(minor), currency))

# %% [markdown]
# ## One step further
#
# Everybody the middle account dealt with in the last sixty days, wages and shopping included. What the alert did not
# name is grey; look for the strangers with large arrows.

# %%
wider = with_roles(case.expand(middle, hops=1, days=60))
new = sorted(set(wider) - set(evidence))
print(f"{len(new)} accounts and places came into view")
wider

# %% [markdown]
# ## Who moves in step
#
# Two questions a picture does not answer. Who else is paid by the same payers and pays the same payees? And who shares
# a phone, an address or a device with the holders in the alert?

# %%
alike = [one for one in same_position(case.window, middle, most=8) if one.account not in roles]
print(f"{len(alike)} accounts outside the alert stand in a similar position")
pd.DataFrame(
    [(one.account, f"{one.similarity:.2f}", len(one.shared_payers), len(one.shared_payees)) for one in alike],
    columns=["account", "similarity", "shared payers", "shared payees"],
)

# %%
side = case.window.side
in_pattern = [name for name in roles if node_class(name) == "account"]
if side.accounts is not None and side.links is not None:
    held = side.accounts.filter(pc.is_in(side.accounts["account_id"], value_set=pa.array(in_pattern)))
    holders = dict(zip(held["customer_id"].to_pylist(), held["account_id"].to_pylist(), strict=True))
    links = side.links.to_pandas()
    own = links[links["customer_id"].isin(set(holders))]
    theirs = own.groupby(["kind", "value_hash"])["customer_id"].agg(lambda names: sorted(set(names)))
    together = theirs[theirs.map(len) > 1].sort_values(key=lambda names: -names.map(len), kind="stable")
    print(f"{len(together)} phones, addresses, devices... are shared by two or more holders in the alert")
    for (kind, _), names in together.head(6).items():
        print(f"  one {kind}: {len(names)} holders, of {', '.join(holders[name] for name in names)}")
else:
    print("There are no links, so shared phones, addresses and devices cannot be seen.")

# %% [markdown]
# ## What to ask next
#
# Not yet "is this trafficking", which no payment shows. Whether money can be followed out of the middle is the next
# notebook, `follow_the_money.py`. What would settle the ordinary story is in the alert:

# %%
for said in alert["would_clear"][:5]:
    print("-", said)
case.note(f"{middle} is what the money passes. Before anybody is approached: {alert['would_clear'][0]}")
print(f"\nThe case has {len(case.steps)} steps.")
