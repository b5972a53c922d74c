"""Text that can do no harm where it is printed: no control codes, nothing that hides or reorders."""

import re

#: Control characters except newline and tab, and the marks that reorder or hide what follows.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """Make text safe to print: control characters become visible, lone surrogates become `?`."""
    visible = _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
    return visible.encode("utf-8", "replace").decode("utf-8")


def clean_line(text: str, indent: str) -> str:
    """Make a learner's text safe as one line of a message: its further lines are indented, so none passes for ours."""
    return ("\n" + indent).join(clean(part) for part in text.expandtabs(4).split("\n"))
