"""Detectors of rarity: one file for each statistical model over the features of accounts."""
