"""A night of moneytrail as an Airflow DAG: one task, safe to run again, whose exit codes say what happened."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta

from airflow.sdk import dag, task

SETTINGS = os.environ.get("MONEYTRAIL_SETTINGS", "/etc/moneytrail/bank.toml")
DONE, PARTIAL, LOCKED = 0, 4, 5


# A night that died goes on where it stopped; one that was done is not done again. So tries do no harm.
@task(retries=3, retry_delay=timedelta(minutes=10), execution_timeout=timedelta(hours=6))
def night() -> None:
    """Take in what is new, scan, store and report."""
    words = ["moneytrail", "--log-format", "json", "night", "--settings", SETTINGS, "--quiet"]
    code = subprocess.run(words, check=False).returncode  # noqa: S603 - our own words and a path of the operator
    if code == PARTIAL:
        print("a question could not be asked: see page one of the report")
    elif code != DONE:
        # Under the lock of another night (5), too: the next try will find it done.
        raise RuntimeError(f"moneytrail night left with code {code}")


@dag(schedule="30 2 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)  # noqa: DTZ001 - Airflow's own zone
def moneytrail_night() -> None:
    """One night."""
    night()


moneytrail_night()
