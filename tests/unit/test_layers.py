"""The parts of the package know only those below them, no exercise by name, and load only what they need."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import yaml

from grader.cli.main import COMMANDS
from grader.cli.main import study as group
from tests.support.imports import imported_by
from tests.support.study import REPOSITORY

PACKAGE = REPOSITORY / "grader"
PARTS = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
PARTS -= {"__init__", "__main__"}

#: The floors of the house, the lowest first. A part imports only parts of lower floors, not even its neighbours.
FLOORS: tuple[set[str], ...] = (
    {"core"},
    {"text", "expressions", "wire", "files"},
    {"corpus", "progress"},
    {"course", "formats", "testing"},
    {"plan", "readings", "notebook", "worker"},
    {"judge", "view"},
    {"engine"},
    {"grading"},
    {"verify"},
    {"cli"},
    {"jupyter"},
)
#: part -> parts of lower floors that it must not import either, not even inside a function or for its types.
NEVER: dict[str, set[str]] = {
    "wire": {"core"},
    "expressions": {"core"},
    "testing": PARTS - {"text"},
    "formats": PARTS - {"core", "text"},
    # What the learner's code runs beside knows nothing of the course, and of the learner's progress.
    "worker": {"course", "progress", "corpus"},
    "judge": {"course", "progress", "files"},
    "engine": {"progress", "plan", "view"},
    "grading": {"judge", "worker", "view", "plan"},
    "view": {"worker"},
    "verify": {"judge", "worker", "view", "progress"},
}


def floor_of(part: str) -> int:
    return next(number for number, parts in enumerate(FLOORS) if part in parts)


def imported_names(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of everything a file imports, relative imports made absolute."""
    package = [root.name, *path.relative_to(root).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def part_of(path: Path, root: Path) -> str:
    return path.relative_to(root).parts[0].removesuffix(".py")


def imports_between_parts(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (part, imported part, where) for every import from one part of the package to another."""
    for path in sorted(root.rglob("*.py")):
        for line, name in imported_names(path, root):
            steps = name.split(".")
            if steps[0] == root.name and len(steps) > 1 and steps[1] != part_of(path, root):
                yield part_of(path, root), steps[1], f"{path.relative_to(root.parent)}:{line} imports {name}"


def crossings(root: Path) -> list[str]:
    return [
        where
        for part, other, where in imports_between_parts(root)
        if part in PARTS  # __init__ and __main__ are doors to the top floors
        if other in NEVER.get(part, ()) or floor_of(part) <= floor_of(other)
    ]


def test_a_part_imports_only_what_lies_below_it() -> None:
    assert crossings(PACKAGE) == []


def test_every_part_has_its_floor() -> None:
    placed = [part for floor in FLOORS for part in floor]
    assert sorted(placed) == sorted(PARTS)
    assert set(NEVER) <= PARTS


def test_few_modules_lie_loose_beside_the_parts() -> None:
    loose = {path.name for path in PACKAGE.iterdir() if path.suffix == ".py"}
    assert loose == {"__init__.py", "__main__.py", "jupyter.py"}


def modules(root: Path) -> dict[str, Path]:
    found = {
        path.relative_to(root.parent).with_suffix("").as_posix().replace("/", "."): path for path in root.rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in found.items()}


def test_no_module_imports_itself_by_way_of_others() -> None:
    known = modules(PACKAGE)
    graph: dict[str, set[str]] = {}
    for module, path in known.items():
        for _, name in imported_names(path, PACKAGE):
            target = name if name in known else name.rpartition(".")[0]
            if target in known and target != module:
                graph.setdefault(module, set()).add(target)
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) > 100


def test_an_import_across_the_layers_is_found_however_it_is_written(tmp_path: Path) -> None:
    root = tmp_path / "grader"
    files = {
        "core/models.py": "from grader import files\n",
        "core/errors.py": "import re\nfrom grader.core import models\n",
        "files/cache.py": "from ..text import columns\n",
        "worker/serve.py": "from grader.worker import sandbox\nimport grader.judge.plugin\n",
        "worker/deep.py": "def f():\n    from ..course import code\n",
        "view/console.py": "from grader import cli, course\n",
        "cli/main.py": "import grader.judge\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert crossings(root) == [
        "grader/core/models.py:1 imports grader.files",
        "grader/files/cache.py:1 imports grader.text.columns",
        "grader/view/console.py:1 imports grader.cli",
        "grader/worker/deep.py:2 imports grader.course.code",
        "grader/worker/serve.py:2 imports grader.judge.plugin",
    ]


def imports_between_tests(root: Path) -> list[str]:
    """Return where a module of the tests imports one that is no maker: another file of tests, or a benchmark."""
    ours = ("conftest.py", "unit/**/*.py", "system/**/*.py", "content/**/*.py", "support/**/*.py")
    return [
        f"{path.relative_to(root.parent)}:{line} imports {name}"
        for pattern in ours
        for path in sorted(root.glob(pattern))
        for line, name in imported_names(path, root)
        if name.split(".")[0] in ("tests", "benchmarks") and name.split(".")[:2] != ["tests", "support"]
    ]


def test_no_file_of_tests_imports_another_or_a_benchmark() -> None:
    """What several of them need stands in tests/support, so that each can be moved, split and run alone."""
    assert imports_between_tests(REPOSITORY / "tests") == []


def test_an_import_between_files_of_tests_is_found_however_it_is_written(tmp_path: Path) -> None:
    root = tmp_path / "tests"
    files = {
        "conftest.py": "from tests.support.study import Study\n",
        "unit/test_a.py": "from tests.unit.test_b import CASES\nfrom tests.support import jobs\n",
        "unit/course/test_b.py": "def test_b():\n    from ..test_a import x\n",
        "system/test_c.py": "import benchmarks.next\n",
        "support/jobs.py": "from tests import conftest\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert imports_between_tests(root) == [
        "tests/unit/course/test_b.py:2 imports tests.unit.test_a.x",
        "tests/unit/test_a.py:1 imports tests.unit.test_b.CASES",
        "tests/system/test_c.py:1 imports benchmarks.next",
        "tests/support/jobs.py:1 imports tests.conftest",
    ]


def test_only_the_module_that_draws_files_imports_matplotlib() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for _, name in imported_names(path, PACKAGE)
        if name.split(".")[0] == "matplotlib"
    }
    assert found == {"view/figures.py"}


def named_contents(text: str, names: set[str]) -> list[str]:
    """Return the names that stand in a text, other than as the example of a message ("such as ...")."""
    words = set(re.findall(r"[\w-]+", re.sub(r"such as [\w-]+", "", text)))
    return sorted(names & words) + sorted(name for name in names if " " in name and name in text)


def test_the_engine_names_no_exercise_and_no_unit() -> None:
    courses = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (REPOSITORY / "curriculum").glob("*.yaml")]
    units = [unit for course in courses for unit in course["units"]]
    exercises = {path.name for path in (REPOSITORY / "exercises").iterdir() if path.is_dir()}
    # A unit of one plain word ("attention") cannot be told from the word.
    names = exercises | {u["id"] for u in units if "-" in u["id"]} | {u["title"] for u in units if " " in u["title"]}
    assert len(exercises) >= 5
    assert len(names) > 30
    found = {
        str(path.relative_to(REPOSITORY)): named_contents(path.read_text(encoding="utf-8"), names)
        for path in PACKAGE.rglob("*.py")
    }
    assert {path: hits for path, hits in found.items() if hits} == {}


def test_a_name_of_the_course_is_found_in_a_text() -> None:
    names = {"e01_add", "first-steps", "First steps"}
    assert named_contents("if id == 'e01_add':  # First steps", names) == ["e01_add", "First steps"]
    assert named_contents("write words joined by _, such as e01_add; e01_add_more, first-steps-2", names) == []


def test_the_report_of_imports_shows_numpy_where_it_is_loaded() -> None:
    report = "import time:       120 |        3400 |   numpy.core\nimport time:  1 | 2 | click\nnothing"
    assert imported_by(report) == {"numpy", "click"}


def test_only_the_command_that_is_typed_is_imported(home: Path) -> None:
    code = (
        "import sys\nfrom grader.cli.main import study\nstudy.main(['list'], standalone_mode=False)\n"
        "print(*sorted(name for name in sys.modules if name.startswith('grader.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == [
        f"grader.cli.{part}"
        for part in ("context", "groups", "interrupts", "main", "options", "progress", "progress.list")
    ]


def test_every_command_is_found_under_its_name() -> None:
    context = click.Context(group)
    found = {name: command.name for name in COMMANDS if (command := group.get_command(context, name)) is not None}
    assert found == {name: name for name in COMMANDS}
    said = {
        name: command.get_short_help_str(10_000) for name in COMMANDS if (command := group.get_command(context, name))
    }
    assert said == {name: first for name, (_, first) in COMMANDS.items()}
    assert group.get_command(context, "frobnicate") is None


def test_the_list_of_commands_imports_none(home: Path) -> None:
    code = (
        "import sys\nfrom grader.cli.main import study\nstudy.main(['--help'], standalone_mode=False)\n"
        "print(*sorted(name for name in sys.modules if name.startswith('grader.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == [f"grader.cli.{part}" for part in ("groups", "interrupts", "main")]


def test_every_command_has_a_module_of_its_name_and_none_has_two() -> None:
    places = {name: place.partition(":")[0] for name, (place, _) in COMMANDS.items()}
    assert {name: place.rpartition(".")[2].removesuffix("_") for name, place in places.items()} == {
        name: name for name in COMMANDS
    }
    assert all((PACKAGE / "cli" / f"{place.replace('.', '/')}.py").is_file() for place in places.values())
    written = {
        f"{path.parent.name}/{path.stem}": [
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef)
            and any(ast.unparse(one).startswith(("click.command", "click.group")) for one in node.decorator_list)
        ]
        for path in (PACKAGE / "cli").glob("*/*.py")
    }
    assert {place: names for place, names in written.items() if names}.keys() == {
        place.replace(".", "/") for place in places.values()
    }
    assert max(map(len, written.values())) == 1
