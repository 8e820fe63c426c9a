"""Detectors of shape: one file for each pattern of payments in time."""
