"""Hostile submissions: every file of a family is graded, and must get the verdict its docstring names."""
