"""Notebooks: written for an exercise, and read as data. Nothing that stands in one is run here."""
