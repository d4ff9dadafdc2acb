"""`Reader` of acts: one topic, one form, signed by whoever holds the store's secret for it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from app.errors import MalformedPayload
from app.events import Fact
from app.jsontext import read_exact
from app.platforms import Delivery, ShopFacts, Verified
from app.platforms.acts.payload import acts_in
from app.platforms.acts.signature import HEADER, proven_at

TOPIC = "comeback/acts"


class Acts:
    """The pure half of the door for acts."""

    name = "acts"

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Verified:
        """Prove the raw bytes and the moment beside them. Raises BadSignature."""
        at = proven_at(delivery.headers.get(HEADER, ""), delivery.body, secrets)
        digest = hashlib.sha256(delivery.body).hexdigest()
        return Verified(topic=TOPIC, webhook_key=f"{TOPIC}:{digest}", triggered_at=at)

    def normalise(
        self, topic: str, body: bytes, shop: ShopFacts, received_at: datetime
    ) -> list[Fact]:
        """The acts in a verified body. Raises MalformedPayload."""
        try:
            content = read_exact(body)
        except (ValueError, RecursionError) as error:
            raise MalformedPayload("The body is not JSON that we can read.") from error
        return list(acts_in(content, received_at))
