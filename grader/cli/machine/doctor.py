"""`study doctor`: check this machine, and mend the progress log."""

import os

import click

from grader.cli.context import Context
from grader.cli.options import json_option


@click.command()
@click.option("--repair", is_flag=True, help="Mend the progress log: get all that can be had out of damaged files.")
@json_option
def doctor(repair: bool, as_json: bool) -> None:
    """Check this machine: versions, devices, workspace, corpus, and what isolates your code."""
    if repair:
        _repair(Context(as_json=as_json))
        return
    from msgspec import to_builtins
    from rich.console import Group

    from grader.cli.machine.findings import examine
    from grader.text.console import line

    context = Context(as_json=as_json)
    findings = examine(context, os.environ)
    lines = [
        line(
            ("✓ " if f.good else "✗ ", "green" if f.good else "yellow"),
            f"{f.what:<28} ",
            f.found,
            "" if f.good else " [not as it should be]",
            (f"  {f.advice}", "dim"),
        )
        for f in findings
    ]
    odd = sum(not f.good for f in findings)
    lines.append(
        line(
            f"{odd} of {len(findings)} findings {'is not as it' if odd == 1 else 'are not as they'} should be"
            if odd
            else "all is as it should be"
        )
    )
    context.show(lambda: Group(*lines), lambda: {"findings": to_builtins(findings)})


def _repair(context: Context) -> None:
    """Salvage the log if it is damaged, and deal with what damaged files hold and where they lie."""
    from rich.console import Group

    from grader.text.console import line

    if not context.has_progress():
        done = ["There is no progress log yet, so there is nothing to repair."]
    else:
        context.store.examine()
        done = context.store.repair() or ["The progress log is as it should be; nothing was changed."]
    context.show(
        lambda: Group(*map(line, done), line(("next: ", "bold"), ("study doctor", "green"))), lambda: {"repaired": done}
    )
