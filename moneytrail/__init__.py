"""Follow the money of human trafficking: the front door of flows, graphs, detectors and reports."""
