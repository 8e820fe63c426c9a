"""One file for each format that the payments of a case or a trace are handed on in."""
