"""`comeback run`, `migrate`, `key`: the machine itself."""

import click

from app.commands.ready import console
from app.config import read_config
from app.crypto import new_key
from app.launch import machine, run_processes


@click.command()
@click.option("--workers", default=1, show_default=True, help="Worker processes to run.")
def run(workers: int) -> None:
    """Run web, worker and ticker on this machine until Ctrl-C."""
    with machine() as prepared:
        config = prepared.config
        console.print(f"Comeback listens on http://{config.host}:{config.port}")
        raise SystemExit(run_processes(prepared, workers))


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    with machine():
        where = "DATABASE_URL" if read_config().database_owner_url else "the data folder"
        console.print(f"The database of {where} is at the newest schema.")


@click.command()
def key() -> None:
    """Print a fresh key for SECRET_KEYS. To rotate, put it before the old ones."""
    click.echo(new_key())
