"""Nothing leaves before what has reached us is state; the story of it is in `tests/journeys`."""

import json
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from app.config import Config
from app.events import Person
from app.inbox import hear_out, process_waiting
from app.inbox.hearing import alone
from app.inbox.receive import Kept, insert_webhooks
from app.messages import send_due
from app.messages.send import GROUP
from app.tenancy import store_transaction
from tests.fakes.town import ANA, Town

TOPIC = "customers_email_marketing_consent/update"


def keeps(town: Town, who: Person = ANA, count: int = 1) -> None:
    """The shop has told that this person refuses mails, and was answered."""
    told = {
        "customer_id": who.platform_key,
        "email_address": who.email,
        "email_marketing_consent": {
            "state": "unsubscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": town.clock.moment.isoformat(),
        },
    }
    insert_webhooks(
        [
            Kept(
                store_id=town.store_id,
                webhook_key=str(uuid4()),
                topic=TOPIC,
                body=json.dumps(told).encode(),
                triggered_at=None,
            )
            for _ in range(count)
        ]
    )


def test_while_another_worker_has_the_inbox_nothing_leaves(town: Town) -> None:
    message_id = town.plan()
    keeps(town)

    with store_transaction(town.store_id) as elsewhere:
        assert alone(elsewhere, town.store_id)
        town.send(hear=partial(hear_out, patience=0.1))

    assert (town.reasons(message_id), town.mail.calls) == (["not_read_yet"], [])
    assert town.message(message_id).due_at == town.clock.moment + timedelta(seconds=5)


def test_behind_a_backlog_nothing_leaves(town: Town) -> None:
    message_id = town.plan()
    keeps(town, Person(platform_key="78", email="somebody@example.com"), count=3)

    town.send(hear=partial(hear_out, most=2))
    assert town.reasons(message_id) == ["not_read_yet"]

    process_waiting(town.store_id, town.connections.config)
    town.clock.advance(seconds=5)
    town.send()
    assert town.reasons(message_id)[-1] == "sent"


def test_a_drain_that_could_not_hear_all_does_not_wait_again_for_each_group(town: Town) -> None:
    asked = []

    def never(store_id: UUID, config: Config) -> bool:
        asked.append(store_id)
        return False

    for journey_id in town.neighbours(GROUP + 1):
        town.plan(journey_id, name="thanks", purpose="order", commercial=False, context={})

    send_due(town.store_id, town.connections, 100, hear_out=never)

    assert (len(asked), town.mail.calls) == (1, [])
