"""Models of what is ordinary, which the outlier detectors fit among peers: one file for each."""
