"""The page about a learner's progress, in a real browser: what it shows, that it is calm, and that nothing can harm it."""

import itertools
import json
import os
import re
import sqlite3
import webbrowser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.desk import fill_log
from benchmarks.next import write_course
from grader.cli.progress import web
from grader.core.pictures import HeatMap, Histogram, Histograms, Line, Lines, Picture
from grader.course import Content, find_content_root, load_content
from grader.plan.effort import count_streak
from grader.progress import ExerciseProgress, Progress, ProgressStore, ReadingProgress
from grader.progress.events import AttemptChecks, AttemptEvent, CheckOutcome, Events, ExerciseEvent, ReadingEvent
from grader.progress.rows import encode_text, to_micros
from grader.view.page.page import BEGINNING, write_page
from grader.view.page.record import PageData
from grader.view.page.sections import CHECKED
from tests.conftest import REPOSITORY, Study
from tests.programs import need_program
from tests.toy_course import write_toy_course

NOW = datetime(2026, 3, 12, 20, 0, tzinfo=UTC)
#: Ends every element it could stand in, would run, and hides or turns round what follows.
HOSTILE = "</script></style></title>--><img src=x onerror=hacked=1><script>hacked=1</script>\"' &lt; \u202eevil\x1b[31m"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium; nothing else can say what the page does."""
    program = need_program("chromium")
    # Chromium refuses its sandbox to root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=arguments)
        yield opened
        opened.close()


class Window:
    """One page that is open, with all it asked for and complained about."""

    def __init__(self, browser: Browser, path: Path, *, width: int = 1280, scheme: Any = "light") -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.goto(path.as_uri())

    def open_all(self) -> None:
        """Unfold everything, as a search in the page would."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    def find_violations(self) -> list[str]:
        """Ask axe-core; returns each rule that is broken with the first element that breaks it."""
        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html']}" for one in found]


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """The toy course."""
    return load_content(write_toy_course(tmp_path / "course"))


def micros(minutes: float) -> int:
    """Return the moment so many minutes before now."""
    return to_micros(NOW - timedelta(minutes=minutes))


PICTURES: tuple[Picture, ...] = (
    Lines("loss", "Loss while training", (Line("batch", (0, 1, 2), (3.5, None, 1.25)), Line("dev", (0, 2), (3, 2))), "step"),
    HeatMap("counts", "A table", ((1.0, -2.0, None), (0.0, 4.0, 8.0)), ("a", "b"), ("x", "y", "z"), "to", "from"),
    Histograms("spread", "Outputs", (Histogram("layer 1", (0, 1, 2), (0.25, 0.75)), Histogram("layer 2", (0, 2), (90,)))),
)  # fmt: skip


def make_record(content: Content, **changes: Any) -> PageData:
    """Make the record of somebody who solved one exercise in two attempts, tries another, and reads."""
    given: dict[str, Any] = {
        "content": content,
        "progress": Progress(
            exercises={
                "e01_add": ExerciseProgress(
                    exercise_id="e01_add", status="solved", attempts=2, best_score=3, max_score=3
                ),
                "e02_double": ExerciseProgress(
                    exercise_id="e02_double", status="tried", attempts=1, best_score=0, max_score=1, hints_shown=1
                ),
            },
            readings={
                "toy-lecture": ReadingProgress(state="done", minutes=25, notes=("Watch [again].",), changed_at=NOW)
            },
            last_started="e02_double",
            attempts=3,
        ),
        "events": Events(
            attempts=(
                AttemptEvent(1, micros(50), "e01_add", "failed", 1, 3, 0.5),
                AttemptEvent(2, micros(40), "e01_add", "passed", 3, 3, 0.5),
                AttemptEvent(3, micros(1440), "e02_double", "failed", 0, 1, 0.5),
            ),
            readings=(ReadingEvent(micros(2880), "toy-lecture", "done", 25),),
            others=(ExerciseEvent(micros(60), "e01_add", "start"),),
        ),
        "history": {
            "e01_add": (
                AttemptChecks(1, (CheckOutcome("small", "Small", "passed"), CheckOutcome("negative", "Neg", "failed"))),
                AttemptChecks(2, (CheckOutcome("small", "Small", "passed"), CheckOutcome("negative", "Neg", "passed"))),
            ),
            "e02_double": (AttemptChecks(3, (CheckOutcome("doubled", "The double", "timed_out"),)),),
        },
        "pictures": {"e01_add": PICTURES},
        "now": NOW,
    }
    return PageData(**given | changes)


