"""Courses of any size, made up, with every file that a real one has."""

from pathlib import Path

PER_UNIT = 10

_READING = """\
- id: reading-{n}
  kind: paper
  title: "A paper on the subject of number {n}"
  authors: ["Ada Lovelace", "Charles Babbage"]
  year: 1999
  url: "https://example.org/papers/{n}.pdf"
  track: subject
  minutes: 60
  note: "What the paper found, in one sentence of about the length that such a note has."
"""
_UNIT = """\
- id: unit-{u}
  title: "Unit {u}"
  summary: "You can do what the exercises of this unit ask for, and say why it works."
  readings: [{readings}]
  exercises: [{exercises}]
"""
_SENTENCE = "  Write the function that the paper describes, for any batch, and say in its docstring what it returns.\n"
_CHECK = '- {{id: check_{k}, title: "What has to hold for case {k}", points: 2, timeout_s: 20}}\n'
_MUTANT = """\
- id: mutant_{k}
  says: "The sum runs over the wrong axis: every row has to add up to one, and with this it is the columns that do."
  caught_by: check_{k}
"""


def write_course(root: Path, exercises: int) -> None:
    """Write a course of that many exercises."""
    names = [f"e{n:05}_subject" for n in range(exercises)]
    (root / "curriculum").mkdir(parents=True)
    readings = "".join(_READING.format(n=n) for n in range(exercises))
    (root / "reading_list.yaml").write_text(f"readings:\n{readings}")
    units = []
    for u, first in enumerate(range(0, exercises, PER_UNIT)):
        members = range(first, min(first + PER_UNIT, exercises))
        ids = {
            "readings": ", ".join(f"reading-{n}" for n in members),
            "exercises": ", ".join(names[n] for n in members),
        }
        units.append(_UNIT.format(u=u, **ids))
    text = 'id: large\ntitle: "A large course"\nsummary: "Made up."\nunits:\n'
    (root / "curriculum" / "large.yaml").write_text(text + "".join(units))
    for n, name in enumerate(names):
        _write_exercise(root / "exercises" / name, n, names[n - 1] if n % PER_UNIT else None)


def _write_exercise(folder: Path, n: int, before: str | None) -> None:
    (folder / "mutants").mkdir(parents=True)
    checks, mutants = range(6), range(5)
    (folder / "exercise.yaml").write_text(
        f'id: {folder.name}\ntitle: "The subject, part {n}"\nreadings:\n- id: reading-{n}\n'
        + (f"prerequisites: [{before}]\n" if before else "")
        + "difficulty: 2\nminutes: 30\nstatement: |\n"
        + 10 * _SENTENCE
        + "hints:\n"
        + "".join(f'- "Hint {k}: write the sum out for two rows by hand, and look at the shapes."\n' for k in range(3))
        + "checks:\n"
        + "".join(_CHECK.format(k=k) for k in checks)
        + "mutants:\n"
        + "".join(_MUTANT.format(k=k) for k in mutants)
    )
    code = "def answer(x):\n    return x\n"
    for file in ("stub.py", "solution.py", "checks.py", *(f"mutants/mutant_{k}.py" for k in mutants)):
        (folder / file).write_text(code)
