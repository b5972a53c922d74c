"""What the formats share: a verdict and its checks in plain words."""

import re
import textwrap

from grader.core.verdict import CheckResult, Verdict
from grader.text.printable import clean

#: Characters that may be printed, and yet stand in no XML and no YAML.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")
_PRINTED = re.compile(r"^printed(?: \(\d+ bytes in all\))?:$", re.MULTILINE)


def plain(text: str) -> str:
    """Make text safe in every format: no control characters but newline and tab, nothing that XML or YAML forbids."""
    return _NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):x}", clean(text))


def one_line(text: str) -> str:
    """Make text safe, and one line of it."""
    return " ".join(plain(text).split())


def headline(check: CheckResult) -> str:
    """Return the first line of what a check says, and the likely mistake."""
    first = one_line(check.message.partition("\n")[0]) or check.status.replace("_", " ")
    return f"{first} (likely: {one_line(check.cause)})" if check.cause else first


def explanation(check: CheckResult) -> str:
    """Return all that a check says, and the likely mistake."""
    likely = f"\nlikely    {check.cause}" if check.cause else ""
    return plain(check.message + likely)


def split_printed(check: CheckResult) -> tuple[str, str]:
    """Return (what a check says, what the learner's code printed meanwhile)."""
    found = _PRINTED.search(check.message)
    if found is None:
        return explanation(check), ""
    likely = f"likely    {check.cause}" if check.cause else ""
    printed = textwrap.dedent(check.message[found.end() :])
    return plain(check.message[: found.start()] + likely).rstrip("\n"), plain(printed).strip("\n")


def summarise(verdict: Verdict) -> str:
    """Say in one line what came of a grade."""
    points = f"{verdict.score} of {verdict.max_score} points"
    if verdict.verdict == "passed":
        return f"solved: {points}"
    if verdict.verdict == "grader_fault":
        return "the grader is at fault, not the submission: this attempt does not count"
    passed = sum(check.status == "passed" for check in verdict.checks)
    return f"not solved yet: {passed} of {len(verdict.checks)} checks, {points}"


def describe_circumstances(verdict: Verdict) -> str:
    """Say how to repeat a grade, and what of the sandbox was off."""
    off = [name.replace("_", " ") for name, on in verdict.isolation.items() if not on]
    corpus = f", {verdict.corpus} corpus" if verdict.corpus else ""
    layers = f", isolation layers off: {', '.join(off)}" if off else ""
    return f"{verdict.elapsed_s:.1f} s on {verdict.device}, seed {verdict.seed}{corpus}{layers}"