def save(record: PageData, folder: Path) -> Path:
    """Write a record's page into a file."""
    path = folder / "progress.html"
    path.write_text(write_page(record, count_streak(record.events, record.now.date(), UTC)), encoding="utf-8")
    return path


def make_course_page(folder: Path, attempts: int) -> Path:
    """Write the page of the whole course, with that many attempts at its exercises and some pictures of each."""
    content = load_content(find_content_root(str(REPOSITORY)))
    fill_log(folder / "study.db", content, attempts, NOW)
    with ProgressStore.open(folder / "study.db") as store:
        record = PageData(
            content=content,
            progress=store.load_progress(),
            events=store.load_events(),
            history=store.load_check_history(CHECKED),
            pictures=dict.fromkeys(content.exercises, PICTURES),
            now=NOW,
        )
    return save(record, folder)


@pytest.fixture(scope="module")
def long_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the whole course with 5,000 attempts."""
    return make_course_page(tmp_path_factory.mktemp("long"), 5_000)


@pytest.fixture(scope="module")
def course_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the whole course with one attempt at each exercise: axe-core takes a while for every cell."""
    return make_course_page(tmp_path_factory.mktemp("course"), 49)


# --- what it shows ---


def test_head_tells_how_far_somebody_is(browser: Browser, content: Content, tmp_path: Path) -> None:
    page = Window(browser, save(make_record(content, due=("e01_add", "toy-lecture")), tmp_path)).page
    assert page.title() == "Progress, 12 Mar 2026, 20:00"
    figures = page.locator("dl div").all_inner_texts()
    assert [re.sub(r"\s+", " ", figure) for figure in figures] == [
        "exercises solved 1 of 2", "attempts 3", "in a row 3 days", "hours on exercises 0:20 of 0:30",
        "readings done 1 of 2", "hours on readings 0:25", "due for review 2",
    ]  # fmt: skip


def test_each_exercise_of_the_map_says_its_state_and_leads_to_its_section(
    browser: Browser, content: Content, tmp_path: Path
) -> None:
    page = Window(browser, save(make_record(content, due=("e01_add",)), tmp_path)).page
    nodes = page.locator(".map a")
    assert [node.get_attribute("aria-label") for node in nodes.all()] == [
        "Add two numbers: solved, due for review; builds on nothing",
        "Double a number: tried; builds on e01_add",
    ]
    assert nodes.nth(1).locator("text").all_text_contents() == ["double", "tried · 1 try"]
    assert page.locator(".map .e.d").count() == 1
    section = page.locator("#ex-e02_double")
    assert not section.is_visible()
    nodes.nth(1).click()
    section.wait_for(state="visible")


def test_section_of_an_exercise_shows_its_checks_and_attempts(
    browser: Browser, content: Content, tmp_path: Path
) -> None:
    window = Window(browser, save(make_record(content), tmp_path))
    window.open_all()
    section = window.page.locator("#ex-e01_add")
    checks, attempts = section.locator("table").all()
    assert checks.locator("tr").all_inner_texts() == ["Check\t1\t2", "Small\t✓\t✓", "Neg\t✗\t✓"]
    assert attempts.locator("tbody tr").all_inner_texts() == [
        "12 Mar 2026, 19:20\t✓ passed\t3 of 3\t0.5 s",
        "12 Mar 2026, 19:10\t✗ not passed\t1 of 3\t0.5 s",
    ]
    assert "builds on Add two numbers" in window.page.locator("#ex-e02_double").inner_text()
    heads = window.page.locator("summary:has(h4)").all_inner_texts()
    assert [" ".join(head.split()) for head in heads] == [
        "Add two numbers solved, 2 attempts, 0:20 of about 0:10 h",
        "Double a number tried, 1 attempt, best 0 of 1 points, 1 hint, about 0:20 h",
    ]


def test_newest_attempts_are_listed_and_the_older_ones_summed_up(content: Content) -> None:
    attempts = tuple(
        AttemptEvent(n, micros(100 - n), "e01_add", "passed" if n == 1 else "failed", n, 20, 0.5) for n in range(1, 12)
    )
    page = write_page(make_record(content, events=Events(attempts=attempts), history={}), 1)
    assert re.findall(r"<td>(\d+) of 20</td>", page) == ["11", "10", "9", "8", "7", "6", "5", "4"]
    assert "And 3 older attempts, from 12 Mar 2026, 18:21 on: 1 passed, 2 not." in page


