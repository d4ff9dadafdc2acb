"""`comeback run` and `migrate`: the machine itself."""

import click

from app.commands.terminal import say
from app.config import read_config
from app.launch import machine, run_processes
from app.ports import require_free


@click.command()
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Worker processes to run.",
)
def run(workers: int) -> None:
    """Run web, worker and ticker on this machine until Ctrl-C."""
    wanted = read_config()
    require_free(wanted.host, wanted.port)  # Before anything is started.
    with machine() as prepared:
        config = prepared.config
        say(f"Comeback listens on http://{config.host}:{config.port}")
        raise SystemExit(run_processes(prepared, workers))


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    # Asked before: the machine fills in what is not set.
    given = read_config()
    where = "DATABASE_URL" if given.database_url else f"the folder {given.data_dir}"
    with machine():
        say(f"The database of {where} is at the newest schema.")
