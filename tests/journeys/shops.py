"""Shops as stories speak of them: the same words for both kinds, real webhooks underneath."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from app import flows
from app.channels.klaviyo import KlaviyoSetup
from app.flows.wishes import email_wishes
from app.inbox.sync import read_history
from app.models import Store, Task
from app.sandbox.klaviyo import Account
from app.stores import backfill
from app.stores.adapters import klaviyo_credentials
from app.stores.connections import Connections
from app.stores.credentials import Secret
from app.stores.install import Connected, Newcomer, connect, save_channel
from app.tenancy import store_transaction
from tests.journeys.people import Someone
from tests.journeys.record import Record
from tests.journeys.stage import Stage

GOODS = {"Timo": (1_890, "Erbe"), "Salvia": (2_690, "Erbe"), "Miele": (3_290, "Dolci")}


def preset(name: str, **changes: str) -> str:
    """A preset's file; by keyword other values for its first-level lines, such as `holdout`."""
    source = (resources.files("app.flows.presets") / f"{name}.yaml").read_text(encoding="utf-8")
    return "".join(_changed(line, changes) for line in source.splitlines(keepends=True))


def _changed(line: str, changes: Mapping[str, str]) -> str:
    name = line.partition(":")[0]
    return f"{name}: {changes[name]}\n" if name in changes else line


@dataclass(eq=False)
class Basket:
    """A cart somebody has left; `handle` is the shop's own."""

    who: Someone
    goods: Sequence[str]
    handle: Any


