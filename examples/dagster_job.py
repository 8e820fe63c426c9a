"""A night of moneytrail as a Dagster job with its schedule: one op, safe to run again."""

from __future__ import annotations

import os
import subprocess

from dagster import Definitions, Failure, RetryPolicy, ScheduleDefinition, job, op

SETTINGS = os.environ.get("MONEYTRAIL_SETTINGS", "/etc/moneytrail/bank.toml")
DONE, PARTIAL, LOCKED = 0, 4, 5


# A night that died goes on where it stopped; one that was done is not done again. So tries do no harm.
@op(retry_policy=RetryPolicy(max_retries=int(os.environ.get("MONEYTRAIL_TRIES", "0")), delay=600))
def night(context) -> None:
    """Take in what is new, scan, store and report."""
    words = ["moneytrail", "--log-format", "json", "night", "--settings", SETTINGS, "--quiet"]
    code = subprocess.run(words, check=False).returncode  # noqa: S603 - our own words and a path of the operator
    if code == PARTIAL:
        context.log.warning("a question could not be asked: see page one of the report")
    elif code == LOCKED:
        context.log.warning("another night is under way; nothing was changed")
    elif code != DONE:
        raise Failure(f"moneytrail night left with code {code}")


@job
def moneytrail_night() -> None:
    """One night."""
    night()


definitions = Definitions(
    jobs=[moneytrail_night], schedules=[ScheduleDefinition(job=moneytrail_night, cron_schedule="30 2 * * *")]
)
