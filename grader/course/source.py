"""Read a YAML file into nodes that know where they stand; nothing is resolved, so nothing is guessed.

YAML 1.1 as PyYAML reads it turns `no` into False, `1e-4` into text and `010` into 8. Here every scalar stays
the text it is, and `grader.course.conform` reads it as what the model expects at that place. Anchors,
aliases, tags and several documents in one file are refused: a course needs none of them.
"""

from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

#: A file above this size is no course; parsing it would only be slow.
MAX_FILE_BYTES = 4 * 2**20
MAX_DEPTH = 20

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(Struct, frozen=True, order=True):
    """One thing wrong in a course file, with what to write instead."""

    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.text}"


class Node(Struct):
    """One YAML value: `value` is a str, a list of nodes, or a dict of name -> (key node, value node)."""

    value: Any
    line: int
    column: int
    plain: bool = True


class Source(Struct):
    """One parsed file: its name for messages, its tree, and what was wrong with it so far."""

    path: str
    root: Node
    problems: list[Problem]

    def add(self, node: Node, text: str) -> None:
        """Note a problem at a node."""
        self.problems.append(Problem(self.path, node.line, node.column, text))

    def find(self, *steps: str | int) -> Node:
        """Return the node at a path of keys and positions, or the last one on the way that exists."""
        node = self.root
        for step in steps:
            if isinstance(node.value, dict) and isinstance(step, str) and step in node.value:
                node = node.value[step][1]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return node


def parse_file(file: Path, shown: str) -> Source:
    """Parse one YAML file.

    Args:
        file: Where it lies.
        shown: Its name in messages, relative to the course.

    Returns:
        The tree; a file that cannot be read or parsed gives an empty tree and one problem.
    """
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            return _unreadable(shown, f"the file is larger than {MAX_FILE_BYTES >> 20} MiB; split it")
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return _unreadable(shown, f"byte {error.start} is not UTF-8; save the file as UTF-8")
    except OSError as error:
        return _unreadable(shown, f"cannot be read: {error.strerror}; create it or correct its permissions")
    return parse_text(text, shown)


def parse_text(text: str, shown: str) -> Source:
    """Parse YAML text; see `parse_file`."""
    builder = _Builder(shown)
    try:
        for event in yaml.parse(text, Loader=_Parser):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = error.problem or "this is not YAML"
        builder.problems.append(Problem(shown, line, column, f"{what}; check the indentation, colons and quotes here"))
    except yaml.YAMLError as error:
        builder.problems.append(Problem(shown, 1, 1, f"this is not YAML: {error}; write plain UTF-8 text"))
    except _TooDeep as error:
        builder.problems.append(Problem(shown, error.line, error.column, f"nested deeper than {MAX_DEPTH}; flatten it"))
    root = builder.root
    if root is None:
        if not builder.problems:
            builder.problems.append(Problem(shown, 1, 1, "the file is empty; start from an existing one"))
        root = Node({}, 1, 1)
    return Source(shown, root, builder.problems)


def _unreadable(shown: str, text: str) -> Source:
    return Source(shown, Node({}, 1, 1), [Problem(shown, 1, 1, text)])


class _TooDeep(Exception):
    def __init__(self, line: int, column: int) -> None:
        super().__init__()
        self.line = line
        self.column = column


class _Builder:
    """Builds the tree from parser events, without recursion."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._open: list[tuple[Node, list[Node]]] = []
        self._documents = 0
        self.root: Node | None = None
        self.problems: list[Problem] = []

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._refuse(event, "a second document starts here; keep one document per file")
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, "aliases (*name) are not used in courses; write the value out")
            self._put(self._node("", event))
        elif isinstance(event, yaml.ScalarEvent):
            self._look_at_properties(event)
            self._put(self._node(event.value, event, plain=not event.style))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._look_at_properties(event)
            if len(self._open) >= MAX_DEPTH:
                raise _TooDeep(event.start_mark.line + 1, event.start_mark.column + 1)
            value: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            self._open.append((self._node(value, event), []))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            node, children = self._open.pop()
            if isinstance(node.value, list):
                node.value = children
            else:
                self._fill_mapping(node, children)
            self._put(node)

    def _fill_mapping(self, node: Node, children: list[Node]) -> None:
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key.value, str):
                self._note(key, "a key has to be a word; put the value behind a name and a colon")
            elif key.value in node.value:
                first = node.value[key.value][0]
                self._note(key, f"the key `{key.value}` stands already in line {first.line}; keep one of them")
            else:
                node.value[key.value] = (key, value)

    def _put(self, node: Node) -> None:
        if self._open:
            self._open[-1][1].append(node)
        elif self.root is None:
            self.root = node

    def _look_at_properties(self, event: Any) -> None:
        if event.anchor:
            self._refuse(event, f"anchors (&{event.anchor}) are not used in courses; write the value out")
        if event.tag:
            self._refuse(event, f"tags ({event.tag}) are not used in courses; leave it out")

    def _refuse(self, event: Any, text: str) -> None:
        self._note(self._node("", event), text)

    def _note(self, node: Node, text: str) -> None:
        self.problems.append(Problem(self._shown, node.line, node.column, text))

    def _node(self, value: Any, event: Any, *, plain: bool = True) -> Node:
        return Node(value, event.start_mark.line + 1, event.start_mark.column + 1, plain)
