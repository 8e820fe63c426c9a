"""One file for each file format that payments arrive in."""
