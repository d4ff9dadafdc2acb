"""A shop whose calls are timed and whose refusal is noticed: the first call it turns away marks its
credential as broken.

Must never mark it for what one reading may not see: a history, and who is in a segment of the
shop's own, need more rights than the rest.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from app import metrics
from app.errors import AccessLost
from app.events import ConsentChannel, ConsentState, Line, Person
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
    Shop,
    ShopProfile,
)


class Watched:
    """`Shop`, handing every call on. `lost` hears the sentence of a refusal."""

    def __init__(self, shop: Shop, platform: str, lost: Callable[[str], None]) -> None:
        self._shop = shop
        self._platform = platform
        self._lost = lost
        self.together = shop.together

    @contextmanager
    def _listening(self, call: str) -> Iterator[Shop]:
        try:
            with metrics.timed(self._platform, call):
                yield self._shop
        except AccessLost as error:
            self._lost(str(error))
            raise

    def describe(self) -> ShopProfile:
        with self._listening("describe") as shop:
            return shop.describe()

    def find_orders(self, questions: Sequence[Question]) -> list[Found]:
        with metrics.timed(self._platform, "find_orders"):
            answers = self._shop.find_orders(questions)
        for answer in answers:
            if isinstance(answer, AccessLost):
                self._lost(str(answer))
                break
        return answers

    def read(self, resource: Resource, cursor: str | None, since: datetime | None = None) -> Page:
        with metrics.timed(self._platform, "read"):
            return self._shop.read(resource, cursor, since)

    def create_code(self, request: CodeRequest) -> CodeCreated | CodeRefused:
        with self._listening("create_code") as shop:
            return shop.create_code(request)

    def revoke_code(self, platform_key: str) -> None:
        with self._listening("revoke_code") as shop:
            shop.revoke_code(platform_key)

    def write_consent(
        self, person: Person, channel: ConsentChannel, state: ConsentState, at: datetime
    ) -> bool:
        with self._listening("write_consent") as shop:
            return shop.write_consent(person, channel, state, at)

    def tag_customer(self, platform_key: str, tag: str) -> None:
        with self._listening("tag_customer") as shop:
            shop.tag_customer(platform_key, tag)

    def register_webhooks(self, url: str, secret: str) -> HookReport:
        with self._listening("register_webhooks") as shop:
            return shop.register_webhooks(url, secret)

    def segments(self) -> Sequence[SegmentSeen]:
        with metrics.timed(self._platform, "segments"):
            return self._shop.segments()

    def members(self, segment_key: str, cursor: str | None) -> Members | None:
        with metrics.timed(self._platform, "members"):
            return self._shop.members(segment_key, cursor)

    def cart_link(self, lines: Sequence[Line], code: str | None) -> str | None:
        with self._listening("cart_link") as shop:
            return shop.cart_link(lines, code)
