"""A shop by hand: it knows its orders by every identity, makes codes, and can be out of reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from app.channels import ACCOUNT_OF, Channel, ChannelName
from app.config import Config
from app.errors import AccessLost, Unreachable
from app.events import ConsentChannel, ConsentState, Line, OrderSeen, Person
from app.platforms import (
    CodeCreated,
    CodeRefused,
    CodeRequest,
    Found,
    HookReport,
    Members,
    Page,
    Question,
    Resource,
    SegmentSeen,
    ShopProfile,
)
from app.stores.losing import lose
from app.stores.timed import Timed


@dataclass
class FakeShop:
    orders: list[OrderSeen] = field(default_factory=list)
    problem: Unreachable | AccessLost | None = None
    problems: dict[str, Unreachable] = field(default_factory=dict)
    """For the people of these e-mail addresses only."""
    groups: list[int] = field(default_factory=list)
    asked: list[tuple[Person, tuple[str, ...], datetime]] = field(default_factory=list)
    on_ask: Callable[[], None] | None = None
    codes: dict[str, CodeRequest] = field(default_factory=dict)
    code_answers: list[CodeCreated | CodeRefused] = field(default_factory=list)
    together: int = 2
    after_code: Callable[[CodeRequest], None] | None = None
    revoked: list[str] = field(default_factory=list)
    own_segments: list[SegmentSeen] = field(default_factory=list)
    pages_of: dict[str, list[list[str]]] = field(default_factory=dict)
    consents: list[tuple[str | None, ConsentChannel, ConsentState]] = field(default_factory=list)

    def find_orders(self, questions: Sequence[Question]) -> list[Found]:
        self.groups.append(len(questions))
        return [
            self.problem
            or self.problems.get(question.people[0].email or "")
            or self._orders(question)
            for question in questions
        ]

    def _orders(self, question: Question) -> list[OrderSeen]:
        found: list[OrderSeen] = []
        keys = tuple(question.cart_keys)
        for person in question.people:
            self.asked.append((person, keys, question.since))
            if self.on_ask is not None:
                self.on_ask()
            recent = (o for o in self.orders if o.placed_at > question.since and o not in found)
            found += [o for o in recent if _same(o, person, keys)]
            keys = ()
        return found

    def create_code(self, request: CodeRequest) -> CodeCreated | CodeRefused:
        self._reach()
        if self.code_answers:
            return self.code_answers.pop(0)
        known = self.codes.setdefault(request.code, request)
        if self.after_code is not None:
            self.after_code(request)
        if known != request:
            return CodeRefused(reason="The code exists.", taken=True)
        return CodeCreated(platform_key=f"discount-{request.code}")

    def revoke_code(self, platform_key: str) -> None:
        self._reach()
        self.revoked.append(platform_key)

    def write_consent(
        self, person: Person, channel: ConsentChannel, state: ConsentState, at: datetime
    ) -> bool:
        self._reach()
        self.consents.append((person.email or person.phone, channel, state))
        return True

    def cart_link(self, lines: Sequence[Line], code: str | None) -> str | None:
        return f"https://shop.example/cart/again?code={code or ''}"

    def describe(self) -> ShopProfile:
        raise NotImplementedError

    def read(self, resource: Resource, cursor: str | None, since: datetime | None = None) -> Page:
        raise NotImplementedError

    def tag_customer(self, platform_key: str, tag: str) -> None:
        raise NotImplementedError

    def segments(self) -> Sequence[SegmentSeen]:
        self._reach()
        return self.own_segments

    def members(self, segment_key: str, cursor: str | None) -> Members | None:
        """One page for each of the lists."""
        self._reach()
        place = int(cursor or 0)
        pages = self.pages_of.get(segment_key)
        if pages is None:
            return None
        return Members(pages[place], str(place + 1) if place + 1 < len(pages) else None)

    def register_webhooks(self, url: str, secret: str) -> HookReport:
        raise NotImplementedError

    def _reach(self) -> None:
        if self.problem is not None:
            raise self.problem


def _same(order: OrderSeen, person: Person, cart_keys: Sequence[str]) -> bool:
    pairs = [
        (order.person.platform_key, person.platform_key),
        (order.person.email, person.email),
        (order.person.phone, person.phone),
    ]
    return any(a and a == b for a, b in pairs) or bool(set(order.cart_keys) & set(cart_keys))


@dataclass
class FakeConnections:
    """What a store has connected, for every store alike."""

    config: Config
    fake_shop: FakeShop = field(default_factory=FakeShop)
    channels: dict[ChannelName, Channel] = field(default_factory=dict)
    channel_problem: Unreachable | AccessLost | None = None

    def shop(self, store_id: UUID) -> FakeShop:
        return self.fake_shop

    def channel(self, store_id: UUID, name: ChannelName) -> Channel | None:
        if self.channel_problem is not None:
            raise self.channel_problem
        channel, kind = self.channels.get(name), ACCOUNT_OF[name]
        return channel and Timed(kind, channel, partial(lose, store_id, kind))
