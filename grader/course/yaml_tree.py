"""Read a YAML file into nodes that know where they are; nothing is resolved, so nothing is guessed.

YAML 1.1 as PyYAML reads it turns `no` into False, `1e-4` into text and `010` into 8. Here every scalar stays
the text it is, and `grader.course.conform` reads it as what the model expects at that place. Anchors,
aliases, tags and several documents in one file are refused: a course needs none of them.
"""

import re
import stat
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from grader.course.code import EXERCISE
from grader.course.syntax import LINE_END, explain

#: A file above this size is not a course; parsing it would only be slow.
MAX_FILE_BYTES = 4 * 2**20
MAX_DEPTH = 20
#: Keys and values in one exercise, of which the longest has 600; several rules compare each with each.
MAX_VALUES_OF_EXERCISE = 10_000
#: In any other file: a reading list of 8,000 readings.
MAX_VALUES = 200_000
#: In one file. Nobody reads more at once, and for many of them what was meant is searched.
MAX_PROBLEMS = 200

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: What no YAML may hold; looked for first, because the parser says only roughly where it is.
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_WRITE_OUT = "write the value out, or quote the text"


class Problem(Struct, frozen=True, order=True):
    """One thing wrong in a course file, with what to write instead."""

    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.text}"


class Node(Struct):
    """One YAML value: `value` is a str, a list of nodes, or a dict of name -> (key node, value node).

    It is None where there is no value that could be looked at: that has been reported already. A `commented` one is
    empty, with a comment behind it.
    """

    value: Any
    line: int
    column: int
    plain: bool = True
    commented: bool = False

    def at(self, key: str) -> "Node":
        """Return the value of a key; without it, an empty node at the place of this one."""
        if isinstance(self.value, dict) and key in self.value:
            node: Node = self.value[key][1]
            return node
        return Node(None, self.line, self.column)

    @property
    def items(self) -> list["Node"]:
        """The items of a list; of anything else none."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """The text of a scalar; of anything else None."""
        return self.value if isinstance(self.value, str) else None


class YamlFile(Struct):
    """One parsed file: its name for messages, its tree, what was wrong with it so far, and the text it was made from.

    `whole` tells whether all of the file is in the tree; if not, nothing can be said about what it lacks.
    """

    path: str
    root: Node
    problems: list[Problem]
    whole: bool = True
    written: str = ""
    _lines: list[str] = []

    def add(self, node: Node, text: str) -> None:
        """Note a problem at a node, unless there are far too many."""
        note_problem(self.problems, Problem(self.path, node.line, node.column, text))

    @property
    def is_full(self) -> bool:
        """Whether there are so many problems that no more are noted, nor need be looked for."""
        return len(self.problems) > MAX_PROBLEMS

    def place_inside(self, node: Node, line: int, column: int) -> Node:
        """Return the place in the file of a line and column, counted from 0, of a node's text.

        Where the file writes the text otherwise than it reads (folded, or with escapes), it is the node's own place.
        """
        text = node.text or ""
        if not self._lines:
            self._lines = LINE_END.split(self.written)
        first = self._lines[node.line - 1][node.column - 1 :] if node.line <= len(self._lines) else ""
        if first.startswith("|"):
            return self._place_in_block(node, text.split("\n"), line, column)
        quoted = first[:1] in ("'", '"') and not node.plain
        shown = f"{first[:1]}{text}{first[:1]}" if quoted else text
        found = text and line == 0 and first.startswith(shown)
        return Node(None, node.line, node.column + quoted + column) if found else node

    def _place_in_block(self, node: Node, text: list[str], line: int, column: int) -> Node:
        block = self._lines[node.line : node.line + len(text)]
        k = next((k for k, row in enumerate(text) if row.strip()), 0)
        indent = len(block[k]) - len(text[k]) if k < len(block) else 0
        line = min(line, len(text) - 1)
        while line > 0 and not text[line].strip():  # the end of the text, where an open bracket is missed
            line, column = line - 1, len(text[line - 1])
        if line < len(block) and block[line] == " " * indent + text[line]:
            return Node(None, node.line + 1 + line, indent + 1 + column)
        return node

    def has_problem_at(self, node: Node) -> bool:
        """Tell whether something is known to be wrong right there, so that nothing need be built on it."""
        at_node = (problem.line == node.line and problem.column == node.column for problem in self.problems)
        return self.is_full or any(at_node)


def note_problem(problems: list[Problem], problem: Problem) -> None:
    """Add a problem to those of its file; where there are far too many, say so once."""
    if len(problems) == MAX_PROBLEMS:
        text = f"and so on: {MAX_PROBLEMS} problems of this file are shown; correct those first"
        problems.append(Problem(problem.path, problem.line, problem.column, text))
    elif len(problems) < MAX_PROBLEMS:
        problems.append(problem)


def parse_file(file: Path, shown: str) -> YamlFile:
    """Parse one YAML file.

    Args:
        file: Where it lies.
        shown: Its name in messages, relative to the course.

    Returns:
        The tree; a file that cannot be read or parsed gives an empty tree and a problem.
    """
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):  # a named pipe would be waited for
            return _unreadable(shown, 1, 1, "this is not a regular file; put a YAML file there")
        if status.st_size > MAX_FILE_BYTES:
            return _unreadable(shown, 1, 1, f"the file is larger than {MAX_FILE_BYTES >> 20} MiB; split it")
        data = file.read_bytes()
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _locate(data[: error.start].decode("utf-8"))
        found = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return _unreadable(shown, line, column, found)
    except OSError as error:
        return _unreadable(shown, 1, 1, f"cannot be read: {error.strerror}; create it or correct its permissions")
    return parse_text(text, shown, max_values=MAX_VALUES_OF_EXERCISE if file.name == EXERCISE else MAX_VALUES)


def parse_text(text: str, shown: str, max_values: int = MAX_VALUES) -> YamlFile:
    """Parse YAML text; see `parse_file`."""
    if control := _CONTROL.search(text):
        line, column = _locate(text[: control.start()])
        found = f"the control character U+{ord(control[0]):04X} cannot be in a text; remove it"
        return _unreadable(shown, line, column, found)
    text = text.removeprefix("\ufeff")  # the parser does not count a byte order mark
    lines = LINE_END.split(text)
    builder = _Builder(shown, lines, max_values)
    try:
        for event in yaml.parse(text, Loader=_Parser):
            builder.take(event)
    except yaml.YAMLError as error:
        why = explain(error, builder.last, builder.bracket, lines)
        builder.problems.append(Problem(shown, why.line + 1, why.column + 1, why.text))
    except _TooMuch as error:
        builder.problems.append(Problem(shown, error.line, error.column, error.text))
    else:
        if builder.root is not None:
            return YamlFile(shown, builder.root, builder.problems, whole=builder.documents == 1, written=text)
        what = "holds only comments" if text.strip() else "is empty"
        builder.problems.append(Problem(shown, 1, 1, f"the file {what}; start from an existing one"))
    return YamlFile(shown, Node(None, 1, 1), builder.problems, whole=False)


def _unreadable(shown: str, line: int, column: int, text: str) -> YamlFile:
    return YamlFile(shown, Node(None, 1, 1), [Problem(shown, line, column, text)], whole=False)


def _locate(before: str) -> tuple[int, int]:
    """Return the line and column of what follows a text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _TooMuch(Exception):
    def __init__(self, place: Node, text: str) -> None:
        super().__init__()
        self.line, self.column, self.text = place.line, place.column, text


