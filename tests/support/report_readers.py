"""Strict readers of the reports for other tools."""

import re
from typing import Any
from xml.etree import ElementTree

import yaml


def commands_in(text: str) -> list[str]:
    """Return the lines that the runner of GitHub Actions takes for commands: of the newer kind, and of the older."""
    return [line for line in re.split("[\r\n]", text) if line.lstrip().startswith("::") or "##[" in line]


#: What pytest writes with junit_family=xunit2, and junit-10.xsd allows: element -> attributes, children.
XUNIT2: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name", "time"}, {"failure", "error", "skipped", "system-out", "system-err"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message", "type"}, set()),
    "system-out": (set(), set()),
}


def read_junit(text: str) -> ElementTree.Element:
    """Parse a report, and check it against the shape, the counts and the characters that XML allows."""
    assert re.search("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text) is None
    root = ElementTree.fromstring(text.encode("utf-8"))
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = XUNIT2[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
        if "time" in element.attrib:
            assert re.fullmatch(r"\d+\.\d{3}", element.attrib["time"])
    for suite in root:
        tags = [child.tag for case in suite.iter("testcase") for child in case]
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.attrib[name] == str(tags.count(tag))
        assert suite.attrib["tests"] == str(len(list(suite.iter("testcase"))))
    return root


# --- TAP ---


def read_tap(text: str) -> tuple[list[tuple[bool, str, Any]], str | None]:
    """Read TAP version 14 strictly: [(ok, description, diagnostics)], and why it bailed out."""
    lines = text.split("\n")
    assert lines.pop() == ""
    assert lines[0] == "TAP version 14"
    found: list[tuple[bool, str, Any]] = []
    planned = bailed = None
    at = 1
    while at < len(lines):
        line = lines[at]
        at += 1
        if plan := re.fullmatch(r"1\.\.(\d+)", line):
            assert planned is None
            planned = int(plan[1])
        elif test := re.fullmatch(r"(ok|not ok) (\d+) - ((?:[^\\#]|\\[\\#])*)", line):
            assert int(test[2]) == len(found) + 1
            told = None
            if at < len(lines) and lines[at] == "  ---":
                end = lines.index("  ...", at)
                block = lines[at + 1 : end]
                assert all(part.startswith("  ") for part in block)
                told = yaml.safe_load("\n".join(part[2:] for part in block))
                at = end + 1
            found.append((test[1] == "ok", re.sub(r"\\([\\#])", r"\1", test[3]), told))
        elif line.startswith("Bail out!"):
            assert at == len(lines)
            bailed = line.removeprefix("Bail out! ")
        else:
            assert line.startswith("# ")
    assert bailed is not None or planned == len(found)
    return found, bailed


# --- GitHub ---


def read_commands(log: str) -> list[tuple[str, dict[str, str], str]]:
    """Read the commands out of a log as the runner does: [(name, properties, message)].

    A line is a command if it begins with :: after blanks, or holds ##[ anywhere; once they are stopped, only the
    token starts them again.
    """
    found = []
    token = None
    for line in log.splitlines():
        if token is not None:
            token = None if line.strip() == f"::{token}::" else token
            continue
        if command := re.fullmatch(r"\s*::([\w-]+)(?: ([^\n]*?))?::(.*)", line):
            name, given_properties, message = command[1], command[2] or "", command[3]
            if name == "stop-commands":
                token = message
                continue
            pairs = [part.split("=", 1) for part in given_properties.split(",") if part]
            told = {key: _unescape(value, ((":", "%3A"), (",", "%2C"))) for key, value in pairs}
            found.append((name, told, _unescape(message)))
        else:
            assert not line.lstrip().startswith("::")
            assert "##[" not in line
    assert token is None
    return found


def _unescape(text: str, further: tuple[tuple[str, str], ...] = ()) -> str:
    for plain_text, escaped in (*further, ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        text = text.replace(escaped, plain_text)
    return text
