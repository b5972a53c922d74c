"""The console, and text that cannot do harm: learners' words reach it without markup or control codes."""

import re
import sys
from typing import TextIO

from rich.console import Console
from rich.text import Text

#: Control characters except newline and tab, and the marks that reorder or hide what follows.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\ud800-\udfff")


def make_console(file: TextIO | None = None) -> Console:
    """Return a console that reads no markup, colours only a terminal, and respects NO_COLOR."""
    return Console(file=file or sys.stdout, markup=False, highlight=False, emoji=False, soft_wrap=True)


def clean(text: str) -> str:
    """Make text safe to print: control characters become visible, lone surrogates become `?`."""
    visible = _UNSAFE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    return visible.encode("utf-8", "replace").decode("utf-8")


def line(*parts: str | tuple[str, str]) -> Text:
    """Build one line from texts and (text, style) pairs; every text is cleaned."""
    text = Text()
    for part in parts:
        body, style = part if isinstance(part, tuple) else (part, "")
        text.append(clean(body), style)
    return text


def link(url: str) -> Text:
    """Return an address as itself, clickable where the terminal can."""
    return Text(clean(url), f"underline link {clean(url)}")
