"""Questions asked of a window of payments; each answer is a finding with its evidence."""
