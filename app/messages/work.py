"""What one drain shares: the store, its connections opened once, and who seems to be down.

A provider or shop that fails is not asked again for every message of the batch: the rest wait.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.channels import Channel, ChannelName
from app.config import Config
from app.customers.changes import Change
from app.errors import AccessLost, Unreachable
from app.messages.verdict import Hold, Move
from app.models import Store
from app.platforms import Shop
from app.reasons import Reason

OnChanges = Callable[[Session, Store, Sequence[Change]], None]
"""What the worker hands in so that flows and credit hear of changes, in the same transaction."""

HearOut = Callable[[UUID, Config], bool]
"""Likewise: what has reached us of a store becomes state. False when it would take too long."""

BROKEN = timedelta(minutes=30)
BUSY = timedelta(minutes=1)
_PATIENCE = 3
_CALLS = 8
"""Calls side by side. More than a handful only makes a provider's limit come sooner."""

_Thing = TypeVar("_Thing")
_Found = TypeVar("_Found")


class Connections(Protocol):
    """The part of `stores.Connections` that sending needs."""

    @property
    def config(self) -> Config: ...

    def shop(self, store_id: UUID) -> Shop: ...

    def channel(self, store_id: UUID, name: ChannelName) -> Channel | None: ...


@dataclass(slots=True)
class Work:
    """One drain of one store."""

    store_id: UUID
    connections: Connections
    on_changes: OnChanges | None = None
    hear_out: HearOut | None = None
    _channels: dict[str, Channel | Hold | Move] = field(default_factory=dict)
    _silent: Counter[str] = field(default_factory=Counter)
    _shop: Shop | Unreachable | AccessLost | None = None
    _heard: bool = True
    _opening: Lock = field(default_factory=Lock)

    @property
    def config(self) -> Config:
        return self.connections.config

    def channel(self, name: str) -> Channel | Hold | Move:
        """The channel, or what its absence means for a message."""
        if self._silent[name] >= _PATIENCE:
            return Move(reason=Reason.PROVIDER_BUSY, until=clock.now() + BUSY)
        if name not in self._channels:
            self._channels[name] = self._open(ChannelName(name))
        return self._channels[name]

    def at_once(
        self, step: Callable[["Work", _Thing], _Found], things: Sequence[_Thing]
    ) -> list[_Found]:
        """`step` of each, side by side because each waits for somebody else; in the order given.
        Must never be called with a transaction open."""
        if len(things) < 2:
            return [step(self, thing) for thing in things]
        with ThreadPoolExecutor(min(_CALLS, len(things))) as pool:
            return list(pool.map(partial(step, self), things))

    def _open(self, name: ChannelName) -> Channel | Hold | Move:
        now = clock.now()
        try:
            channel = self.connections.channel(self.store_id, name)
        except AccessLost as error:
            compared = {"problem": str(error)}
            return Move(reason=Reason.CHANNEL_BROKEN, until=now + BROKEN, compared=compared)
        except Unreachable as error:
            wait = max(timedelta(seconds=error.retry_after or 0), BUSY)
            return Move(reason=Reason.PROVIDER_BUSY, until=now + wait)
        return Hold(reason=Reason.CHANNEL_NOT_CONNECTED) if channel is None else channel

    def heard(self, name: str, answered: bool) -> None:
        """Remember whether the provider answers at all."""
        self._silent[name] = 0 if answered else self._silent[name] + 1

    def stop(self, name: str, waits: Move) -> None:
        """The provider refuses the whole account: nobody else in this batch is tried."""
        self._channels[name] = waits

    def shop(self) -> Shop:
        """The store's shop. Raises Unreachable or AccessLost, again if it did before."""
        with self._opening:
            if self._shop is None:
                try:
                    self._shop = self.connections.shop(self.store_id)
                except (Unreachable, AccessLost) as error:
                    self._shop = error
        if isinstance(self._shop, (Unreachable, AccessLost)):
            raise self._shop
        return self._shop

    def together(self) -> int:
        """How many people the shop is best asked about at a time; one while it cannot be had."""
        try:
            return self.shop().together
        except (Unreachable, AccessLost):
            return 1

    def has_heard_all(self) -> bool:
        """Whether all that has reached us of the store is state now; once it was too much, the rest
        of the drain waits for nothing. Must never be asked with a transaction open."""
        if self._heard and self.hear_out is not None:
            self._heard = self.hear_out(self.store_id, self.config)
        return self._heard

    def shop_is_down(self, error: Unreachable | AccessLost) -> None:
        self._shop = error
