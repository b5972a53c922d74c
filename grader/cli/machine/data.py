"""`study data`: the names corpus; list, fetch, use."""

import os
from pathlib import Path

import click

from grader.cli.context import Context, short_path
from grader.cli.groups import SuggestingGroup
from grader.cli.options import json_option


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
