"""Payments: read from files, checked, kept in a ledger and cut into windows."""
