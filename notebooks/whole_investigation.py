# %% [markdown]
# # A whole investigation, from an alert to a dossier
#
# One alert, one afternoon, written down as a case: each step with its numbers, so that a colleague or a court can take
# it again. The bank is invented, so at the end the answer can be looked up. In a real one there is no last page, only
# what would settle it.
#
# Two rules on the way. The network before the person: what is judged is a flow of money. And the holder of an account
# in the middle may be somebody under control, so no step warns, blocks or approaches anybody.

# %%
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from flows.errors import InputError
from flows.ledger import Ledger
from flows.money import spoken
from flows.payments import node_class
from graphs.case import Case
from moneytrail.casework import load, save, write_case

demo = Path(os.environ.get("MONEYTRAIL_DEMO", "moneytrail-demo"))
if not (demo / "report.html").is_file():
    make = [sys.executable, "-m", "moneytrail", "demo", "--out", str(demo), "--quiet"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
ledger = Ledger.open(demo / "ledger")
alert = json.loads((demo / "alerts.json").read_text(encoding="utf-8"))[0]
print(alert["title"])
print("Why:", alert["indicators"][0]["sentence"])

# %% [markdown]
# ## 1. What could it be?
#
# Written down before looking: stories that would explain it, innocent ones first, and what each would predict. A case
# that only ever looks for one story finds it.

# %%
case = Case(ledger, title=alert["title"], who="an investigator")
for story in alert["innocent"][:3]:
    case.note(
        f"It could be {story.rstrip('.')}. Then each payer would know the payee, and the sums would match a contract."
    )
case.note(
    "It could be that somebody else decides over these accounts. Then money would gather, and leave by few exits."
)

# %% [markdown]
# ## 2. The evidence of the alert

# %%
case.open(payments=alert["payments"])
roles = {account["account_id"]: account["likely_role"] for account in alert["accounts"]}
evidence = case.view
evidence.graph["account"] = alert["accounts"][0]["account_id"]
for name in evidence:
    evidence.nodes[name]["role"] = roles.get(name, "")
evidence

# %% [markdown]
# ## 3. Where it gathers
#
# The account that most money reached within the evidence. Its payers: how many, how regular, do they look like
# customers, tenants, colleagues?

# %%
came = defaultdict(Counter)
for payer, payee, known in evidence.edges(data=True):
    if node_class(payee) == "account":
        came[payee, known["currency"]][payer] += known["amount_minor"]
(middle, currency), payers = max(came.items(), key=lambda each: (sum(each[1].values()), each[0]))
total = sum(payers.values())
print(f"{middle} took in {spoken(total, currency)} from {len(payers)} payers within the evidence")
top = pd.DataFrame(
    [
        (payer, spoken(minor, currency), f"{minor / total:.0%}", roles.get(payer, ""))
        for payer, minor in payers.most_common(10)
    ],
    columns=["payer", "paid", "share", "likely role"],
)
case.note(f"{middle} gathers; the largest payer brings {payers.most_common(1)[0][1] / total:.0%} of it.")
top

# %% [markdown]
# Is that all it does? An account with a life of its own (wages, rent, groceries) belongs to somebody who lives; one
# that only takes in and passes on is a tool, whoever holds it.

# %%
wider = case.expand(middle, hops=1, days=90)
channels = Counter()
for _, _, known in [*wider.in_edges(middle, data=True), *wider.out_edges(middle, data=True)]:
    channels[known["channel"]] += 1
print(f"{wider.number_of_nodes()} accounts and places around it in ninety days; its payments by channel:")
print("  " + ", ".join(f"{channel} {count}" for channel, count in channels.most_common()))
everyday = channels["card_pos"] + channels["card_cnp"] + channels["direct_debit"]
case.note(f"{everyday} of {channels.total()} payments of {middle} are card payments and direct debits: everyday life.")

# %% [markdown]
# ## 4. Where the money went
#
# Everything that came in, followed through the whole ledger under every rule. The trace draws itself; the table has the
# figures a decision would rest on.

# %%
seeds = [
    key
    for payer, payee, key, known in evidence.edges(keys=True, data=True)
    if payee == middle and known["currency"] == currency
]
(forward,) = case.trace(payments=seeds)
forward

# %%
ends = defaultdict(dict)
for rule, found in forward.endpoints.items():
    for end in found:
        ends[end.node, end.end_class][rule] = end.amount_minor
rows = sorted(ends.items(), key=lambda each: -max(each[1].values()))[:8]
pd.DataFrame(
    {rule: [spoken(by.get(rule, 0), currency) for _, by in rows] for rule in forward.endpoints},
    index=[f"{node} ({kind})" for (node, kind), _ in rows],
)

# %%
sums = {rule: Counter() for rule in forward.endpoints}
for rule, found in forward.endpoints.items():
    for end in found:
        sums[rule][end.end_class] += end.amount_minor
largest = Counter(max(by, key=by.get) for by in sums.values()).most_common(1)[0][0]
agree = sum(max(by, key=by.get) == largest for by in sums.values())
bounds = {bound.end_class: bound for bound in forward.class_bounds}
said = f"Under {agree} of {len(sums)} rules most of it ended as '{largest}'"
if largest in bounds:
    said += f"; no rule can make that less than {spoken(bounds[largest].lo_minor, currency)}"
case.note(said + ".")
print(said + ".")

# %% [markdown]
# ## 5. Where it came from
#
# Backward from the largest payment that left: is the money wages, cash, or money that others gathered before?

# %%
out = sorted(
    (
        (known["amount_minor"], key)
        for _, _, key, known in wider.out_edges(middle, keys=True, data=True)
        if known["currency"] == currency
    ),
    reverse=True,
)
if out:
    (backward,) = case.trace(payments=[out[0][1]], direction="backward")
    for rule, found in backward.endpoints.items():
        print(f"  {rule:<12} " + ", ".join(f"{end.node} {spoken(end.amount_minor, currency)}" for end in found[:3]))

# %% [markdown]
# ## 6. What did we know, and when?
#
# "Could you not have seen it in its first week?" is asked in every review. The same question to the ledger as it was
# booked by that day. (What was *recorded* by a day, `ledger.known_on`, is another question; this ledger was made today
# from old files, so it knew nothing back then, and says so.)

# %%
first = date.fromisoformat(alert["first_at"][:10])
for days in (7, 21, 45):
    then = Case(ledger, title=f"after {days} days", who="an investigator", as_of=first + timedelta(days=days))
    try:
        seen = then.open(middle, hops=1, days=90)
        came, went = seen.in_degree(middle), seen.out_degree(middle)
        print(f"after {days:>2} days: {came:>3} payments in, {went:>3} out, {len(seen) - 1:>3} counterparties")
    except InputError:
        print(f"after {days:>2} days: nothing yet")

# %% [markdown]
# ## 7. Close it, for now
#
# What a reader must know to decide, what is missing, and what would settle it. Then the dossier: one page that opens
# anywhere, the payments in the formats of other tools, and the trail of what was looked at.

# %%
unasked = len(alert["not_computable"])
case.note(
    f"Open: {'; '.join(alert['would_clear'][:2])}. {unasked} questions could not be asked. Nobody was approached."
)
out_folder = Path(os.environ.get("MONEYTRAIL_OUT") or tempfile.mkdtemp(prefix="whole-investigation-"))
save(case, out_folder / "investigation.case.json")
write_case(case, out_folder / "dossier", ["gexf", "evidence-pack", "i2"])
for path in sorted((out_folder / "dossier").iterdir()):
    print(f"{path.stat().st_size:>9,} bytes  {path.name}")

# %% [markdown]
# ## 8. Taken again
#
# A colleague opens the case file. Every step is taken again on the same version of the ledger, and each must give the
# same numbers.

# %%
again = load(out_folder / "investigation.case.json", ledger, who="a colleague")
assert [step.found for step in again.steps] == [step.found for step in case.steps]
print(f"{len(again.steps)} steps were taken again and gave identical numbers.")
again

# %% [markdown]
# ## 9. The last page
#
# The bank is invented, so its maker left the answer: which accounts were planted, in which part. Real ledgers have no
# such page, and here too it is a label of a story, not of a person.

# %%
labels = ledger.side("labels")
if labels is None:
    print("This ledger has no labels.")
else:
    planted = {row["subject"]: row for row in labels.to_pylist()}
    inside = [planted[name] for name in roles if name in planted]
    print(f"{len(inside)} of {sum(node_class(name) == 'account' for name in roles)} accounts in the alert were planted")
    for (kind, role), count in Counter((row["typology"], row["role"]) for row in inside).most_common(8):
        print(f"  {count} x {kind}, {role}")
    print(
        f"{middle}, which we took for the middle:",
        planted[middle]["role"] if middle in planted else "an ordinary account; we were wrong",
    )
