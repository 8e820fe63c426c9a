"""What people are given: alerts, the report and the files for other programs."""
