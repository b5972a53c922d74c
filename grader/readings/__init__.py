"""Readings beyond the course: found by words, taken from Markdown lists, and written for other tools."""
