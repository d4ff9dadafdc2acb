"""The sandboxed Twilio, the real SDK, a clock we move, and an app's door that keeps what it got."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from app import clock as app_clock
from app.channels import CallbackRequest, ChannelName, OutgoingMessage
from app.channels.twilio import MESSAGE_PARAMETER, Twilio, TwilioCredentials
from app.events import Person
from app.sandbox.twilio import TwilioWorld
from app.sandbox.twilio_records import Account, MessagingService
from tests.conftest import Clock

ANA = "+393331234567"
PUBLIC = "https://app.example"
STORE = UUID(int=7)


class Door:
    """An app behind a proxy: keeps each callback with the public address it was sent to."""

    def __init__(self) -> None:
        self.got: list[CallbackRequest] = []
        self.status = 204
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data(cache=True)
        query = "?" + request.query_string.decode() if request.query_string else ""
        kept = CallbackRequest(
            url=PUBLIC + request.path + query,
            headers={name.lower(): value for name, value in request.headers.items()},
            form=request.form.to_dict(),
            body=body,
        )
        self.got.append(kept)
        return Response(status=self.status)(environ, start_response)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()


@dataclass
class Shop:
    """One store's Twilio account in the sandbox, and our channel on it."""

    world: TwilioWorld
    account: Account
    service: MessagingService
    channel: Twilio
    message: Callable[..., OutgoingMessage] = field(repr=False)


def _text(**changes: Any) -> OutgoingMessage:
    message_id = changes.pop("message_id", None) or uuid4()
    plain = OutgoingMessage(
        message_id=message_id,
        store_id=STORE,
        unique_id=str(message_id),
        channel=ChannelName.SMS,
        to=ANA,
        person=Person(phone=ANA),
        flow="cart",
        commercial=True,
        locale="it",
        body=f"Il tuo carrello ti aspetta: https://s.example/c/{message_id.hex[:8]}",
        callback_url=f"{PUBLIC}/callbacks/twilio?{MESSAGE_PARAMETER}={message_id}",
        planned_at=app_clock.now(),
    )
    return replace(plain, **changes)


@pytest.fixture(scope="session")
def opened_door() -> Iterator[Door]:
    opened = Door()
    yield opened
    opened.close()


@pytest.fixture
def door(opened_door: Door) -> Door:
    opened_door.got.clear()
    opened_door.status = 204
    return opened_door


@pytest.fixture(scope="session")
def started_world() -> Iterator[TwilioWorld]:
    started = TwilioWorld()
    started.start()
    yield started
    started.stop()


@pytest.fixture
def world(started_world: TwilioWorld, clock: Clock) -> TwilioWorld:
    started_world.reset()
    return started_world


@pytest.fixture
def shop(world: TwilioWorld, door: Door) -> Shop:
    account = world.add_account()
    service = world.add_service(
        account,
        name="Naturale",
        whatsapp_sender="+15005550006",
        inbound_request_url=f"{PUBLIC}/callbacks/twilio",
    )
    world.tunnel(PUBLIC, door.url)
    return Shop(world, account, service, channel_of(world, account, service), _text)


def channel_of(world: TwilioWorld, account: Account, service: MessagingService) -> Twilio:
    credentials = TwilioCredentials(
        account_sid=account.sid,
        auth_token=account.token,
        messaging_service_sid=service.sid,
        whatsapp_sender=service.whatsapp_sender,
    )
    return Twilio(credentials, endpoint=world.url)
