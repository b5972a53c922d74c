"""JUnit XML in the shape that pytest calls xunit2: a suite an exercise, a case a check."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from grader.core.verdict import CheckResult, Verdict
from grader.formats.plain import describe_circumstances, one_line, plain, split_printed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Of a suite and of all of them: which attribute counts which cases.
_COUNTS = ("tests", "errors", "failures", "skipped")
#: What the runner of GitHub Actions takes for a command, in whatever a step prints. As references to characters it is
#: the same text to a reader of XML.
_COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


def render(verdict: Verdict) -> str:
    """Return the report of one grade."""
    return write_suites([make_suite(verdict)])


def render_error(message: str, hint: str | None) -> str:
    """Return the report of a grade that could not be made."""
    return write_suites([make_error_suite("study grade", message, hint)])


class Row(Protocol):
    """What came of one exercise of several: a verdict, or why there is none."""

    @property
    def exercise(self) -> str: ...
    @property
    def verdict(self) -> Verdict | None: ...
    @property
    def state(self) -> str: ...
    @property
    def message(self) -> str | None: ...
    @property
    def hint(self) -> str | None: ...


def render_rows(rows: Sequence[Row]) -> str:
    """Return the report of several exercises: a suite for each."""
    return write_suites(
        [
            make_suite(row.verdict)
            if row.verdict is not None
            else make_error_suite(row.exercise, row.message or row.state, row.hint)
            for row in rows
        ]
    )


def make_suite(verdict: Verdict) -> "Element":
    """Make the suite of one exercise; its properties tell how to repeat the grade, and the points."""
    from xml.etree.ElementTree import SubElement

    suite = _make_suite(verdict.exercise, verdict.elapsed_s)
    properties = SubElement(suite, "properties")
    told = {
        "verdict": verdict.verdict,
        "score": f"{verdict.score} of {verdict.max_score}",
        "seed": str(verdict.seed),
        "device": verdict.device,
        "circumstances": describe_circumstances(verdict),
    } | {f"points.{check.id}": str(check.points) for check in verdict.checks}
    for name, value in told.items():
        SubElement(properties, "property", name=one_line(name), value=one_line(value))
    for check in verdict.checks:
        _add_case(suite, verdict.exercise, check)
    return suite


def make_error_suite(name: str, message: str, hint: str | None) -> "Element":
    """Make the suite of an exercise that could not be graded: one case, which is an error."""
    from xml.etree.ElementTree import SubElement

    suite = _make_suite(name, 0.0)
    case = SubElement(suite, "testcase", classname=one_line(name), name="grade", time="0.000")
    first = one_line(message.partition("\n")[0])
    text = message + (f"\nnext: {hint}" if hint else "")
    SubElement(case, "error", type="not_graded", message=first).text = plain(text)
    return suite


def write_suites(suites: "Sequence[Element]") -> str:
    """Return a whole document; every suite, and all of them, count their cases."""
    from xml.etree.ElementTree import Element, indent, tostring

    root = Element("testsuites", name="study")
    for suite in suites:
        cases = suite.findall("testcase")
        found = [child.tag for case in cases for child in case]
        counts = [len(cases), found.count("error"), found.count("failure"), found.count("skipped")]
        suite.attrib.update(zip(_COUNTS, map(str, counts), strict=True))
        root.append(suite)
    # Of all suites together xunit2 counts no skipped ones.
    root.attrib.update({name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in _COUNTS[:3]})
    root.set("time", f"{sum(float(suite.attrib['time']) for suite in suites):.3f}")
    indent(root)
    text = _COMMAND.sub(_hide_command, tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _hide_command(found: "re.Match[str]") -> str:
    return "".join(f"&#{ord(mark)};" if mark in ":#" else mark for mark in found[0])


def _make_suite(name: str, elapsed_s: float) -> "Element":
    from xml.etree.ElementTree import Element

    return Element("testsuite", name=one_line(name), time=f"{elapsed_s:.3f}")


def _add_case(suite: "Element", exercise_id: str, check: CheckResult) -> None:
    from xml.etree.ElementTree import SubElement

    case = SubElement(
        suite, "testcase", classname=one_line(exercise_id), name=one_line(check.id), time=f"{check.elapsed_s:.3f}"
    )
    if check.facts.junit is None:
        return
    text, printed = split_printed(check)
    first = one_line(check.message.partition("\n")[0])
    SubElement(case, check.facts.junit, type=check.status, message=first).text = plain(f"{check.title}\n{text}")
    if printed:
        SubElement(case, "system-out").text = printed