class _Builder:
    """Builds the tree from parser events, without recursion."""

    def __init__(self, shown: str, lines: list[str], max_values: int) -> None:
        self._max_values = self._values_left = max_values
        self._shown = shown
        self._lines = lines
        self._open: list[tuple[Node, list[Node]]] = []
        self._events: list[Any] = []
        self.documents = 0
        self.last: Any = None
        self.root: Node | None = None
        self.problems: list[Problem] = []

    def take(self, event: Any) -> None:
        self.last = event
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:
                self._refuse(event, "a second document starts here; keep one document per file")
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"aliases (*{event.anchor}) are not used in courses; {_WRITE_OUT}")
            self._put(self._node(None, event))
        elif isinstance(event, yaml.ScalarEvent):
            self._look_at_properties(event)
            node = self._node(event.value, event, plain=not event.style)
            node.commented = not event.value and node.plain and self._has_comment(node)
            self._put(node)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._look_at_properties(event)
            if len(self._open) >= MAX_DEPTH:
                raise _TooMuch(self._node(None, event), f"nested deeper than {MAX_DEPTH}; flatten it")
            value: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            self._open.append((self._node(value, event), []))
            self._events.append(event)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            node, children = self._open.pop()
            self._events.pop()
            if isinstance(node.value, list):
                node.value = children
            else:
                self._fill_mapping(node, children)
            self._put(node)

    @property
    def bracket(self) -> Any:
        """The event that opened the list or mapping which is still open, if that is in brackets."""
        event = self._events[-1] if self._events else None
        return event if event is not None and event.flow_style else None

    def _has_comment(self, node: Node) -> bool:
        rest = self._lines[node.line - 1][node.column - 1 :] if node.line <= len(self._lines) else ""
        return rest.lstrip().startswith("#")

    def _fill_mapping(self, node: Node, children: list[Node]) -> None:
        in_list = bool(self._open) and isinstance(self._open[-1][0].value, list)
        lost_dash = False
        for key, value in zip(children[::2], children[1::2], strict=True):
            if key.value is None:
                continue  # an alias, and reported as one
            if not isinstance(key.value, str):
                self._note(key, "a key has to be a word; put the value behind a name and a colon")
            elif key.value == "<<" and key.plain:
                if value.value is not None:
                    self._note(key, "merge keys (<<) are not used in courses; write the keys out")
            elif key.value in node.value:
                first, kept = node.value[key.value]
                said = f"the key `{key.value}` is already in line {first.line}"
                if in_list and key.value == next(iter(node.value)) and key.line > first.line:
                    lost_dash = True  # and all that follows belongs to the next item
                    self._note(key, f"{said}; put `- ` in front if the next item starts here, or keep one of them")
                elif not lost_dash:
                    self._note(key, f"{said}; keep one of them")
                kept.items.extend(value.items)  # so that no link check misses them
            else:
                node.value[key.value] = (key, value)

    def _put(self, node: Node) -> None:
        self._values_left -= 1
        if self._values_left < 0:
            raise _TooMuch(node, f"the file has more than {self._max_values:,} keys and values; split it")
        if self._open:
            self._open[-1][1].append(node)
        elif self.root is None:
            self.root = node

    def _look_at_properties(self, event: Any) -> None:
        if event.anchor:
            self._refuse(event, f"anchors (&{event.anchor}) are not used in courses; {_WRITE_OUT}")
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, f"tags ({tag}) are not used in courses; leave it out, or quote the text")

    def _refuse(self, event: Any, text: str) -> None:
        self._note(self._node("", event), text)

    def _note(self, node: Node, text: str) -> None:
        note_problem(self.problems, Problem(self._shown, node.line, node.column, text))

    def _node(self, value: Any, event: Any, *, plain: bool = True) -> Node:
        return Node(value, event.start_mark.line + 1, event.start_mark.column + 1, plain)
