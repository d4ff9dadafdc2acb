"""`comeback restored`: after an old backup was restored, and before anything is sent."""

from datetime import UTC, datetime

import click
from sqlalchemy import select

from app import clock
from app.commands.ready import connections, ready
from app.commands.terminal import counted, say, warn
from app.errors import ComebackError, InvalidInput
from app.inbox.restored import come_back
from app.models import Store, StoreStatus
from app.stores.connections import Connections
from app.tenancy import platform_transaction


@click.command("restored", short_help="After a restore: learn what was sent since the backup.")
@click.option("--since", required=True, metavar="TIME", help="When the backup was made, in UTC.")
def restored(since: str) -> None:
    """Ask providers and shops what happened since the backup, so that nothing is sent twice.

    Run it before the worker starts again; it may be run again. Ends with exit code 1 when somebody
    could not be asked: then start no worker yet.
    """
    moment = _moment(since)
    with ready() as config:
        if not moment < clock.now():
            raise InvalidInput("--since", "the backup cannot have been made later than now")
        asked = [_ask(store, connections(config), moment) for store in _connected()]
    if not all(asked):
        raise SystemExit(1)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("--since", "give a time such as 2026-03-02T04:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _connected() -> list[Store]:
    with platform_transaction("list the connected stores after a restore") as session:
        connected = select(Store).where(Store.status == StoreStatus.ACTIVE)
        return list(session.scalars(connected.order_by(Store.domain)))


def _ask(store: Store, open_accounts: Connections, since: datetime) -> bool:
    try:
        found = come_back(store.store_id, open_accounts, since)
    except ComebackError as error:
        warn(f"{store.domain}: could not be asked: {error} Run the same command again.")
        return False
    say(
        f"{store.domain}: {counted(found.books.settled, 'message')} of the backup had gone out;"
        f" {counted(found.books.lost, 'message')} it does not know will not go out again."
    )
    if found.lost_shop:
        warn(f"  Nothing commercial is sent until the shop is connected again: {found.lost_shop}")
    return True
