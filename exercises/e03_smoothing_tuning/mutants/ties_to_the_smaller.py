"""Take the first of several equally good strengths, going upwards."""

import math


def choose_smoothing(sweep: list[dict[str, float]]) -> float:
    upwards = sorted(sweep, key=lambda row: row["strength"])
    finite = [row for row in upwards if math.isfinite(row["dev"])]
    return min(finite, key=lambda row: row["dev"])["strength"]