class StoryShop(Record):
    """One connected shop with its providers."""

    platform: str
    store_id: UUID
    domain: str
    account: Account

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def joins(self) -> Connected:
        """Connect (again), with both providers, and let the history be read to its end."""
        connected = self.connects()
        self.stage.settle()
        self.reads_history()
        return connected

    def connects(self) -> Connected:
        """The same without waiting for anything."""
        connected = connect(self.stage.config, self.newcomer())
        self.store_id = connected.store_id
        self._give_channels()
        return connected

    def newcomer(self) -> Newcomer:
        """The shop with fresh credentials, as the merchant's browser brings it."""
        raise NotImplementedError

    def reads_history(self) -> None:
        """Read on until the backfill is done."""
        connections = Connections(self.stage.config)
        for _ in range(2_000):
            while read_history(self.store_id, connections):
                pass
            if self.has_read_all():
                return
            self.stage.clock.moment += timedelta(seconds=15)
            self.stage.settle()
        raise AssertionError("The history is never read to its end.")

    def has_read_all(self) -> bool:
        with store_transaction(self.store_id) as session:
            return all(row.finished_at for row in backfill.progress(session))

    def _give_channels(self) -> None:
        stage, key = self.stage, f"pk_{self.store_id.hex}_{uuid4().hex}"
        self.account = stage.mail.add_account(self.domain, private_key=key)
        self.klaviyo = Secret(kind="klaviyo", values={"private_key": key})
        save_channel(stage.config, self.store_id, self.klaviyo)
        account = stage.phones.add_account()
        inbound = f"{stage.config.public_url}/callbacks/twilio/{self.store_id}"
        self.texting = stage.phones.add_service(
            account,
            name=self.domain,
            inbound_request_url=inbound,
            whatsapp_sender="+15005550008",
        )
        values = {
            "account_sid": account.sid,
            "auth_token": account.token,
            "messaging_service_sid": self.texting.sid,
            "whatsapp": "+15005550008",
        }
        self.twilio = Secret(kind="twilio", values=values)
        save_channel(stage.config, self.store_id, self.twilio)

    def runs(self, *names: str, back: timedelta | None = None, **changes: str) -> None:
        """Import presets as files, make their flows in Klaviyo, and let people in."""
        for name in names:
            # Chance has stories of its own: here everybody is treated, unless a story says so.
            self.runs_file(preset(name, **{"holdout": "0%", **changes}), back=back)

    def runs_file(self, source: str, *, back: timedelta | None = None) -> None:
        definition, _ = flows.validate_file(source)
        setup = KlaviyoSetup(
            klaviyo_credentials(self.klaviyo.values), self.stage.config.klaviyo_endpoint
        )
        wishes = email_wishes(definition)
        while setup.apply(wishes, "set-up@comeback.example").left:
            pass
        pieces = setup.plan(wishes).pieces
        setup.set_live([str(piece.provider_id) for piece in pieces if piece.kind == "flow"])
        with store_transaction(self.store_id) as session:
            store = session.get_one(Store, self.store_id)
            flows.import_flow(session, store, source, self.stage.clock())
            flows.activate(session, store, definition.slug, self.stage.clock(), back)
        self.stage.settle()

    def chooses(self, **settings: Any) -> None:
        """The merchant changes settings."""
        with store_transaction(self.store_id) as session:
            store = session.get_one(Store, self.store_id)
            store.settings = {**store.settings, **settings}

    def closes_tasks(self, who: Someone | None = None) -> None:
        """Somebody of the shop has done what there was to do, for this person or for all."""
        mine = None if who is None else self.customer(who).customer_id
        with store_transaction(self.store_id) as session:
            for task in session.scalars(select(Task).where(Task.closed_at.is_(None))):
                if mine in {None, task.customer_id}:
                    task.closed_at = self.stage.clock()

    def falls_silent(self) -> None:
        """From now on its webhooks wait on their way."""
        self.stage.silent.add(self)

    def speaks_again(self) -> None:
        self.stage.silent.discard(self)
        self.stage.settle()

    def when_asked_for_orders(self, deed: Callable[[], object]) -> None:
        """Do something at the moment the app next looks for orders: a send is claimed by then."""
        raise NotImplementedError

    # What shoppers do; each is told to the app at once, unless the shop has fallen silent.

    def signs_up(self, who: Someone) -> Someone:
        self._sign_up(who)
        self.stage.settle()
        return who

    def cart(self, who: Someone, *goods: str) -> Basket:
        """They fill a cart, leave an address at the checkout, and go."""
        basket = Basket(who, goods or ("Timo",), None)
        self._fill(basket)
        self.stage.settle()
        return basket

    def places_order(self, who: Someone, basket: Basket) -> Any:
        """They buy, and nobody has been told yet."""
        return self._order(who, basket, {})

    def buys(self, who: Someone, *goods: str, basket: Basket | None = None, **details: Any) -> Any:
        """They buy a cart, or goods without one. `details`: email, phone, code, at."""
        order = self._order(who, basket or Basket(who, goods or ("Timo",), None), details)
        self.stage.settle()
        return order

    def refunds(self, order: Any) -> None:
        self._refund(order)
        self.stage.settle()

    def withdraws(self, who: Someone, channel: str) -> None:
        """They end their consent at the shop."""
        self.sets_consent(who, channel, "unsubscribed")
        self.stage.settle()

    def confirms(self, who: Someone, channel: str) -> None:
        """They follow the link by which the shop asks whether it was them."""
        self._confirm(who, channel)
        self.stage.settle()

    def sets_consent(self, who: Someone, channel: str, state: str) -> None:
        raise NotImplementedError

    def consent_of(self, who: Someone, channel: str) -> str:
        """What the shop's own record says."""
        raise NotImplementedError

    def codes(self) -> list[str]:
        """Every discount code the shop has now."""
        raise NotImplementedError

    def _confirm(self, who: Someone, channel: str) -> None:
        raise NotImplementedError

    def _sign_up(self, who: Someone) -> None:
        raise NotImplementedError

    def _fill(self, basket: Basket) -> None:
        raise NotImplementedError

    def _order(self, who: Someone, basket: Basket, details: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _refund(self, order: Any) -> None:
        raise NotImplementedError


def placed(order: Any) -> datetime:
    """When an order was placed, in either shop."""
    at: datetime = getattr(order, "created_at", None) or order.created
    return at
