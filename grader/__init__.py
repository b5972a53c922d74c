"""Grade deep-learning exercises with hidden checks, and keep track of what was learned."""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook `%study` and `%%study`; called by IPython for `%load_ext grader`."""
    from grader.jupyter import register  # importing grader stays cheap

    register(shell)
