"""Who listens to a shop, and putting what happens there into the post for each of them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from app import clock
from app.sandbox.shopify.deliveries import Parcel, PostOffice, trimmed
from app.sandbox.shopify.records import Subscription

PERSONAL = {"email", "contact_email", "phone", "customer", "shipping_address"}
"""What a webhook leaves empty for an app without the approval for personal data."""


class Teller:
    """A shop's voice."""

    def __init__(self, domain: str, office: PostOffice, secret: str) -> None:
        self.domain, self.office, self.secret = domain, office, secret
        self.subscriptions: list[Subscription] = []
        self.withholds_personal_data = False

    def tell(self, topic: str, body: dict[str, Any], *, after: timedelta = timedelta(0)) -> None:
        """Queue a webhook for everyone who subscribed to `topic`."""
        at, event_id = clock.now() + after, str(uuid4())
        if self.withholds_personal_data:
            body = {name: None if name in PERSONAL else body[name] for name in body}
        self.office.waiting.extend(
            Parcel(
                shop=self.domain,
                topic=topic,
                url=subscription.uri,
                body=trimmed(body, subscription),
                secret=self.secret,
                event_id=event_id,
                triggered_at=at,
                due_at=at,
                subscription=subscription,
            )
            for subscription in self.subscriptions
            if subscription.topic == topic
        )
