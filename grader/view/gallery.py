"""Show the pictures of a grade: the first after a pass, all of them when asked."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.text import Text

from grader.core.pictures import Picture
from grader.core.verdict import Verdict
from grader.text.console import line
from grader.view.charts import draw_picture
from grader.view.next_step import count


def render_first(verdict: Verdict, console: Console) -> RenderableType:
    """Say how to see the pictures of a grade; after a pass show the first."""
    command = f"study show {verdict.exercise} --plot"
    pointer = line(
        ("pictures: ", "bold"), (command, "green"), f"   {count(len(verdict.pictures), 'picture')}, also as files"
    )
    if verdict.verdict != "passed":
        return pointer
    return Group(Text(), *_draw(verdict.pictures[0], console), pointer)


def render_all(pictures: Sequence[Picture], console: Console) -> RenderableType:
    """Show every picture, one below the other."""
    return Group(*(text for picture in pictures for text in (*_draw(picture, console), Text())))


def _draw(picture: Picture, console: Console) -> list[Text]:
    return draw_picture(picture, width=console.width, unicode=console.encoding.startswith("utf"))
