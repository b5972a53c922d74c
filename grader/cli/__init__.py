"""The `study` command: parse, call one function, hand the result to a view."""

from grader.cli.main import main

__all__ = ["main"]
