"""Ids that lead nowhere, stand twice or run in a circle are reported where they stand."""

from itertools import pairwise
from pathlib import Path

import pytest

from grader.core.errors import ContentError
from grader.course import links, load_content
from grader.course.yaml_tree import parse_text
from tests.toy_course import (
    ADD,
    COURSE,
    DOUBLE,
    READING_LIST,
    TOY_COURSE,
    problems_of,
    replace_once,
    write_toy_course,
)

# Each line: what it is, the file, the text in it, what to put there instead, every problem that has to be found.
# fmt: off
LINKS = [
    ("a reading listed twice", READING_LIST, "readings:\n", 'readings:\n- {id: toy-paper, kind: post, title: "A post", track: toys, minutes: 5}\n',
     "reading_list.yaml:16:7: the reading `toy-paper` exists already; choose another id"),
    ("a unit's id twice", COURSE, "- id: second", "- id: first",
     "curriculum/toys.yaml:11:7: the unit `first` is in curriculum/toys.yaml:6 already; keep one of them"),
    ("a check's id twice", ADD, "- id: negative", "- id: small",
     "exercises/e01_add/exercise.yaml:14:7: the check `small` exists already; choose another id"),
    ("a mutant's id twice", ADD, "mutants:\n", 'mutants:\n- {id: subtracts, says: "It subtracts.", caught_by: small}\n',
     "exercises/e01_add/exercise.yaml:22:7: the mutant `subtracts` exists already; choose another id"),
    ("an id that is not its folder's", DOUBLE, "id: e02_double", "id: e01_add",
     "exercises/e02_double/exercise.yaml:1:5: the id differs from its folder `e02_double`; make them the same"),
    ("a misspelt reading in a unit", COURSE, "[toy-lecture]", "[toy-lectern]",
     "curriculum/toys.yaml:9:14: `toy-lectern` is not a reading; did you mean `toy-lecture`?"),
    ("an unknown reading in a unit", COURSE, "[toy-lecture]", "[toy-lecture, x-y]",
     "curriculum/toys.yaml:9:27: `x-y` is not a reading; add it to reading_list.yaml"),
    ("an unknown reading of an exercise", ADD, "{id: toy-lecture, chapter: 90}", "{id: z, chapter: 90}",
     "exercises/e01_add/exercise.yaml:4:8: `z` is not a reading; add it to reading_list.yaml"),
    ("an unknown exercise in a unit", COURSE, "exercises: [e01_add]", "exercises: [e01_add, zzz]",
     "curriculum/toys.yaml:10:24: `zzz` is not an exercise; add exercises/zzz/exercise.yaml"),
    ("a misspelt prerequisite", DOUBLE, "[e01_add]", "[e01_adds]",
     "exercises/e02_double/exercise.yaml:5:17: `e01_adds` is not an exercise; did you mean `e01_add`?"),
    ("an unknown prerequisite", DOUBLE, "[e01_add]", "[zzz]",
     "exercises/e02_double/exercise.yaml:5:17: `zzz` is not an exercise; leave it out or add the exercise"),
    ("a chapter that does not exist", ADD, "chapter: 90", "chapter: 80",
     "exercises/e01_add/exercise.yaml:4:30: no chapter of `toy-lecture` starts at 80; the nearest starts at 90"),
    ("a chapter of a reading that has none", DOUBLE, "- id: toy-paper", "- {id: toy-paper, chapter: 3}",
     "exercises/e02_double/exercise.yaml:4:28: no chapter of `toy-paper` starts at 3; it has none, so leave `chapter` out"),
    ("a misspelt needed check", ADD, "needs: [small]", "needs: [smal]",
     "exercises/e01_add/exercise.yaml:17:11: `smal` is not a check; did you mean `small`?"),
    ("an unknown needed check", ADD, '  title: "Small numbers"', '  title: "Small numbers"\n  needs: [zzz]',
     "exercises/e01_add/exercise.yaml:14:11: `zzz` is not a check; name a check above this one"),
    ("a needed check further down", ADD, '  title: "Small numbers"', '  title: "Small numbers"\n  needs: [negative]',
     "exercises/e01_add/exercise.yaml:14:11: `negative` is not above this check; order the checks so that it is"),
    ("a check that needs itself", ADD, "needs: [small]", "needs: [negative]",
     "exercises/e01_add/exercise.yaml:17:11: `negative` is not above this check; order the checks so that it is"),
    ("a check that continues no open one", ADD, "continues: small", "continues: negative",
     "exercises/e01_add/exercise.yaml:18:14: `negative` is not the check this one can continue; name the first check of the run of checks right above"),
    ("a first check that continues", ADD, '  title: "Small numbers"', '  title: "Small numbers"\n  continues: negative',
     "exercises/e01_add/exercise.yaml:14:14: `negative` is not the check this one can continue; name the first check of the run of checks right above"),
    ("a mutant caught by an unknown check", ADD, "caught_by: small", "caught_by: large",
     "exercises/e01_add/exercise.yaml:23:14: `large` is not a check; name a check of this exercise"),
    ("an exercise that builds on itself", ADD, "difficulty: 1", "prerequisites: [e01_add]\ndifficulty: 1",
     "exercises/e01_add/exercise.yaml:5:17: a circle of prerequisites: e01_add -> e01_add; leave one of them out"),
    ("two exercises that build on each other", ADD, "difficulty: 1", "prerequisites: [e02_double]\ndifficulty: 1",
     "exercises/e02_double/exercise.yaml:5:17: a circle of prerequisites: e01_add -> e02_double -> e01_add; leave one of them out"),
    ("a reading in two units", COURSE, "  - toy-paper", "  - toy-paper\n  - toy-lecture",
     "curriculum/toys.yaml:16:5: the reading `toy-lecture` is in curriculum/toys.yaml:9 already; keep one of them"),
    ("a reading twice in one unit", COURSE, "  - toy-paper", "  - toy-paper\n  - toy-paper",
     "curriculum/toys.yaml:16:5: the reading `toy-paper` is in curriculum/toys.yaml:15 already; keep one of them"),
    ("a reading in no unit", COURSE, "  readings:\n  - toy-paper\n", "",
     "reading_list.yaml:15:7: no unit holds the reading `toy-paper`; add it to `readings:` of a unit in curriculum/"),
    ("an exercise in two units", COURSE, "[e02_double]", "[e01_add, e02_double]",
     "curriculum/toys.yaml:16:15: the exercise `e01_add` is in curriculum/toys.yaml:10 already; keep one of them"),
    ("an exercise in no unit", COURSE, "[e02_double]", "[]",
     "exercises/e02_double/exercise.yaml:1:5: no unit holds the exercise `e02_double`; add it to `exercises:` of a unit in curriculum/"),
    ("a misspelt list of readings", COURSE, "  readings: [toy-lecture]", "  reading: [toy-lecture]",
     "curriculum/toys.yaml:9:3: unknown key `reading`; did you mean `readings`?"),
    ("a misspelt list of mutants", ADD, "mutants:", "mutations:",
     "exercises/e01_add/exercise.yaml:20:1: unknown key `mutations`; did you mean `mutants`?"),
    ("chapters that do not rise", READING_LIST, "t: 0", "t: 90",
     "reading_list.yaml:14:9: chapter starts have to rise, found 90 after 90; order them by time"),
    ("chapters without a video", READING_LIST, '  video_id: "abcdefghijk"\n', "",
     "reading_list.yaml:12:3: chapters need a video; add `video_id`, or leave the chapters out"),
    ("a video that is not that of the address", READING_LIST, 'video_id: "abcdefghijk"', 'video_id: "abcdefghijX"',
     "reading_list.yaml:10:13: `abcdefghijX` is not the video of `url`; correct one of them"),
]
# fmt: on


