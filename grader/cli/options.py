"""Options that several commands share."""

import click

from grader.core.job import DEVICES, ISOLATIONS

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
device_option = click.option("--device", type=click.Choice(DEVICES), default="cpu", show_default=True)
isolation_option = click.option(
    "--isolation",
    type=click.Choice(ISOLATIONS),
    default="best",
    show_default=True,
    help="strict: refuse to grade unless every layer of the sandbox is on; none: leave most of it out.",
)
seed_option = click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Repeat a grade with the same inputs.")
