"""`comeback run` and `migrate`: the machine itself."""

import socket

import click

from app.commands.terminal import say
from app.config import Config, read_config
from app.errors import ConfigError
from app.launch import machine, run_processes


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
    _require_free_port(read_config())
    with machine() as prepared:
        config = prepared.config
        say(f"Comeback listens on http://{config.host}:{config.port}")
        raise SystemExit(run_processes(prepared, workers))


def _require_free_port(config: Config) -> None:
    """Say that somebody listens there already, before anything is started."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise ConfigError(
                f"PORT: nothing can listen on {config.host}:{config.port} ({error.strerror});"
                " set another port or HOST."
            ) from error


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    # Asked before: the machine fills in what is not set.
    given = read_config()
    where = "DATABASE_URL" if given.database_url else f"the folder {given.data_dir}"
    with machine():
        say(f"The database of {where} is at the newest schema.")
