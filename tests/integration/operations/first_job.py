"""A job for a worker that has just begun: a mail and a poll, and what the SDK loaded only for them.

It runs in the worker's own process, where no test has loaded anything before.
"""

import sys
from uuid import uuid4

from app.channels import Accepted, ChannelName, OutgoingMessage
from app.channels.klaviyo import Klaviyo, KlaviyoCredentials
from app.events import Person
from tests.conftest import START


def send_and_poll(private_key: str, endpoint: str) -> list[str]:
    """The parts of the SDK that were not there when the job began."""
    before = set(sys.modules)
    channel = Klaviyo(KlaviyoCredentials(private_key=private_key), endpoint)
    sent = channel.send(_mail())
    assert isinstance(sent, Accepted), sent
    assert channel.poll(None) is not None
    return sorted(name for name in set(sys.modules) - before if _is_of_the_sdk(name))


def _is_of_the_sdk(name: str) -> bool:
    return name.partition(".")[0] in {"klaviyo_api", "openapi_client"}


def _mail() -> OutgoingMessage:
    return OutgoingMessage(
        message_id=uuid4(),
        store_id=uuid4(),
        unique_id="first",
        channel=ChannelName.EMAIL,
        to="ana@example.com",
        person=Person(email="ana@example.com"),
        flow="cart",
        commercial=True,
        locale="it",
        subject="Ciao",
        body="Ciao",
        html="<p>Ciao</p>",
        planned_at=START,
    )
