"""The small bank behind `moneytrail demo`, written anew: ``python -m sample_data.bundle``.

It is what `moneytrail simulate` writes for the plan `small.toml`, with the payments in one file a month, as a bank
delivers them; no file of the repository is larger than a megabyte. The same versions of packages give the same bytes.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sample_data.plan import read_plan
from sample_data.simulation import simulate
from sample_data.tables import ENCODED

CUSTOMERS, DAYS, SEED = 450, 105, 7
# A hundred and five days with the paydays of four months in them.
START = date(2026, 1, 19)
HERE = Path(__file__).parent
PLAN, SMALL = HERE / "small.toml", HERE / "small"


def write(out: Path) -> None:
    """Write the bank into a folder, in place of the one that is there."""
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "bank"
        simulate(whole, customers=CUSTOMERS, days=DAYS, seed=SEED, start=START, plan=read_plan(PLAN, DAYS))
        payments = whole / "payments.parquet"
        _by_month(pq.read_table(payments), whole)
        payments.unlink()
        if out.exists():
            shutil.rmtree(out)
        shutil.copytree(whole, out)


def _by_month(payments: pa.Table, folder: Path) -> None:
    month = pc.strftime(payments["booked_on"], format="%Y-%m")
    for name in pc.unique(month).sort().to_pylist():
        pq.write_table(payments.filter(pc.equal(month, name)), folder / f"payments-{name}.parquet", **ENCODED)


if __name__ == "__main__":
    write(SMALL)
