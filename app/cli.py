"""The `comeback` command. Composition root of everything that is not the web app."""

import sys

import click

from app.commands import channels, demo, flows, people, servers, stores, webhooks
from app.commands.import_orders import import_orders
from app.errors import ComebackError


class Sentences(click.Group):
    """Turns errors a person can act on into one sentence and exit code 1; the rest are our bugs."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ComebackError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
def comeback() -> None:
    """The retention engine for shops: the right message, once, with its reason on record."""


for command in (
    servers.run,
    servers.migrate_command,
    servers.key,
    demo.demo,
    stores.store,
    channels.channel,
    flows.flow,
    import_orders,
    webhooks.webhooks,
    people.why,
    people.erase,
):
    comeback.add_command(command)


def main() -> None:
    """The entry point of `python -m app.cli` and of the `comeback` script."""
    comeback(prog_name="comeback")


if __name__ == "__main__":
    sys.exit(main())
