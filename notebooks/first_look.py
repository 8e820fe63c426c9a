# %% [markdown]
# # A first look at a bank's payments
#
# You were given files and half a day. Before any alert: what is in here, what is missing, who pays whom, and how far
# can it be trusted? Everything below runs on the invented bank that comes with moneytrail; point `ledger` at your own
# and run it again.
#
# This and the other notebooks are plain Python scripts with cells (`# %%`): run them with `python`, or open them in
# Jupyter (with jupytext), VS Code or marimo (`marimo convert`). Pictures show themselves as the last line of a cell.

# %%
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc

from flows.ledger import Ledger
from flows.money import spoken
from flows.payments import node_class
from flows.window import left_out
from graphs.hubs import hubs
from graphs.neighbourhood import neighbourhood

demo = Path(os.environ.get("MONEYTRAIL_DEMO", "moneytrail-demo"))
if not (demo / "report.html").is_file():
    make = [sys.executable, "-m", "moneytrail", "demo", "--out", str(demo), "--quiet"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
ledger = Ledger.open(demo / "ledger")
ledger

# %% [markdown]
# ## What came in, and what did not
#
# Each file by its content, with rows kept and rejected. Rejected rows lie in the ledger's folder with a reason each;
# a reason that is common is a question to whoever made the file.

# %%
sources = ledger.sources().to_pandas()
print(f"{ledger.count():,} payments, booked {min(ledger.days())} to {max(ledger.days())}, from {len(sources)} files")
print("rejected, by reason:", ledger.rejected() or "nothing")
sources[["file_name", "table", "rows", "kept", "duplicates", "rejected"]]

# %% [markdown]
# Not every row moved money. What was undone, refused or is still pending is kept in the ledger and left out of every
# count from here on.

# %%
rows = ledger.payments(columns=("payment_id", "status", "reversal_of"))
for reason, count in left_out(rows).items():
    print(f"  {reason}: {count:,}")
window = ledger.window()
print(f"{window.payments.num_rows:,} payments moved money and stayed moved")

# %% [markdown]
# ## What is missing
#
# A question that needs a column is only as good as the column. Hours matter most: a booking date without an hour cannot
# say whether money left before or after it came.

# %%
payments = window.payments
known = {name: 1 - payments[name].null_count / payments.num_rows for name in payments.column_names}
known["an hour (ts_quality)"] = pc.mean(pc.not_equal(payments["ts_quality"], "date_only")).as_py()
gaps = pd.Series(known, name="share known").sort_values()
print("known for fewer than one payment in ten:", ", ".join(gaps.index[gaps < 0.1]) or "nothing")
gaps[gaps < 1].map("{:.0%}".format).to_frame()

# %% [markdown]
# Days without any payment are holidays, or a file that never came.

# %%
days = pd.Series(ledger.days()).rename_axis("booked on")
calendar = pd.date_range(days.index.min(), days.index.max(), freq="D").date
empty = [day for day in calendar if day not in days.index]
print(f"{len(empty)} of {len(calendar)} days have no payment" + (f", the first is {empty[0]}" if empty else ""))
quiet = days[days < days.median() / 4]
print(f"{len(quiet)} days have less than a quarter of the usual {days.median():,.0f} payments")

# %% [markdown]
# ## How people pay
#
# Amounts of different currencies are never added up; whole numbers of the smallest unit are, and exactly.

# %%
by_channel = (
    payments.select(["channel", "currency", "amount_minor"])
    .to_pandas()
    .groupby(["channel", "currency"])["amount_minor"]
    .agg(["size", "sum", "median"])
    .sort_values("size", ascending=False)
)
by_channel["sum"] = [spoken(int(total), currency) for (_, currency), total in by_channel["sum"].items()]
by_channel["median"] = [spoken(int(middle), currency) for (_, currency), middle in by_channel["median"].items()]
by_channel.rename(columns={"size": "payments"})

# %% [markdown]
# ## Who serves the public
#
# Everybody pays the power company. Such accounts are labels, not paths: two people who pay the same shop have nothing
# to do with each other. Read the list: an account on it that you do not know is a finding of its own.

# %%
public = hubs(payments)
print(f"{public.num_rows} nodes serve the public")
odd = public.filter(pc.not_equal(public["rule"], "public class")).to_pandas()
print(f"{len(odd)} of them by how they are paid, not by what they are")
odd[["account", "counterparties", "payments", "reason"]]

# %% [markdown]
# ## An ordinary customer
#
# Learn what ordinary looks like before looking for what is not. The account with the median number of payments, its
# neighbours, and what they pay each other in sixty days:

# %%
named = pd.concat([payments["payer"].to_pandas(), payments["payee"].to_pandas()])
counts = named[named.map(node_class) == "account"].value_counts().sort_index().sort_values(kind="stable")
median = counts.index[len(counts) // 2]
around = neighbourhood(ledger, median, hops=1, days=60)
print(f"{median} has {counts[median]} payments; {around.number_of_nodes()} accounts and places are one step away")
around

# %% [markdown]
# Salary in, rent and shopping out, some cash. Now you know what the alerts will have to differ from. The next notebook,
# `from_alert_to_network.py`, begins with one.
