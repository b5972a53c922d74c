"""Makers that the tests share."""
