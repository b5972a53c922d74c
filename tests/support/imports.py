"""What a process has imported."""

HEAVY = {"torch", "numpy", "pytest", "_pytest", "nbformat", "hypothesis", "jinja2", "matplotlib"}


def imported_by(stderr: str) -> set[str]:
    """Return the top-level modules that `PYTHONPROFILEIMPORTTIME` reports."""
    lines = [line.rpartition("|")[2].strip() for line in stderr.splitlines() if line.startswith("import time:")]
    return {name.partition(".")[0] for name in lines}
