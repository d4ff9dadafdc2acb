"""`comeback channel setup klaviyo`: build in the merchant's account what our e-mails need.

Looks, shows and asks before it makes anything; what was interrupted is found by name the next time.
Nothing goes live unless that was asked for as well.
"""

import math
from collections.abc import Sequence
from threading import Event

import click

from app.channels.klaviyo import FlowWish, KlaviyoPush, KlaviyoSetup
from app.channels.klaviyo.pieces import Kind, Piece, Plan
from app.channels.klaviyo.push import Found, Push
from app.commands.ready import connections, ready_store
from app.commands.terminal import ask, bars, counted, require_yes, say, show_table, warn
from app.config import Config
from app.customers.addresses import normal_email
from app.errors import AccessLost, InvalidInput, Unreachable
from app.flows.load import definition_of
from app.flows.versions import export_flow, list_flows
from app.flows.wishes import email_wishes
from app.inbox.silent_mail import look_for_silence
from app.models import Store
from app.stores import pushing
from app.tenancy import store_transaction

_PATIENCE = 60.0
"""Seconds we wait for Klaviyo while somebody looks on; a longer wait is better spent elsewhere."""
_ROUNDS = 12
"""Looks in a row at an account that files nothing, before we give up."""
_PUSH = {
    Push.THERE: "Klaviyo tells us at once what becomes of the mails, by a system webhook.",
    Push.UNAVAILABLE: "This account gives no system webhooks, or this key may not make any"
    " (webhooks:read and webhooks:write). What becomes of the mails is read every minute instead.",
    Push.NEEDS_HTTPS: "Klaviyo calls only https addresses, and PUBLIC_URL is none. What becomes of"
    " the mails is read every minute instead.",
    Push.LATER: "Klaviyo could not make a system webhook now; run this again later for it. What"
    " becomes of the mails is read every minute meanwhile.",
}
_AGAIN = "Run the same command again then: what is made stays."


@click.group("setup")
def set_up() -> None:
    """Build in a provider's account what our messages need."""


@set_up.command("klaviyo", short_help="Make our metrics, templates and draft flows there.")
@click.argument("store")
@click.option("--address", help="Gets each metric's first event. Default: the shop's own address.")
@click.option("--live", is_flag=True, help="Set our flows there live at the end; asked for again.")
@click.option("--yes", is_flag=True, help="Agree beforehand.")
def set_up_klaviyo(store: str, address: str | None, live: bool, yes: bool) -> None:
    """Make the metrics, templates and draft flows of STORE's e-mails in its Klaviyo account."""
    with ready_store(store) as (config, shop):
        wishes = _wishes(shop)
        account = _account(config, shop)
        plan, push = account.plan(wishes), _push(config, shop)
        found = pushing.look(config, shop.store_id, push)
        _show(plan, found)
        if not plan.missing and found.push is not Push.MISSING:
            say("Everything is there.")
        else:
            receiver = _receiver(address or shop.contact_email)
            require_yes("Make what is missing, flows as drafts?", yes)
            _make(account, wishes, receiver, len(plan.missing))
        if found.push is Push.MISSING:
            found = pushing.start(config, shop.store_id, push, found)
        say(_PUSH[found.push] + (f" Klaviyo says: {found.detail}" if found.detail else ""))
        if live:
            _go_live(account, account.plan(wishes), yes)
            look_for_silence(shop.store_id, connections(config))
        else:
            say("The flows there stay drafts until you run this again with --live.")


def _receiver(address: str | None) -> str:
    """Where the first events go. Refused before anything is made when no mail can go there."""
    given = address or ask("Address for the first events")
    if normal_email(given) is None:
        raise InvalidInput("--address", f"“{given}” is no e-mail address")
    return given


def _wishes(shop: Store) -> list[FlowWish]:
    """One wish for every kind of e-mail that the store's flows send."""
    with store_transaction(shop.store_id) as session:
        sources = [
            export_flow(session, shop, line.slug, line.version)
            for line in list_flows(session, shop)
        ]
    wishes = [wish for source in sources for wish in email_wishes(definition_of(source))]
    if not wishes:
        raise InvalidInput(
            "STORE",
            f"{shop.domain} has no flow that sends e-mail; `comeback flow import {shop.domain}"
            " abandoned-cart` brings the first",
        )
    return wishes


def _account(config: Config, shop: Store) -> KlaviyoSetup:
    account = connections(config).klaviyo_setup(shop.store_id)
    if account is None:
        raise AccessLost(
            f"{shop.domain} has no Klaviyo yet; `comeback channel connect klaviyo {shop.domain}`"
            " comes first."
        )
    return account


def _push(config: Config, shop: Store) -> KlaviyoPush:
    push = connections(config).klaviyo_push(shop.store_id)
    assert push is not None  # _account has looked.
    return push


def _show(plan: Plan, found: Found) -> None:
    rows: list[tuple[str, str, str]] = [
        (piece.kind, piece.name, piece.provider_id or "to be made") for piece in plan.pieces
    ]
    if found.push in (Push.THERE, Push.MISSING):
        there = found.webhook_id if found.push is Push.THERE else None
        rows.append(("webhook", "system webhook of this store", there or "to be made"))
    show_table(("what", "name", "there"), rows)
    if plan.order_metric_id is None:
        warn(
            "The account has no “Placed Order” metric yet, so its flows go without their second"
            " net against mail after a purchase. Our own check before every send stays."
        )


def _make(account: KlaviyoSetup, wishes: Sequence[FlowWish], receiver: str, total: int) -> None:
    """Rounds of making until nothing is left; a wait in between is Klaviyo's own wish."""
    idle = 0
    with bars() as progress:
        bar = progress.add_task("made", total=total)
        while True:
            done = account.apply(wishes, receiver)
            progress.update(bar, advance=len(done.made))
            if not done.left:
                break
            idle = 0 if done.made else idle + 1
            if idle == _ROUNDS:
                raise Unreachable(f"Klaviyo has not filed the first events yet. {_AGAIN}")
            _wait(done.retry_after)
    say("All of it is made. Smart Sending is off there: it would drop mails without a word.")


def _go_live(account: KlaviyoSetup, plan: Plan, yes: bool) -> None:
    flows = [piece for piece in plan.pieces if piece.kind is Kind.FLOW and piece.provider_id]
    require_yes(f"Set these live in Klaviyo: {', '.join(map(_name, flows))}?", yes)
    left: Sequence[str] = [str(piece.provider_id) for piece in flows]
    while left:
        gone = account.set_live(left)
        left = gone.left
        if left:
            _wait(gone.retry_after)
    say(f"Live in Klaviyo: {counted(len(flows), 'flow')}. They send when Comeback decides to.")


def _wait(seconds: float | None) -> None:
    """Wait as long as Klaviyo asks. Raises Unreachable when that is no time to sit and look on."""
    wait = seconds or 1.0
    if wait > _PATIENCE:
        minutes = math.ceil(wait / 60)
        raise Unreachable(f"Klaviyo takes the rest in {minutes} minutes. {_AGAIN}")
    Event().wait(wait)


def _name(piece: Piece) -> str:
    return piece.name
