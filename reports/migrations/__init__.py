"""How an alert store of an earlier version becomes one of today: one file per step, run in order when it is opened."""
