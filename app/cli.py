"""The `comeback` command. Composition root of everything that is not the web app."""

import warnings
from importlib import import_module

import click
from redis.exceptions import ConnectionError as QueueDown
from sqlalchemy.exc import OperationalError

from app.errors import ComebackError

COMMANDS = {
    "demo": "app.commands.demo:demo",
    "run": "app.commands.servers:run",
    "migrate": "app.commands.servers:migrate_command",
    "key": "app.commands.keys:key",
    "store": "app.commands.stores:store",
    "channel": "app.commands.channels:channel",
    "flow": "app.commands.flows:flow",
    "segment": "app.commands.segments:segment",
    "import": "app.commands.import_orders:import_orders",
    "webhooks": "app.commands.webhooks:webhooks",
    "doctor": "app.commands.doctor:doctor",
    "science": "app.commands.science:science",
    "report": "app.commands.reports:report",
    "restored": "app.commands.restored:restored",
    "why": "app.commands.people:why",
    "export": "app.commands.people:export",
    "erase": "app.commands.people:erase",
}
"""Loaded when they are asked for: `comeback key` need not wait for the providers' packages."""


class Sentences(click.Group):
    """Turns errors a person can act on into one sentence and exit code 1; the rest are our bugs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ComebackError as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise click.ClickException(
                f"The database cannot answer: {reason}; see DATABASE_URL and DATABASE_OWNER_URL"
            ) from error
        except QueueDown as error:
            raise click.ClickException(f"REDIS_URL: the queue does not answer: {error}") from error


@click.group(
    cls=Sentences,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="STORE is any part of a shop's domain, or the beginning of its id. A command ends with"
    " 0 when it is done, 1 when it could not be done (or the doctor found something red), 2 when it"
    " was written wrongly, 3 when an import refused some rows.",
)
def comeback() -> None:
    """The retention engine for shops: the right message, once, with its reason on record."""


def main() -> None:
    """The entry point of `python -m app.cli` and of the `comeback` script."""
    # Where no desktop is, as in a container, the packages of our own servers warn about a folder.
    warnings.filterwarnings("ignore", module="platformdirs")
    comeback(prog_name="comeback")


if __name__ == "__main__":
    main()
