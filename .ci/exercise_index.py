"""Writes exercises/README.md: the exercises in the order of study, by unit. A test holds the file to what this writes."""

from pathlib import Path

from grader.course import Content, find_content_root, load_content

HEAD = """# Exercises

The exercises in the order of study, as `study list` shows them. A folder has the name that is typed: `study start ID`, or
its number alone where only one has it. `python .ci/exercise_index.py` writes this page.
"""


def write_index(content: Content) -> str:
    """Write the page: a table per unit that has exercises."""
    parts = [HEAD]
    for unit in content.units:
        if not unit.exercises:
            continue
        parts.append(f"## {unit.title}\n\n| exercise | what it is about | minutes | builds on |\n|---|---|---|---|")
        for name in unit.exercises:
            exercise = content.exercises[name]
            builds_on = ", ".join(f"[{other}]({other}/)" for other in exercise.prerequisites)
            parts[-1] += f"\n| [{name}]({name}/) | {exercise.title} | {exercise.minutes} | {builds_on} |"
        parts[-1] += "\n"
    return "\n".join(parts)


if __name__ == "__main__":
    root = find_content_root()
    Path(root, "exercises", "README.md").write_text(write_index(load_content(root)), encoding="utf-8")
