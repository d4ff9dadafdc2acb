"""`comeback channel`: connect the providers that carry a store's messages, and prove that they do.

Credentials are tried before they are kept; a provider that refuses them leaves no trace here.
"""

import re
from collections.abc import Mapping

import click

from app.channels import Channel, ChannelName
from app.commands.klaviyo_setup import set_up
from app.commands.ready import connections, ready_store
from app.commands.terminal import ask, say, warn
from app.config import Config
from app.errors import AccessLost, ComebackError, InvalidInput
from app.models import Store
from app.stores import pushing
from app.stores.adapters import open_channel
from app.stores.connections import Connections
from app.stores.credentials import Secret
from app.stores.install import save_channel

_SHORTEST_SECRET = 16
"""Klaviyo refuses a webhook secret with fewer characters."""


@click.group()
def channel() -> None:
    """Providers that carry a store's messages.

    STORE is any part of the shop's domain, or the beginning of its id.
    """


@channel.group("connect")
def connect() -> None:
    """Connect a provider. Its credentials are tried before they are kept."""


@connect.command("klaviyo")
@click.argument("store")
@click.option("--private-key", help="The account's private key, pk_… Asked for if missing.")
@click.option("--webhook-secret", help="The secret of a system webhook that you made yourself.")
def connect_klaviyo(store: str, private_key: str | None, webhook_secret: str | None) -> None:
    """E-mail for STORE through its own Klaviyo account."""
    with ready_store(store) as (config, shop):
        given = private_key or ask("Klaviyo private key", hidden=True)
        values = {"private_key": _matching("--private-key", r"pk_\S+", given)}
        if webhook_secret and len(webhook_secret) < _SHORTEST_SECRET:
            raise InvalidInput("--webhook-secret", "give 16 characters or more")
        _keep(config, shop, "klaviyo", values)
        if webhook_secret:
            pushing.keep_secret(config, shop.store_id, pushing.GIVEN, webhook_secret)
        say(f"Next: `comeback channel setup klaviyo {shop.domain}` makes the flows that send.")


@connect.command("twilio", short_help="SMS, and WhatsApp, through the store's Twilio account.")
@click.argument("store")
@click.option("--account-sid", help="AC…, from the console's start page. Asked for if missing.")
@click.option("--auth-token", help="The token beside it. Asked for if missing.")
@click.option("--messaging-service-sid", help="MG…, the service that sends. Asked for if missing.")
@click.option("--whatsapp", help="The approved WhatsApp sender, such as +390212345678, if any.")
def connect_twilio(store: str, **given: str | None) -> None:
    """SMS, and WhatsApp with a sender, for STORE through its own Twilio account."""
    with ready_store(store) as (config, shop):
        values = {
            "account_sid": _matching(
                "--account-sid", r"AC[0-9a-fA-F]{32}", given["account_sid"] or ask("Account SID")
            ),
            "auth_token": _matching(
                "--auth-token", r"\S+", given["auth_token"] or ask("Auth token", hidden=True)
            ),
            "messaging_service_sid": _matching(
                "--messaging-service-sid",
                r"MG[0-9a-fA-F]{32}",
                given["messaging_service_sid"] or ask("Messaging Service SID"),
            ),
        }
        if given["whatsapp"]:
            number = given["whatsapp"].removeprefix("whatsapp:")
            values["whatsapp"] = _matching("--whatsapp", r"\+[1-9]\d{6,14}", number)
        _keep(config, shop, "twilio", values)
        address = f"{config.public_url.rstrip('/')}/callbacks/twilio/{shop.store_id}"
        say(f"Answers reach us at {address}: set it as the service's incoming request URL.")


@channel.command("test", short_help="Ask every connected provider whether it would send now.")
@click.argument("store")
def test(store: str) -> None:
    """Ask every connected provider of STORE whether it would carry a message now."""
    with ready_store(store) as (config, shop):
        opener = connections(config)
        names = sorted(opener.connected(shop.store_id))
        if not names:
            raise InvalidInput(
                "STORE",
                f"{shop.domain} has no channel yet; `comeback channel connect klaviyo"
                f" {shop.domain}` or `… twilio …` makes one",
            )
        working = [_works(opener, shop, name) for name in names]
        if not all(working):
            raise SystemExit(1)


channel.add_command(set_up)


def _works(opener: Connections, shop: Store, name: ChannelName) -> bool:
    try:
        found: Channel | None = opener.channel(shop.store_id, name)
        health = found.test() if found else None
    except ComebackError as error:
        warn(f"{name}: {error}")
        return False
    if health is None or not health.ok:
        warn(f"{name}: {health.sentence if health else 'not connected any more'}")
        return False
    say(f"{name}: {health.sentence}")
    return True


def _keep(config: Config, shop: Store, kind: str, values: Mapping[str, str]) -> None:
    health = open_channel(config, kind, values).test()
    if not health.ok:
        raise AccessLost(f"{health.sentence} Nothing was saved.")
    save_channel(config, shop.store_id, Secret(kind=kind, values=values))
    say(f"{kind.title()} is connected to {shop.domain}. {health.sentence}")


_SHAPES = {
    "--private-key": "it begins with pk_; the six characters of the public key are another one",
    "--account-sid": "it is AC and 32 letters and digits; Twilio's start page shows it",
    "--auth-token": "give it without blanks",
    "--messaging-service-sid": "it is MG and 32 letters and digits; see Messaging, Services",
    "--whatsapp": "give the number with its country, such as +390212345678",
}


def _matching(name: str, shape: str, value: str) -> str:
    if re.fullmatch(shape, value.strip()) is None:
        raise InvalidInput(name, _SHAPES[name])
    return value.strip()
