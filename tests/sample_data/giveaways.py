"""How far a ranking by one simple property of an account, or a plain isolation forest, finds the planted ones.

`python -m tests.sample_data.giveaways FOLDER ...` prints the table of docs/simulator.md for simulated banks.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score

READ = [
    "payment_id", "payer", "payee", "amount", "sent_at", "utc_offset_min", "channel", "status",
    "payer_country", "payee_country",
]  # fmt: skip
ROUND = 10_00
NIGHT = (22, 6)
# Roles at which the money of many meets: those a ranking by payers would look for.
GATHERING = ("funnel", "collector", "hub", "front_firm", "broker", "facilitator")
FOREST = "isolation forest over all of these"


def properties(folder: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Give simple properties of every everyday account of a bank, and what part each has in a case.

    Parameters
    ----------
    folder : Path
        What `simulate` wrote.

    Returns
    -------
    tuple of dict and numpy.ndarray
        Property -> value of each account; the role of each in a case, empty for most.
    """
    accounts = csv.read_csv(folder / "accounts.csv")
    accounts = accounts.filter(pc.is_in(accounts["kind"], pa.array(["current", "business"])))
    names = accounts["account_id"].combine_chunks()
    told = {row["subject"]: row["role"] for row in csv.read_csv(folder / "labels.csv").to_pylist()}
    roles = np.array([told.get(name, "") for name in names.to_pylist()])
    rows = pq.read_table(folder / "payments.parquet", columns=READ)
    first = rows.append_column("row", pa.array(np.arange(len(rows)))).group_by("payment_id").aggregate([("row", "min")])
    rows = rows.take(pa.array(np.sort(first["row_min"].to_numpy())))
    rows = rows.filter(pc.not_equal(rows["status"], "attempted"))
    cents = np.rint(rows["amount"].cast(pa.float64()).to_numpy() * 100).astype(np.int64)
    local = (rows["sent_at"].cast(pa.int64()).to_numpy() / 3.6e9 + rows["utc_offset_min"].to_numpy() / 60) % 24
    night = (local >= NIGHT[0]) | (local < NIGHT[1])
    notes = pc.is_in(rows["channel"], pa.array(["cash_branch", "cash_adm"])).to_numpy()
    abroad = (
        pc.or_kleene(pc.not_equal(rows["payer_country"], "FR"), pc.not_equal(rows["payee_country"], "FR"))
        .fill_null(False)
        .to_numpy()
    )
    count, values = len(names), {}
    for way, end, other in (("in", "payee", "payer"), ("out", "payer", "payee")):
        at = pc.index_in(rows[end], names).fill_null(-1).to_numpy()
        mine = at >= 0
        who, sums = at[mine], cents[mine]
        partner = rows[other].combine_chunks().dictionary_encode().indices.to_numpy()[mine]
        times = np.bincount(who, minlength=count)
        pairs = np.unique(np.stack([who, partner]), axis=1)[0]
        values[f"payments {way}"] = times
        values["payers" if way == "in" else "payees"] = np.bincount(pairs, minlength=count)
        total = np.bincount(who, weights=sums, minlength=count)
        values[f"sum {way}"], values[f"mean amount {way}"] = total, total / np.maximum(times, 1)
        largest = np.zeros(count)
        np.maximum.at(largest, who, sums)
        values[f"largest amount {way}"] = largest
        timed = ~np.isnan(local[mine])
        clock = np.maximum(np.bincount(who[timed], minlength=count), 1)
        for name, what in (("night share", night[mine]), ("mean hour", local[mine])):
            values[f"{name} {way}"] = np.bincount(who[timed], weights=what[timed], minlength=count) / clock
        for name, what in (("round share", cents % ROUND == 0), ("share in notes", notes), ("share abroad", abroad)):
            values[f"{name} {way}"] = np.bincount(who, weights=what[mine], minlength=count) / np.maximum(times, 1)
        seen = np.full(count, len(rows))
        np.minimum.at(seen, who, np.flatnonzero(mine))
        values[f"first row {way}"] = seen
    values["in and out, ratio"] = values["sum out"] / np.maximum(values["sum in"], 1)
    values["account age"] = -accounts["opened_on"].cast(pa.int32()).to_numpy()
    values["account number"] = pc.rank(names).to_numpy()
    values["customer number"] = pc.rank(accounts["customer_id"].combine_chunks()).to_numpy()
    return values, roles


def average_precisions(values: dict[str, np.ndarray], planted: np.ndarray) -> tuple[float, dict[str, float]]:
    """Give the share of planted accounts, and how well each property ranks them, whichever end is the conspicuous one.

    Parameters
    ----------
    values : dict of numpy.ndarray
        Property -> value of each account.
    planted : numpy.ndarray of bool
        Which of them are to be found.

    Returns
    -------
    tuple of float and dict
        The base rate, which is what a ranking by chance reaches; property -> average precision.
    """
    found = {
        name: max(average_precision_score(planted, column), average_precision_score(planted, -column))
        for name, column in values.items()
    }
    table = np.column_stack([column.astype(float) for column in values.values()])
    forest = IsolationForest(n_estimators=200, random_state=0).fit(table)
    found[FOREST] = average_precision_score(planted, -forest.score_samples(table))
    return float(planted.mean()), {name: float(value) for name, value in found.items()}


def main(folders: list[str]) -> None:
    """Print a table, the strongest first; over several banks the means."""
    banks = [properties(Path(folder)) for folder in folders]
    columns = [
        [average_precisions(values, which(roles)) for values, roles in banks]
        for which in (lambda roles: roles != "", lambda roles: np.isin(roles, GATHERING))
    ]
    bases = [np.mean([rate for rate, _ in column]) for column in columns]
    means = [{name: np.mean([found[name] for _, found in column]) for name in column[0][1]} for column in columns]
    print(
        f"| ranking by | all in cases, of {bases[0]:.3f} | those where money meets, of {bases[1]:.4f} |\n|---|---|---|"
    )
    for name, value in sorted(means[0].items(), key=lambda item: -item[1]):
        print(f"| {name} | {value:.3f} | {means[1][name]:.3f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
