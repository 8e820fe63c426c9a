"""Innocent archetypes, one file each: lawful lives that look like a case to a single indicator."""
