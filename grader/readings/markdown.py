"""Read a Markdown list of readings: links, check boxes, nested bullets, numbered lists, headings, bare titles."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from msgspec import Struct

from grader.core.errors import ImportUnusable
from grader.readings.inline import ParsedLine, read_line

MAX_BYTES = 2**20
#: A list of years; more is not a list that a person reads.
MAX_ENTRIES = 2000
_LISTS = ("bullet_list", "ordered_list")
_LEFT_OUT = {
    "table": "a table",
    "fence": "a block of code",
    "code_block": "a block of code",
    "blockquote": "a quotation",
    "html_block": "HTML",
}


class Entry(Struct, frozen=True):
    """One reading of the list; `section` is what it is under, `state` what its check box says."""

    number: int
    section: str | None
    line: ParsedLine


class Parsed(Struct, frozen=True):
    """What a list holds: the readings, and what was left out, with the lines it is in."""

    entries: tuple[Entry, ...]
    left_out: tuple[tuple[int, str], ...]


def decode_markdown(data: bytes, place: str) -> str:
    """Return a file's bytes as text.

    Raises:
        ImportUnusable: If it is larger than 1 MiB, or no text in UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise ImportUnusable(
            f"{place} is larger than {MAX_BYTES >> 20} MiB ({len(data)} bytes), which no reading list is",
            hint="import a part of it",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data[: error.start].count(b"\n") + 1
        raise ImportUnusable(
            f"{place}:{number}: byte 0x{data[error.start]:02x} is not UTF-8, so this is no Markdown text",
            hint="save the list in UTF-8, or name a file that `study export` has written",
        ) from None
    if "\0" in text:
        number = text[: text.index("\0")].count("\n") + 1
        raise ImportUnusable(
            f"{place}:{number}: a zero byte: this is no Markdown text",
            hint="name a Markdown list, or a file that `study export` has written",
        )
    return text


def parse_markdown(text: str, place: str = "the list") -> Parsed:
    """Read the entries of a list, in their order.

    Raises:
        ImportUnusable: If it holds more than `MAX_ENTRIES`.
    """
    tokens = MarkdownIt("commonmark").enable("table").parse(_blank_front_matter(text))
    walk = _Walk(place)
    section = None
    for node in SyntaxTreeNode(tokens).children:
        if node.type == "heading":
            section = read_line(_inline(node)).plain or None
        else:
            walk.visit(node, section)
    return Parsed(tuple(walk.entries), tuple(walk.left_out))


def _blank_front_matter(text: str) -> str:
    """Empty the lines of a YAML head, which Markdown would take for a heading; the others keep their numbers."""
    rows = text.splitlines(keepends=True)
    if rows and rows[0].rstrip() == "---":
        end = next((n for n, row in enumerate(rows[1:], start=1) if row.rstrip() in ("---", "...")), None)
        if end is not None:
            return "\n" * (end + 1) + "".join(rows[end + 1 :])
    return text


def _number(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 1


def _inline(node: SyntaxTreeNode) -> list[Token]:
    inline = next((child for child in node.children if child.type == "inline"), None)
    return list(inline.token.children or ()) if inline is not None and inline.token else []


class _Walk:
    def __init__(self, place: str) -> None:
        self._place = place
        self.entries: list[Entry] = []
        self.left_out: list[tuple[int, str]] = []

    def visit(self, node: SyntaxTreeNode, section: str | None) -> None:
        if node.type in _LISTS:
            for item in node.children:
                self._visit_item(item, section)
        elif node.type == "paragraph":
            self._visit_paragraph(node, section)
        elif node.type in _LEFT_OUT and not _is_comment(node):
            self.left_out.append((_number(node), _LEFT_OUT[node.type]))

    def _visit_item(self, item: SyntaxTreeNode, section: str | None) -> None:
        first = item.children[0] if item.children else None
        if first is None or first.type not in (
            "paragraph",
            "heading",
        ):  # an item may begin with a list, or hold nothing
            for child in item.children:
                self.visit(child, section)
            return
        line, rest = read_line(_inline(first)), item.children[1:]
        lists = [child for child in rest if child.type in _LISTS]
        if line.url is None and line.known_id is None and _is_section(line, lists):
            if line.state is not None:
                self.left_out.append((_number(item), f"the check box of the section “{line.plain}”"))
            for child in rest:
                self.visit(child, line.plain or section)
            return
        self._add(item, section, line)
        for child in rest:
            if child.type in _LISTS:
                for inner in child.children:
                    if _is_reading(inner):
                        self._visit_item(inner, section)
                    else:  # below a reading, a bullet without link and box says something about it
                        self.left_out.append((_number(inner), "a remark below a reading"))
            elif child.type in _LEFT_OUT:
                self.visit(child, section)

    def _visit_paragraph(self, node: SyntaxTreeNode, section: str | None) -> None:
        """Take each line that is one link and nothing else; text around links is prose."""
        rows = list(_split_rows(_inline(node)))
        for offset, row in enumerate(rows):
            line = read_line(row)
            if line.url is not None and line.alone:
                self._add(node, section, line, offset)
            elif line.url is not None:
                self.left_out.append((_number(node) + offset, "a link inside a text that is not a list"))

    def _add(self, node: SyntaxTreeNode, section: str | None, line: ParsedLine, offset: int = 0) -> None:
        number = _number(node) + offset
        if not line.title:
            if line.plain:
                self.left_out.append((number, "an item without a title"))
            return
        if len(self.entries) == MAX_ENTRIES:
            raise ImportUnusable(
                f"{self._place}:{number}: the list holds more than {MAX_ENTRIES:,} readings", hint="import a part of it"
            )
        self.entries.append(Entry(number, section, line))


def _is_comment(node: SyntaxTreeNode) -> bool:
    return node.type == "html_block" and node.content.strip().startswith("<!--")


def _is_reading(item: SyntaxTreeNode) -> bool:
    """Tell whether an item has a link or a check box of its own."""
    first = item.children[0] if item.children else None
    if first is None or first.type != "paragraph":
        return any(child.type in _LISTS for child in item.children)
    line = read_line(_inline(first))
    return line.url is not None or line.state is not None or line.known_id is not None


def _is_section(line: ParsedLine, lists: list[SyntaxTreeNode]) -> bool:
    """Tell whether a text with bullets below it is their heading; with a check box, it is only if they are readings."""
    items = [item for inner in lists for item in inner.children]
    return any(line.state is None or _is_reading(item) for item in items)


def _split_rows(tokens: list[Token]) -> Iterator[list[Token]]:
    row: list[Token] = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield row
            row = []
        else:
            row.append(token)
    yield row
