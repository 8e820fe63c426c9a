"""Case kinds, one file each: patterns as published, planted into the invented bank's ordinary life."""
