"""Plain ASCII for terminals that show nothing else: one table, applied where text leaves the process.

Every stream that `speak_plainly` has set up writes each character it cannot encode by this table, whatever code printed it:
a view, an error message, the help of a command. What the table lacks is written as an escape such as \\xe9, since two
characters must not look alike in a message that tells them apart.
"""

import codecs
import io
from collections.abc import Mapping

#: TERM of terminals that draw no more than ASCII, or whose reader should not be given more.
_PLAIN_TERMINALS = ("dumb", "linux")
_HANDLER = "study-glyphs"

GLYPHS: Mapping[str, str] = {
    "✓": "ok",
    "✗": "FAIL",
    "⚠": "!",
    **dict.fromkeys("–—‐‑‒−─━┄┈", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬╷╵╴╶", "+"),
    "═": "=",
    **dict.fromkeys("·•", "*"),
    **dict.fromkeys("●◆▲■", "o"),
    **dict.fromkeys("○◇△□", "+"),
    **dict.fromkeys("█▓", "#"),
    "▒": "+",
    "░": "-",
    **dict(zip("▁▂▃▄▅▆▇", ".:-=+*#", strict=True)),
    "…": "...",
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’‚", "'"),
    "×": "x",
    "÷": "/",
    "±": "+-",
    "≈": "~",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "←": "<-",
    "↑": "^",
    "↓": "v",
    "²": "^2",
    "³": "^3",
    "½": "1/2",
    "√": "sqrt",
    "∞": "inf",
    "∂": "d",
    "π": "pi",
    "µ": "u",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2800": " ",  # braille without a dot
}


def to_ascii(text: str) -> str:
    """Write a text in ASCII alone."""
    return text if text.isascii() else "".join(map(_replace, text))


def _replace(char: str) -> str:
    if char.isascii():
        return char
    if "\u2800" < char <= "\u28ff":
        return ":"  # braille with any dots
    return GLYPHS.get(char) or char.encode("ascii", "backslashreplace").decode("ascii")


def wants_ascii(environ: Mapping[str, str]) -> bool:
    """Tell whether plain ASCII is asked for, by STUDY_ASCII or by the kind of terminal."""
    chosen = environ.get("STUDY_ASCII", "")
    return chosen not in ("", "0") or (chosen != "0" and environ.get("TERM") in _PLAIN_TERMINALS)


def is_ascii(encoding: str | None) -> bool:
    """Tell whether a stream of this encoding is written by the table."""
    return not (encoding or "utf-8").lower().replace("_", "-").startswith("utf")


def speak_plainly(stream: object, environ: Mapping[str, str]) -> None:
    """Let a stream write what it cannot encode by the table; with ASCII asked for, all that is not ASCII."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    codecs.register_error(_HANDLER, _handle)
    if wants_ascii(environ):
        stream.reconfigure(encoding="ascii", errors=_HANDLER)
    else:
        stream.reconfigure(errors=_HANDLER)


def _handle(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return to_ascii(error.object[error.start : error.end]), error.end