def test_pictures_of_the_last_grade_are_drawn_and_told_in_words(
    browser: Browser, content: Content, tmp_path: Path
) -> None:
    window = Window(browser, save(make_record(content), tmp_path))
    window.open_all()
    drawn = window.page.locator("figure svg[role=img]")
    assert [one.get_attribute("aria-label") for one in drawn.all()] == [
        "Loss while training: batch goes from 3.5 to 1.25, lowest 1.25, highest 3.5; dev goes from 3 to 2, lowest 2, "
        "highest 3",
        "A table: 2 rows (from) by 3 columns (to), from -2 to 8",
        "Outputs: layer 1 lie between 0 and 2; layer 2 lie between 0 and 2",
    ]
    # A value that is not finite leaves a gap.
    lines = drawn.first.locator("path.a0:not(.dots), path.a1:not(.dots)")
    assert [line.get_attribute("d").count("M") for line in lines.all()] == [2, 1]  # type: ignore[union-attr]
    assert "NaN" not in window.page.content()
    assert window.page.locator("figure .key li").all_inner_texts() == ["batch", "dev", "layer 1", "layer 2"]


def test_calendar_and_weeks_show_the_days(browser: Browser, content: Content, tmp_path: Path) -> None:
    page = Window(browser, save(make_record(content), tmp_path)).page
    marked = page.locator(".cal td:has(.vh)")
    assert [day.get_attribute("title") for day in marked.all()] == [
        "10 Mar 2026: 1", "11 Mar 2026: 1", "12 Mar 2026: 2"
    ]  # fmt: skip
    assert page.locator(".weeks").get_attribute("aria-label") == (
        "Attempts by week: 3 in twelve months, of which 1 passed; 3 in the busiest week"
    )
    page.get_by_text("The same as a table").click()
    assert page.locator("#attempts ~ details tbody tr").all_inner_texts() == ["Mar 2026\t3\t1\t2"]


def test_readings_have_state_minutes_and_notes(browser: Browser, content: Content, tmp_path: Path) -> None:
    window = Window(browser, save(make_record(content), tmp_path))
    window.open_all()
    rows = window.page.locator("#readings ~ details tbody tr").all_inner_texts()
    assert rows == ["A toy lecture lecture, 2020\t✓ done\t25 of 30\t\nWatch [again].", "A toy paper paper\t–\t60\t"]


def test_a_picture_that_cannot_be_read_is_named(content: Content) -> None:
    page = write_page(make_record(content, pictures={"e01_add": "it is <larger> than 4 MiB"}), 0)
    assert "Its pictures are not shown: it is &lt;larger&gt; than 4 MiB" in page


# --- how it behaves ---


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_whole_course_breaks_no_rule_of_axe_core(browser: Browser, course_page: Path, width: int, scheme: str) -> None:
    window = Window(browser, course_page, width=width, scheme=scheme)
    window.open_all()
    assert window.find_violations() == []


@pytest.mark.parametrize("width", [360, 1280])
def test_page_fits_the_window_and_asks_for_nothing_but_itself(browser: Browser, long_page: Path, width: int) -> None:
    """What is wider scrolls in a frame of its own."""
    window = Window(browser, long_page, width=width)
    window.open_all()
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert window.page.locator(".scroll").first.evaluate("one => one.scrollWidth > one.clientWidth") is (width == 360)
    assert window.asked == [long_page.as_uri()]
    assert window.said == []


def test_page_of_nothing_yet_is_accessible_and_says_how_to_begin(
    browser: Browser, content: Content, tmp_path: Path
) -> None:
    empty = make_record(
        content,
        progress=Progress(exercises={}, readings={}, last_started=None, attempts=0),
        events=Events(),
        history={},
        pictures={},
    )
    window = Window(browser, save(empty, tmp_path))
    window.open_all()
    assert window.find_violations() == []
    assert "study next" in window.page.locator("main").inner_text()


