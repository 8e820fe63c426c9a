"""One file for each format that alerts and findings are handed on in."""
