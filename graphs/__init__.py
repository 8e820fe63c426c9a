"""A window of payments seen as a graph: who paid whom, when, and where the money went."""