@pytest.mark.parametrize(
    ("path", "old", "new", "problems"), [pytest.param(*row[1:4], list(row[4:]), id=row[0]) for row in LINKS]
)
def test_link_is_reported_where_it_stands(tmp_path: Path, path: str, old: str, new: str, problems: list[str]) -> None:
    """A link that leads nowhere gives its own problem and no other."""
    write_toy_course(tmp_path, {path: replace_once(TOY_COURSE[path], old, new)})
    assert problems_of(tmp_path) == problems


def test_three_exercises_in_a_circle_are_one_problem(tmp_path: Path) -> None:
    """A circle is reported once, where it closes, with all its members."""
    write_toy_course(tmp_path, _third_exercise())
    assert problems_of(tmp_path) == [
        "exercises/e03_triple/exercise.yaml:5:17: a circle of prerequisites: "
        "e01_add -> e02_double -> e03_triple -> e01_add; leave one of them out"
    ]


def _third_exercise() -> dict[str, str]:
    folder = "exercises/e03_triple"
    third = TOY_COURSE[DOUBLE].replace("e02_double", "e03_triple")
    return {
        ADD: replace_once(TOY_COURSE[ADD], "difficulty: 1", "prerequisites: [e02_double]\ndifficulty: 1"),
        DOUBLE: replace_once(TOY_COURSE[DOUBLE], "[e01_add]", "[e03_triple]"),
        COURSE: replace_once(TOY_COURSE[COURSE], "[e02_double]", "[e02_double, e03_triple]"),
        f"{folder}/exercise.yaml": third,
        **{f"{folder}/{file}": "\n" for file in ("stub.py", "solution.py", "checks.py", "mutants/squares.py")},
    }


