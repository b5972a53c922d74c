"""Notebooks are executed for real, in a kernel: the magics run, the verdict is shown, and it is the true one."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from grader import load_ipython_extension
from grader.core.verdict import CheckResult, Verdict
from grader.plan.after_pass import AfterPass, AskedQuestion
from grader.progress import ProgressStore
from grader.view.html_verdict import VerdictCard
from tests.support.study import REPOSITORY, TOY_COURSE, Study

RIGHT = "def double(x):\n    return x + x"


class Book:
    """The notebook that `study start` wrote: its cells may be changed, then it is run where it lies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.node: NotebookNode = nbformat.read(path, as_version=4)

    def fill_in(self, text: str) -> None:
        """Put a text into the cell of the function, and save."""
        self.cell("stub-2").source = text
        nbformat.write(self.node, self.path)

    def cell(self, cell_id: str) -> NotebookNode:
        found: NotebookNode = next(cell for cell in self.node.cells if cell.id == cell_id)
        return found

    def add(self, text: str) -> int:
        """Add a code cell at the end; returns its number from 0."""
        self.node.cells.append(nbformat.v4.new_code_cell(text, id=f"added-{len(self.node.cells)}"))
        return len(self.node.cells) - 1

    def run(self) -> None:
        with warnings.catch_warnings():
            # jupyter_client and tornado have their own opinions about event loops; none of them is about us.
            warnings.simplefilter("ignore")
            NotebookClient(self.node, timeout=120, resources={"metadata": {"path": str(self.path.parent)}}).execute()

    def outputs(self, cell: NotebookNode) -> list[tuple[str, str]]:
        """Return (kind, text) of all that a cell put out."""
        return [(out.output_type, out.get("text") or out.get("data", {}).get("text/plain", "")) for out in cell.outputs]


