"""`comeback run`, `migrate`, `key`: the machine itself."""

import click

from app.commands.terminal import say
from app.config import read_config
from app.crypto import new_key
from app.launch import machine, run_processes


@click.command()
@click.option("--workers", default=1, show_default=True, help="Worker processes to run.")
def run(workers: int) -> None:
    """Run web, worker and ticker on this machine until Ctrl-C."""
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


@click.command()
def key() -> None:
    """Print a fresh key for SECRET_KEYS. To rotate, put it before the old ones."""
    click.echo(new_key())
