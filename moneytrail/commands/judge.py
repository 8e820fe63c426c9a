"""`moneytrail judge`: the same as `moneytrail alerts judge`."""

from __future__ import annotations

from moneytrail.judging import judge as judge
