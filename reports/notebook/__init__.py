"""What things look like in a notebook: one view per kind of thing, found by the name it gives (`flows.showing`)."""
