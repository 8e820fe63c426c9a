"""Composite typologies: which indicators together make a story, one file each; see `detectors.typology`."""