def test_keyboard_reaches_the_content_first_and_sees_where_it_is(
    browser: Browser, content: Content, tmp_path: Path
) -> None:
    page = Window(browser, save(make_record(content), tmp_path)).page
    skip = page.locator(".skip")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert skip.bounding_box()["y"] >= 0  # type: ignore[index]
    assert skip.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_headings_go_down_one_level_at_a_time(browser: Browser, long_page: Path) -> None:
    page = Window(browser, long_page).page
    levels = [
        int(tag[1]) for tag in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(h => h.tagName)")
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


_CROSSINGS = """() => {
  const boxes = [...document.querySelectorAll('.map a rect')].map(r => r.getBoundingClientRect());
  let crossed = 0;
  for (const path of document.querySelectorAll('.map path.e')) {
    const to = path.getScreenCTM();
    for (let at = 3; at < path.getTotalLength() - 3; at += 4) {
      const p = path.getPointAtLength(at).matrixTransform(to);
      if (boxes.some(b => p.x > b.left + 2 && p.x < b.right - 2 && p.y > b.top + 2 && p.y < b.bottom - 2)) crossed++;
    }
  }
  return crossed;
}"""


def test_no_line_of_the_map_runs_behind_an_exercise_that_is_not_its_end(browser: Browser, long_page: Path) -> None:
    page = Window(browser, long_page).page
    assert page.locator(".map path.e").count() > 40
    assert page.evaluate(_CROSSINGS) == 0


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(scheme: str) -> None:
    """At least 4.5 to 1, which axe-core does not measure inside drawings; what only draws has 3 to 1."""
    style = (REPOSITORY / "grader/view/page/style.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+)", part)) for part in style.split("prefers-color-scheme")[:2])
    colours = light if scheme == "light" else light | dark

    def contrast(front: str, back: str) -> float:
        bright, dim = sorted((_luminance(colours[front]), _luminance(colours[back])), reverse=True)
        return (bright + 0.05) / (dim + 0.05)

    texts = [(front, back) for front in ("ink", "soft", "link") for back in ("paper", "card")]
    texts += [("ink", "q0"), ("ink", "good-soft"), ("ink", "warm-soft"), ("good", "good-soft"), ("warm", "warm-soft")]
    drawn = [(f"a{number}", "card") for number in range(6)] + [("good", "card"), ("warm", "card"), ("on-good", "good")]
    assert [(pair, contrast(*pair)) for pair in texts if contrast(*pair) < 4.5] == []
    assert [(pair, contrast(*pair)) for pair in drawn if contrast(*pair) < 3] == []