def test_exercise_reached_on_two_ways_is_no_circle() -> None:
    """Two exercises may build on the same one, and a fourth on both of them."""
    prerequisites = {"a": "b, c", "b": "d", "c": "b, d", "d": ""}
    sources = {name: parse_text(f"id: {name}\nprerequisites: [{ids}]\n", name) for name, ids in prerequisites.items()}
    links._check_circles(sources)
    assert [problem for source in sources.values() for problem in source.problems] == []


def test_two_circles_through_one_exercise_are_both_reported() -> None:
    """Breaking one circle does not bring up the next."""
    prerequisites = {"a": "b, c", "b": "a", "c": "a"}
    sources = {name: parse_text(f"id: {name}\nprerequisites: [{ids}]\n", name) for name, ids in prerequisites.items()}
    links._check_circles(sources)
    assert [str(problem) for source in sources.values() for problem in source.problems] == [
        "b:2:17: a circle of prerequisites: a -> b -> a; leave one of them out",
        "c:2:17: a circle of prerequisites: a -> c -> a; leave one of them out",
    ]


def test_long_chain_of_prerequisites_is_walked_without_recursion() -> None:
    """A chain longer than Python's stack is no circle, and no crash."""
    names = [f"e{number}" for number in range(1200)]
    sources = {name: parse_text(f"id: {name}\nprerequisites: [{next_}]\n", name) for name, next_ in pairwise(names)}
    links._check_circles(sources)
    assert [problem for source in sources.values() for problem in source.problems] == []


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (
            "stub.py",
            "exercises/e01_add/exercise.yaml:1:1: stub.py is missing beside this file; create e01_add/stub.py, or write it here under `stub:`, or mark what the learner writes in the solution (`# solution: begin`, `# solution: end`)",
        ),
        (
            "solution.py",
            "exercises/e01_add/exercise.yaml:1:1: solution.py is missing beside this file; create e01_add/solution.py, or write it here under `solution:`",
        ),
        (
            "checks.py",
            "exercises/e01_add/exercise.yaml:1:1: checks.py is missing beside this file; create e01_add/checks.py",
        ),
        (
            "mutants/subtracts.py",
            "exercises/e01_add/exercise.yaml:21:7: mutants/subtracts.py is missing; create it, write it here under `code:`, or leave the mutant out",
        ),
    ],
)
def test_file_of_an_exercise_is_missed(tmp_path: Path, path: str, problem: str) -> None:
    """A file that an exercise has to have is missed at its exercise.yaml."""
    write_toy_course(tmp_path, {f"exercises/e01_add/{path}": None})
    assert problems_of(tmp_path) == [problem]


def test_mutant_nobody_declares_is_reported(tmp_path: Path) -> None:
    """A mutant's file without an entry would never be run."""
    write_toy_course(tmp_path, {"exercises/e01_add/mutants/zero.py": "def add(a, b):\n    return 0\n"})
    assert problems_of(tmp_path) == [
        "exercises/e01_add/exercise.yaml:21:1: mutants/zero.py is not declared; add it with `says` and `caught_by`"
    ]


def test_course_twice_is_reported_with_its_units(tmp_path: Path) -> None:
    """A copied course file is reported at each id that it repeats."""
    write_toy_course(tmp_path, {"curriculum/copy.yaml": TOY_COURSE[COURSE]})
    already = "already; keep one of them"
    assert problems_of(tmp_path) == [
        f"curriculum/toys.yaml:2:5: the course `toys` is in curriculum/copy.yaml:2 {already}",
        f"curriculum/toys.yaml:6:7: the unit `first` is in curriculum/copy.yaml:6 {already}",
        f"curriculum/toys.yaml:9:14: the reading `toy-lecture` is in curriculum/copy.yaml:9 {already}",
        f"curriculum/toys.yaml:10:15: the exercise `e01_add` is in curriculum/copy.yaml:10 {already}",
        f"curriculum/toys.yaml:11:7: the unit `second` is in curriculum/copy.yaml:11 {already}",
        f"curriculum/toys.yaml:15:5: the reading `toy-paper` is in curriculum/copy.yaml:15 {already}",
        f"curriculum/toys.yaml:16:15: the exercise `e02_double` is in curriculum/copy.yaml:16 {already}",
    ]


