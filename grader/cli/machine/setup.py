"""The commands that set things up and check them: init, data, doctor."""

import os
from pathlib import Path

import click

from grader.cli.context import Context, short_path
from grader.cli.groups import SuggestingGroup
from grader.cli.options import json_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--vscode", is_flag=True, help="Also write .vscode/tasks.json: grade, watch, next.")
@json_option
def init(folder: Path | None, vscode: bool, as_json: bool) -> None:
    """Make a workspace: in FOLDER, else where STUDY_HOME says, else in ~/study."""
    from rich.console import Group

    from grader.files.workspace import Workspace
    from grader.text.console import line

    context = Context(as_json=as_json)
    workspace = Workspace(folder.absolute(), "named by you") if folder else context.workspace
    new = workspace.create()
    text = "made the workspace" if new else "the workspace is there already:"
    tasks = None
    if vscode:
        from grader.cli.machine.vscode import TasksFile, find_command

        tasks = TasksFile(workspace, find_command())
    context.show(
        lambda: Group(
            line(f"{text} {short_path(workspace.root)}"),
            *([tasks.render()] if tasks else []),
            line(("next: ", "bold"), ("study next", "green")),
        ),
        lambda: {"workspace": str(workspace.root), "new": new} | ({"vscode": tasks.to_data()} if tasks else {}),
    )


@click.group(cls=SuggestingGroup)
def data() -> None:
    """The names corpus that some exercises train on."""


@data.command("list")
@json_option
def data_list(as_json: bool) -> None:
    """Show which corpora there are, and which one is used."""
    import msgspec
    from rich.console import Group

    from grader.corpus import describe_corpora
    from grader.text.console import line

    context = Context(as_json=as_json)
    known = describe_corpora(context.corpus_settings())
    lines = []
    for status in known:
        words = f"{status.words:,} words" if status.words is not None else "not here"
        floor = f", no model gets below {status.floor_nats:.4f} nats" if status.floor_nats is not None else ""
        where = f"  {short_path(status.path)}" if status.path else ""
        mark = ("✓ ", "green") if status.in_use else ("  ", "")
        about = status.problem or ("in use" if status.in_use else "")
        lines.append(
            line(mark, (f"{status.name} ({status.origin})", "bold"), f"  {words}{floor}{where}  ", (about, "dim"))
        )
    if not any(status.in_use and status.name == "names" for status in known):
        lines.append(
            line(("next: ", "bold"), ("study data fetch", "green"), "   or   ", ("study data use PATH", "green"))
        )
    context.show(lambda: Group(*lines), lambda: {"corpora": msgspec.to_builtins(known, enc_hook=str)})


@data.command()
@json_option
def fetch(as_json: bool) -> None:
    """Download names.txt from the makemore repository and check that it is the right file."""
    from msgspec import structs
    from rich.progress import Progress

    from grader.corpus import fetch_names
    from grader.text.console import can_redraw, line, make_console

    context = Context(as_json=as_json)
    console = make_console() if not as_json else None
    with Progress(console=console, transient=True, disable=console is None or not can_redraw(console)) as bar:
        task = bar.add_task("names.txt", total=None)
        path = fetch_names(
            context.cache_dir, progress=lambda done, total: bar.update(task, completed=done, total=total or None)
        )
    if context.workspace.exists() and (settings := context.workspace.load_settings()).names_file:
        context.workspace.save_settings(structs.replace(settings, names_file=None))
        context.say(f"{settings.names_file} is no longer used")
    if os.environ.get("STUDY_NAMES_FILE"):
        context.say("STUDY_NAMES_FILE is set and goes on deciding which file is used")
    context.show(lambda: line(f"fetched {short_path(path)}, checksum right"), lambda: {"path": str(path)})


@data.command()
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def use(path: Path, as_json: bool) -> None:
    """Use your own copy of makemore's names.txt."""
    from msgspec import structs

    from grader.corpus import CorpusSettings, resolve_corpus
    from grader.text.console import line

    context = Context(as_json=as_json)
    chosen = CorpusSettings(
        cache_dir=context.cache_dir, explicit_path=path.absolute(), explicit_origin="study data use", offline=True
    )
    corpus = resolve_corpus(chosen, report=context.say)
    if context.workspace.create():
        context.say(f"made the workspace {context.workspace.root} ({context.workspace.found_by})")
    settings = structs.replace(context.workspace.load_settings(), names_file=str(path.absolute()))
    context.workspace.save_settings(settings)
    context.show(
        lambda: line(f"using {short_path(path.absolute())}: {len(corpus.words)} names, checksum right"),
        lambda: {"path": str(path.absolute()), "words": len(corpus.words)},
    )


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

    from grader.cli.machine.doctor import examine
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
