"""Places in the learner's file as links, for terminals that open what is clicked (OSC 8)."""

import re
from pathlib import Path

from rich.console import Group
from rich.style import Style
from rich.text import Text

from grader.text.console import links_wanted
from grader.text.printable import clean


def link_places(shown: Group, file: Path, name: str) -> Group:
    """Make `path:line` a link to the file, where a verdict says where something went wrong.

    Args:
        shown: A verdict as it is shown; its texts are changed in place.
        file: The file that was graded, as an absolute path.
        name: Its name as the verdict has it.
    """
    if not links_wanted():
        return shown
    where = re.escape(clean(name)) + r"(?:(?::\d+){1,2}| cell \d+ line \d+(?: column \d+)?)"
    # Only where we write places: the learner's own words must not become links.
    place = re.compile(rf"^ {{6}}at {{8}}({where})(?= in )|\(({where})\)$", re.MULTILINE)
    style = Style(link=file.as_uri())
    for text in shown.renderables:
        if isinstance(text, Text):
            for found in place.finditer(text.plain):
                text.stylize(style, *found.span(1 if found[1] else 2))
    return shown