class _Outline(HTMLParser):
    """Collects what could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "embed", "link", "base", "form", "audio", "video"):
            self.found.append(tag)
        for name, value in attrs:
            allowed = name != "href" or (value or "").startswith(("#", "https://", "http://"))
            if name.startswith("on") or name in ("src", "style", "srcset", "action") or not allowed:
                self.found.append(f"{tag} {name}={value}")


def test_page_holds_nothing_that_runs_or_loads(long_page: Path) -> None:
    text = long_page.read_text()
    outline = _Outline()
    outline.feed(text)
    assert outline.found == []
    assert "url(" not in text
    assert "@import" not in text
    assert re.search(r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'\"", text)


# --- what may be hostile ---


def make_hostile(content: Content) -> PageData:
    """Make a record in which every text that could come from elsewhere tries to break out."""
    long = HOSTILE + "x" * 2**20
    hostile_id = HOSTILE + "/../"
    return make_record(
        content,
        progress=Progress(
            exercises={hostile_id: ExerciseProgress(exercise_id=hostile_id, status="tried", attempts=1)},
            readings={
                name: ReadingProgress(state=HOSTILE, minutes=2**62, notes=(long,) * 5, changed_at=NOW)  # type: ignore[arg-type]
                for name in ("toy-lecture", hostile_id)
            },
            last_started=hostile_id,
            attempts=1,
        ),
        events=Events(
            attempts=(
                AttemptEvent(1, 2**63 - 1, "e01_add", HOSTILE, -(2**62), 2**62, float("inf")),  # type: ignore[arg-type]
                AttemptEvent(2, -(2**63), hostile_id, "failed", 0, 0, float("nan")),
            ),
            readings=(ReadingEvent(2**62, hostile_id, HOSTILE, -(2**62)),),  # type: ignore[arg-type]
            others=(ExerciseEvent(0, hostile_id, HOSTILE),),  # type: ignore[arg-type]
        ),
        history={
            name: (AttemptChecks(1, (CheckOutcome(HOSTILE, long, HOSTILE),) * 500),)  # type: ignore[arg-type]
            for name in ("e01_add", hostile_id)
        },
        pictures={
            "e01_add": (
                Lines("a", HOSTILE[:80], (Line(HOSTILE[:40], (0, 1), (1e100, -1e100)),), HOSTILE[-40:], notes=(HOSTILE,) * 16),
                HeatMap("b", HOSTILE[-80:], ((1e-100, 1e100),), (HOSTILE[:40],), (HOSTILE[-40:], "")),
                Histograms("c", HOSTILE[:80], (Histogram(HOSTILE[-40:], (-1e100, 1e100), (0,)),)),
                Lines("d", "nothing", ()),
                HeatMap("e", "nothing", (), (), ()),
            ),
            "e02_double": HOSTILE,
        },
        due=(hostile_id,),
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_that_try_to_break_out_are_only_words(
    browser: Browser, content: Content, tmp_path: Path, scheme: str
) -> None:
    path = save(make_hostile(content), tmp_path)
    window = Window(browser, path, width=360, scheme=scheme)
    window.open_all()
    assert window.page.evaluate("typeof hacked") == "undefined"
    assert (window.asked, window.said) == ([path.as_uri()], [])
    assert window.page.evaluate("document.querySelectorAll('img, script').length") == 0
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert window.find_violations() == []
    shown = window.page.locator("main").inner_text()
    assert "<script>hacked=1</script>" in shown
    assert not {"\u202e", "\x1b"} & set(path.read_text())


def test_a_megabyte_of_notes_makes_no_megabyte_of_page(content: Content, tmp_path: Path) -> None:
    path = save(make_hostile(content), tmp_path)
    assert path.stat().st_size < 300_000
    assert "more characters)" in path.read_text()


def test_whole_course_with_5000_attempts_takes_less_than_a_megabyte_and_says_what_it_leaves_out(
    long_page: Path,
) -> None:
    text = long_page.read_text()
    assert len(text.encode()) < 1_000_000
    assert "older attempts are left out" in text
    assert re.search(r"And 9\d older attempts, from [\w ,:]+ on: 0 passed, 9\d not\.", text)


def find_broken_links(page: str) -> set[str]:
    """Return what is linked to within the page, and is not there."""
    return set(re.findall(r'href="#([^"]+)"', page)) - set(re.findall(r' id="([^"]+)"', page))


def test_every_link_within_the_page_leads_somewhere(long_page: Path) -> None:
    assert find_broken_links(long_page.read_text()) == set()


def test_of_a_large_course_the_first_exercises_and_the_begun_ones_are_listed(tmp_path: Path) -> None:
    write_course(tmp_path / "large", 700)
    content = load_content(tmp_path / "large")
    begun = AttemptEvent(1, micros(50), "e00650_subject", "failed", 1, 3, 0.5)
    read = {"reading-5": ReadingProgress(state="done", minutes=5, notes=(), changed_at=NOW)}
    progress = Progress(exercises={}, readings=read, last_started=None, attempts=1)
    record = make_record(content, events=Events(attempts=(begun,)), history={}, pictures={}, progress=progress)
    page = write_page(record, 0)
    assert len(page) < 600_000
    assert find_broken_links(page) == set()
    assert 'id="ex-e00650_subject"' in page
    assert "399 further exercises not begun: <code>study list</code>" in page
    assert "400 further exercises do not fit the map" in page
    assert page.count("A paper on the subject of number 5<") == 2  # its row, and the exercise that belongs to it
    assert "A paper on the subject of number 699" not in page


def test_pictures_beyond_the_room_there_is_are_left_out_and_said(content: Content) -> None:
    points = tuple(float(n) for n in range(400))
    many = tuple(Lines(f"p{n}", f"Picture {n}", tuple(Line("", points, points) for _ in range(12))) for n in range(12))
    page = write_page(make_record(content, pictures={"e01_add": many, "e02_double": many}), 0)
    assert len(page) < 500_000
    assert re.search(r"\d+ pictures left out, to keep this page light: <code>study show e02_double --plot</code>", page)


# --- the command ---


def test_command_writes_the_page_into_the_workspace_and_replaces_it(study: Study, home: Path) -> None:
    study("start", "double")
    first = study("progress", "--web")
    assert (first.returncode, first.stderr) == (0, "")
    assert re.fullmatch(r"wrote  study/\.study/progress\.html  \(0\.\d\d MB\)\n", first.stdout)
    page = home / "study/.study/progress.html"
    assert page.read_text().startswith(BEGINNING)
    again = study("progress", "--web", "--json")
    assert json.loads(again.stdout) == {"path": str(page), "bytes": page.stat().st_size, "opened": False}
    assert [file.name for file in page.parent.glob("*.tmp")] == []


def test_command_makes_the_workspace_it_writes_into(study: Study, home: Path) -> None:
    done = study("progress", "--web")
    assert done.stderr == f"made the workspace {home}/study (the default)\n"
    assert (home / "study/.study/progress.html").exists()


def test_output_names_another_file_and_needs_no_workspace(study: Study, home: Path) -> None:
    assert study("progress", "--web", "--output", "mine.html").stdout.startswith("wrote  mine.html")
    assert study("progress", "--web", "--output", "mine.html").returncode == 0
    assert not (home / "study").exists()


def _make_notes(path: Path) -> None:
    path.write_text("my notes")


def _make_link(path: Path) -> None:
    """Make a link to what is a page of ours: links are not followed all the same."""
    path.with_name("page").write_text(BEGINNING)
    path.symlink_to("page")


@pytest.mark.parametrize(
    "make",
    [_make_notes, Path.mkdir, os.mkfifo, _make_link, lambda path: path.write_text("")],
    ids=["notes", "a folder", "a pipe", "a link", "an empty file"],
)
def test_what_is_no_page_of_ours_is_not_replaced(study: Study, home: Path, make: Any) -> None:
    make(home / "notes.md")
    before = os.lstat(home / "notes.md")
    done = study("progress", "--web", "--output", "notes.md")
    assert done.returncode == 2
    assert done.stderr == (
        "study: notes.md is there already and is not a page that study wrote; it is unchanged\n"
        "next: name another file: study progress --web --output progress.html\n"
    )
    after = os.lstat(home / "notes.md")
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)


def test_a_folder_that_is_not_there_is_named(study: Study) -> None:
    done = study("progress", "--web", "--output", "no/where.html")
    assert (done.returncode, done.stderr) == (2, "study: there is no folder no\nnext: mkdir -p no\n")


def test_a_page_that_cannot_be_written_is_said_and_leaves_nothing_behind(study: Study, home: Path) -> None:
    study("start", "double")
    (home / "study/.study/progress.html").mkdir()
    done = study("progress", "--web")
    assert done.returncode == 2
    assert "progress.html cannot be written: Is a directory" in done.stderr
    assert list((home / "study/.study").glob(".*.tmp")) == []


def test_damaged_pictures_are_told_on_the_page(study: Study, home: Path) -> None:
    study("start", "double")
    pictures = home / "study/.study/pictures"
    pictures.mkdir()
    (pictures / "t01_double.json").write_text("{")
    assert study("progress", "--web").returncode == 0
    assert "t01_double.json: cannot be used" in (home / "study/.study/progress.html").read_text()


def test_hostile_rows_of_a_log_reach_the_page_as_words(study: Study, home: Path) -> None:
    study("start", "double")
    with sqlite3.connect(home / "study/.study/study.db") as log:
        log.execute(
            "INSERT INTO reading_events (at_us, reading_id, state, note) VALUES (1, 'toy-lecture', 'done', ?)",
            (encode_text(HOSTILE + "\ud800"),),
        )
        log.execute("INSERT INTO hints (at_us, exercise_id, number) VALUES (?, ?, 1)", (2**63 - 1, HOSTILE))
    log.close()
    assert study("progress").returncode == 0
    assert study("progress", "--web").returncode == 0
    page = (home / "study/.study/progress.html").read_text()
    assert "&lt;script&gt;hacked=1&lt;/script&gt;" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("environ", "platform", "opens"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "darwin", True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "linux", False),
        ({"SSH_TTY": "/dev/pts/0"}, "darwin", False),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
    ],
)
def test_browser_is_opened_only_where_the_learner_sits(environ: dict[str, str], platform: str, opens: bool) -> None:
    assert web.can_open(environ, platform) is opens


def _refuse(url: str) -> bool:
    raise webbrowser.Error("no browser")


def test_page_is_opened_and_a_browser_that_fails_is_no_fault(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.cli.context import Context

    monkeypatch.setenv("STUDY_COURSE", str(REPOSITORY / "tests/toys/course"))
    monkeypatch.setattr(web, "can_open", lambda environ, platform: True)
    asked: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: asked.append(url) or True)
    web.show_page(Context(), home / "a page.html", may_open=True)
    web.show_page(Context(), home / "a page.html", may_open=False)
    monkeypatch.setattr(webbrowser, "open", _refuse)
    web.show_page(Context(), home / "a page.html", may_open=True)
    assert asked == [f"file://{home}/a%20page.html"]
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["opened", "wrote", "wrote"]
