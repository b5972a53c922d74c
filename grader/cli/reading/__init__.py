"""The command `study read`, and reading lists that are imported."""
