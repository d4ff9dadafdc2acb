"""`comeback store backfill`: read a shop's history while somebody watches the bars."""

from functools import partial

import click
from rich.progress import TaskID

from app.commands.ready import connections, ready_store
from app.commands.terminal import bars, counted, say
from app.config import Config
from app.errors import Unreachable
from app.inbox.sync import apply_history
from app.models import Backfill, Store
from app.platforms import Resource
from app.stores import backfill
from app.tenancy import store_transaction


@click.command("backfill")
@click.argument("name", metavar="STORE")
@click.option("--again", is_flag=True, help="Begin from the start, even if it had finished.")
def backfill_command(name: str, again: bool) -> None:
    """Read the shop's history now, with progress. Nobody is messaged because of it."""
    with ready_store(name) as (config, shop):
        with store_transaction(shop.store_id) as session:
            if again or not backfill.progress(session):
                backfill.start(session)
        rows = _read_all(config, shop)
        counts = ", ".join(counted(row.done, row.resource.removesuffix("s")) for row in rows)
        say(f"The history of {shop.domain} is read: {counts}.")


def _read_all(config: Config, shop: Store) -> list[Backfill]:
    """Page after page until every resource is finished; returns their rows."""
    api = connections(config).shop(shop.store_id)
    apply = partial(apply_history, keys=config.keys)
    with bars() as progress:
        shown: dict[str, TaskID] = {
            resource: progress.add_task(resource, total=None) for resource in Resource
        }
        while True:
            read = backfill.read_next(shop.store_id, api, apply)
            with store_transaction(shop.store_id) as session:
                rows = backfill.progress(session)
            for row in rows:
                progress.update(shown[row.resource], completed=row.done, total=row.total)
            if all(row.finished_at for row in rows):
                return rows
            broken = next((row.error for row in rows if row.error), None)
            if broken and not read:
                raise Unreachable(f"{broken} Run the same command again to continue.")
            if not read:
                backfill.wait_until_due(rows)