def test_without_a_course_only_that_is_said(tmp_path: Path) -> None:
    """An empty curriculum is one problem, not one for every reading."""
    write_toy_course(tmp_path, {COURSE: None})
    assert problems_of(tmp_path) == ["curriculum:1:1: this folder holds no course; add a file such as toys.yaml"]


def test_course_with_the_wrong_ending_is_to_be_renamed(tmp_path: Path) -> None:
    """It is not overlooked, and what else is wrong in it is said at once; no exercise counts as placed nowhere."""
    misspelt = replace_once(TOY_COURSE[COURSE], "[toy-lecture]", "[toy-lectern]")
    write_toy_course(tmp_path, {COURSE: None, "curriculum/toys.yml": misspelt})
    assert problems_of(tmp_path) == [
        "curriculum/toys.yml:1:1: courses end in .yaml; rename it to toys.yaml",
        "curriculum/toys.yml:9:14: `toy-lectern` is not a reading; did you mean `toy-lecture`?",
    ]


def test_wrong_ending_beside_a_right_one_is_noticed_in_spite_of_the_index(tmp_path: Path) -> None:
    """A course that is added under a wrong name is seen at once."""
    root, cache = write_toy_course(tmp_path / "course"), tmp_path / "cache"
    load_content(root, cache)
    (root / "curriculum" / "more.yml").write_text(
        "id: more\ntitle: M\nsummary: S\nunits:\n- {id: x, title: X, summary: S}\n"
    )
    with pytest.raises(ContentError) as caught:
        load_content(root, cache)
    assert caught.value.problems == ["curriculum/more.yml:1:1: courses end in .yaml; rename it to more.yaml"]


def test_problems_of_all_kinds_in_all_files_come_at_once_in_order(tmp_path: Path) -> None:
    """Neither a bad value nor a file that is no YAML hides what is wrong elsewhere."""
    broken = {
        READING_LIST: TOY_COURSE[READING_LIST].replace("minutes: 60", "minutes: 060").replace("t: 0", "t: 90"),
        COURSE: TOY_COURSE[COURSE].replace("[toy-lecture]", "[toy-lectern]").replace('summary: "Two units."\n', ""),
        ADD: TOY_COURSE[ADD].replace("difficulty: 1", "dificulty: 1\nid: e01_add").replace("t: small", "t: zzz"),
        DOUBLE: TOY_COURSE[DOUBLE].replace("[e01_add]", "[e02_double, zzz]").replace("minutes: 20", "minutes: x"),
        "exercises/e03_torn/exercise.yaml": "id: [e03_torn\n",
    }
    write_toy_course(tmp_path, broken)
    assert problems_of(tmp_path) == [
        'curriculum/toys.yaml:2:1: a course needs the key `summary`; add `summary: "..."`',
        "curriculum/toys.yaml:8:14: `toy-lectern` is not a reading; did you mean `toy-lecture`?",
        "exercises/e01_add/exercise.yaml:5:1: unknown key `dificulty`; did you mean `difficulty`?",
        "exercises/e01_add/exercise.yaml:6:1: the key `id` is already in line 1; keep one of them",
        "exercises/e02_double/exercise.yaml:5:17: a circle of prerequisites: e02_double -> e02_double; leave one of them out",
        "exercises/e02_double/exercise.yaml:5:29: `zzz` is not an exercise; leave it out or add the exercise",
        "exercises/e02_double/exercise.yaml:7:10: `minutes` is a whole number, found `x`; write digits only",
        "exercises/e03_torn/exercise.yaml:1:5: the list that opens here lacks a comma or its ]; add it",
        "reading_list.yaml:14:9: chapter starts have to rise, found 90 after 90; order them by time",
        "reading_list.yaml:20:12: `minutes` is a whole number, found `060`; write it without a leading 0",
    ]


@pytest.mark.parametrize("path", [READING_LIST, COURSE, ADD, DOUBLE])
def test_torn_file_makes_no_link_look_broken(tmp_path: Path, path: str) -> None:
    """What would have stood in a file that is no YAML is not missed elsewhere."""
    write_toy_course(tmp_path, {path: "id: [a\n"})
    assert problems_of(tmp_path) == [f"{path}:1:5: the list that opens here lacks a comma or its ]; add it"]
