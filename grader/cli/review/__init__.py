"""The command `study review`."""
