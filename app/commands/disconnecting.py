"""`comeback store disconnect`: let a shop go that has no app to uninstall, and forget it."""

import click

from app.commands.ready import ready_store
from app.commands.terminal import require_yes, say
from app.inbox.connection_facts import disconnect
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction


@click.command("disconnect", short_help="End everything of a shop and erase its people.")
@click.argument("name", metavar="STORE")
@click.option("--yes", is_flag=True, help="Agree beforehand.")
def disconnect_command(name: str, yes: bool) -> None:
    """End everything that runs for a shop, forget its keys and erase its people.

    This cannot be undone. For a shop on WooCommerce; Shopify says so itself on an uninstall.
    """
    with ready_store(name, erased=True) as (_, shop):
        require_yes(f"Erase {shop.domain} and everything known of its people?", yes)
        with store_transaction(shop.store_id) as session:
            disconnect(session, this_store(session))
        say(f"{shop.domain} is disconnected, and what was known of it is erased.")
        say("Delete its webhooks and our key in the shop's own settings as well.")
