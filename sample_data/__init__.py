"""The simulator: an invented bank with planted cases and innocent look-alikes, and the small bank that is bundled."""
