"""Published red flags made measurable, one file each; `detectors.indicator` says what they owe."""
