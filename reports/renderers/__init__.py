"""One file for each medium a report is written in."""
