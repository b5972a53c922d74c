"""Notebooks: written for an exercise, and read as data. Nothing that is in one is run here."""