@pytest.fixture
def book(study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """A started notebook of the toy course, and a kernel's environment in which it can be run."""
    monkeypatch.setenv("STUDY_COURSE", str(TOY_COURSE))
    monkeypatch.setenv("STUDY_HOME", str(home / "study"))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("CI", "1")  # no grading server is left behind
    assert study("start", "t01", "--notebook").returncode == 0
    return Book(home / "study/t01_double.ipynb")


def only_display(cell: NotebookNode) -> dict[str, str]:
    """Return the data of the one thing that a cell displays, which is all that it puts out."""
    assert [out.output_type for out in cell.outputs] == ["display_data"]
    data: dict[str, str] = dict(cell.outputs[0].data)
    return data


def attempts(home: Path) -> list[tuple[str, str]]:
    with ProgressStore.open(home / "study/.study/study.db") as store:
        return [
            (attempt.verdict, store.load_submission(attempt.attempt_id))
            for attempt in store.load_attempts("t01_double")
        ]


def test_a_started_notebook_with_the_solution_in_its_cells_passes(book: Book, home: Path) -> None:
    book.fill_in(RIGHT)
    book.run()
    data = only_display(book.cell("grade"))
    lines = data["text/plain"].split("\n")
    assert lines[:2] == ["t01_double  Double a tensor", "  ✓ double(x) is twice x  (2 points)"]
    assert "solved: 4 of 4 points" in lines
    assert lines[-1] == "next: %study next"
    assert "solved</strong>: 4 of 4 points" in data["text/html"]
    assert attempts(home) == [("passed", f"from torch import Tensor\n\n\n{RIGHT}\n")]


def test_a_started_notebook_says_what_is_missing(book: Book, home: Path) -> None:
    book.run()
    data = only_display(book.cell("grade"))
    assert "      `double` is not written yet: it raises NotImplementedError" in data["text/plain"].split("\n")
    assert "      at        t01_double.ipynb cell 3 line 10 in double" in data["text/plain"].split("\n")
    assert "not solved yet</strong>: 0 of 3 checks, 0 of 4 points" in data["text/html"]
    assert [verdict for verdict, _ in attempts(home)] == ["failed"]


def test_a_study_cell_runs_and_is_graded_with_those_before_it(book: Book, home: Path) -> None:
    book.node.cells = []
    book.add("%load_ext grader")
    book.add("%%study t01\ndef twice(x):\n    return x + x\nprint('ran', twice(2))")
    graded = book.add("%%study t01 --seed 3\ndef double(x):\n    return twice(x)")
    used = book.add("print(double(4))")
    book.run()
    first = book.outputs(book.node.cells[1])
    assert first[0] == ("stream", "ran 4\n")
    assert "expected a function `double`, found nothing of that name" in first[1][1]
    assert first[1][1].split("\n")[-2:] == ["left out: In [2] (an experiment)", "next: %study hint t01_double"]
    shown = only_display(book.node.cells[graded])["text/plain"]
    assert "solved: 4 of 4 points" in shown
    assert "seed 3" in shown
    assert book.outputs(book.node.cells[used]) == [("stream", "8\n")]
    expected = "def twice(x):\n    return x + x\n\n\ndef double(x):\n    return twice(x)\n"
    assert attempts(home)[0] == ("passed", expected)


def test_an_error_in_a_study_cell_points_into_it(book: Book) -> None:
    book.node.cells = []
    book.add("%load_ext grader")
    book.add("%%study t01\n\ndef double(x):\n    return x.nope()")
    book.run()
    shown = only_display(book.node.cells[1])["text/plain"]
    assert "      at        Jupyter In [2] line 4 in double\n                4 | return x.nope()\n" in shown


def test_nothing_in_the_kernel_can_change_the_verdict(book: Book) -> None:
    """A kernel in which torch is broken and a passing function is defined grades the cell's own text."""
    book.node.cells = []
    book.add("%load_ext grader\nimport torch\ntorch.add = torch.equal = None\n" + RIGHT)
    book.add("%%study t01\ndef double(x):\n    return x * x")
    book.run()
    assert "not solved yet: 1 of 3 checks" in only_display(book.node.cells[1])["text/plain"]


def test_a_study_cell_that_raises_is_not_graded(book: Book, home: Path) -> None:
    book.node.cells = []
    book.add("%load_ext grader")
    book.add(f"%%study t01\n{RIGHT}\n1 / 0")
    book.node.cells[1].metadata["tags"] = ["raises-exception"]
    book.run()
    kinds = [kind for kind, _ in book.outputs(book.node.cells[1])]
    assert sorted(kinds) == ["error", "stream"]
    told = next(text for kind, text in book.outputs(book.node.cells[1]) if kind == "stream")
    assert told == "study: the cell raised an error, so it was not graded\nnext: correct it, then run it again\n"
    assert attempts(home) == []


def test_what_was_run_but_not_saved_is_told(book: Book) -> None:
    book.cell("stub-2").source = RIGHT  # in the browser; the file still holds the stub
    book.run()
    lines = only_display(book.cell("grade"))["text/plain"].split("\n")
    assert lines[-2] == (
        "`double`: what you ran last is not what t01_double.ipynb holds; the saved text was graded"
        " (save the notebook, then run this again)"
    )


def test_any_command_runs_and_errors_are_told_as_at_a_terminal(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    book.node.cells = []
    book.add("%load_ext grader\n%load_ext grader")
    numbers = [
        book.add(text)
        for text in (
            "%study list",
            "%study grade nope",
            "%study grade --device nope",
            "%study grade t01 --json",
            "%%study\nx = 1",
            "%study answer 'open",
            "%study answer t01",
        )
    ]
    book.run()
    said = ["".join(text for _, text in book.outputs(book.node.cells[number])) for number in numbers]
    assert said[0].startswith("Doubling  [doubling]\n  · t01_double  ")
    assert said[1] == "study: there is no exercise `nope`\nnext: study list\n"
    assert said[2].startswith("study: Invalid value for '--device': 'nope' is not one of")
    assert json.loads(said[3])["verdict"] == "failed"
    assert said[4] == (
        "study: %%study grades its own cell: it takes an ID and the options of a grade\nnext: %%study ID\n"
    )
    assert said[5] == "study: `%study answer 'open`: No closing quotation\nnext: %study --help\n"
    assert said[6].startswith("study: t01_double asks no open question")


def test_importing_the_package_loads_nothing_for_jupyter(study: Study, home: Path) -> None:
    import subprocess
    import sys

    code = "import sys, grader; print(sorted(n for n in sys.modules if n.startswith(('grader', 'IPython', 'click'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout == "['grader']\n"


def test_a_graded_cell_may_await(book: Book, home: Path) -> None:
    number = book.add(f"%%study t01\nimport asyncio\n\n{RIGHT}\n\nawait asyncio.sleep(0)\nprint('awaited', double(2))")
    book.run()
    (printed, _), shown = book.outputs(book.node.cells[number])[:2], book.node.cells[number].outputs
    assert printed == ("stream", "awaited 4\n")
    assert shown[1].data["text/plain"].startswith("t01_double  Double a tensor\n  ✓")
    assert attempts(home)[0] == ("passed", f"{RIGHT}\n")


class FakeShell:
    """As much of an IPython shell as grading a cell needs; the front end gives each cell an id."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []
        self.cell_id: str | None = None
        self.history_manager = self.display_pub = self
        self.input_hist_raw: list[str] = [""]
        self.success = True

    def transform_cell(self, body: str) -> str:
        return body

    def should_run_async(self, body: str, *, transformed_cell: str) -> bool:
        return False

    def run_cell(self, body: str) -> "FakeShell":
        return self

    def get_parent(self) -> dict[str, Any]:
        return {"metadata": {"cellId": self.cell_id}}

    def publish(self, data: dict[str, str], metadata: dict[str, str]) -> None:
        self.shown.append(data)

    def register_magic_function(self, function: Any, **named: str) -> None:
        assert named == {"magic_kind": "line_cell", "magic_name": "study"}
        self.run = function


def test_a_cell_that_is_run_again_replaces_what_it_was(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that was deleted from the cell is gone, although the kernel still has it."""
    monkeypatch.setenv("STUDY_COURSE", str(TOY_COURSE))
    monkeypatch.setenv("CI", "1")
    shell = FakeShell()
    load_ipython_extension(shell)
    for shell.cell_id, body in (("a", "def twice(x):\n    return x + x"), ("b", RIGHT), ("a", "def thrice(x): pass")):
        shell.input_hist_raw.append(body)
        shell.run("t01", body)
    assert [text for _, text in attempts(home)] == [
        "def double(x):\n    return x + x\n\n\ndef thrice(x): pass\n",
        "def twice(x):\n    return x + x\n\n\ndef double(x):\n    return x + x\n",
        "def twice(x):\n    return x + x\n",
    ]
    assert len(shell.shown) == 3


# The card


def card(**changes: Any) -> VerdictCard:
    evil = "<script>alert('1')</script> & \x1b[31m\u202e"
    check = CheckResult("a", f"title {evil}", "errored", 2, f"message {evil}\nsecond", f"cause {evil}", 0.1)
    verdict = Verdict("t01_double", "failed", (check,), 0, 2, 3, "cpu", "names", {"x": True}, 0.25)
    question = AskedQuestion("why", f"why {evil}")
    after = AfterPass(f"taught {evil}", None, question, 24.0, 20, "study solution t01_double --diff")
    given: dict[str, Any] = {"notes": [f"note {evil}"], "after": after, "following": f"next {evil}"}
    return VerdictCard(verdict, f"exercise {evil}", **given | changes)


def test_every_word_of_a_verdict_is_escaped() -> None:
    html = card().to_html()
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt; &amp; \\x1b[31m\\u202e") == 8
    assert "\x1b" not in card().to_text()


def test_a_card_tells_what_a_pass_leads_to() -> None:
    told = card().to_text().splitlines()
    assert "time      took you 24 min, estimated 20" in told
    assert "compare   study solution t01_double --diff" in told
    assert "<p><strong>time</strong> took you 24 min, estimated 20</p>" in card().to_html()
    assert "took you" not in card(after=None).to_html() + card(after=None).to_text()


def test_a_card_tells_each_outcome_in_words() -> None:
    import msgspec

    def shown(kind: str) -> str:
        return msgspec.structs.replace(card(), verdict=msgspec.structs.replace(card().verdict, verdict=kind)).to_html()

    assert ">solved</strong>: 0 of 2 points" in shown("passed")
    assert ">not solved yet</strong>: 0 of 1 checks, 0 of 2 points" in shown("failed")
    assert "<strong>the grader is at fault, not you</strong>: this attempt does not count" in shown("grader_fault")


def test_after_a_pass_the_first_picture_is_drawn() -> None:
    import msgspec

    from tests.support.sample_pictures import FALLING

    passed = msgspec.structs.replace(card().verdict, verdict="passed", pictures=(FALLING, FALLING))
    shown = msgspec.structs.replace(card(), verdict=passed)
    pointer = "pictures: %study show t01_double --plot   2 pictures, also as files"
    for text in (shown.to_text(), shown.to_html()):
        assert FALLING.title in text
        assert pointer in text
    failed = msgspec.structs.replace(shown, verdict=msgspec.structs.replace(passed, verdict="failed"))
    assert pointer in failed.to_text()
    assert FALLING.title not in failed.to_html()


def test_of_many_failures_the_first_are_open() -> None:
    import msgspec

    check = card().verdict.checks[0]
    checks = tuple(msgspec.structs.replace(check, id=name) for name in "abcd")
    many = msgspec.structs.replace(card(), verdict=msgspec.structs.replace(card().verdict, checks=checks))
    assert (many.to_html().count("<details open>"), many.to_html().count("<details>")) == (2, 2)
