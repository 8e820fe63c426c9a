"""One file for each way of carrying a function to the windows of a ledger."""
