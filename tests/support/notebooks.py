"""Notebooks as learners write them, and what is said of one that is broken."""

import json
from typing import Any

RESTORE = "open it in Jupyter and save it again, or begin again: study start ID --notebook --force"


def notebook(*cells: str | dict[str, Any], **changes: Any) -> str:
    """Write a notebook of code cells."""
    made = [
        cell
        if isinstance(cell, dict)
        else {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{n}",
            "metadata": {},
            "outputs": [],
            "source": cell,
        }
        for n, cell in enumerate(cells, 1)
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | changes)
