"""The real SDK over real HTTP against the sandboxed Klaviyo, with a clock that stands still."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from app.channels import ChannelName, OutgoingMessage
from app.channels.klaviyo import FlowWish, Klaviyo, KlaviyoCredentials, KlaviyoSetup
from app.events import Person
from app.sandbox.klaviyo import Account, KlaviyoWorld
from tests.conftest import START, Clock

KEY = "pk_sandbox"
CREDENTIALS = KlaviyoCredentials(private_key=KEY, webhook_secrets=("new-secret", "old-secret"))
STORE = UUID("00000000-0000-4000-8000-00000000000a")
MakeMessage = Callable[..., OutgoingMessage]


@pytest.fixture
def world(clock: Clock) -> Iterator[KlaviyoWorld]:
    service = KlaviyoWorld()
    service.start()
    yield service
    service.stop()


@pytest.fixture
def account(world: KlaviyoWorld) -> Account:
    return world.add_account("Erbe Buone", private_key=KEY)


@pytest.fixture
def klaviyo(world: KlaviyoWorld, account: Account) -> Klaviyo:
    return Klaviyo(CREDENTIALS, world.url)


@pytest.fixture
def setup(world: KlaviyoWorld, account: Account) -> KlaviyoSetup:
    return KlaviyoSetup(CREDENTIALS, world.url)


@pytest.fixture
def live_cart(setup: KlaviyoSetup) -> str:
    """A live cart flow in the account; its id."""
    progress = setup.apply([FlowWish(slug="cart")], "test@erbe.example")
    (flow_id,) = [piece.provider_id for piece in progress.made if piece.kind == "flow"]
    assert flow_id is not None
    setup.set_live([flow_id])
    return flow_id


@pytest.fixture
def message() -> MakeMessage:
    """An e-mail to Ana about her cart, by keyword over that."""

    def make(**values: object) -> OutgoingMessage:
        message_id = uuid4()
        content: dict[str, object] = {
            "message_id": message_id,
            "store_id": STORE,
            "unique_id": f"{message_id}:email",
            "channel": ChannelName.EMAIL,
            "to": "ana@example.com",
            "person": Person(platform_key="cust-7", email="ana@example.com"),
            "flow": "cart",
            "commercial": True,
            "locale": "it",
            "subject": "L'hai dimenticato?",
            "preview": "Il tuo carrello ti aspetta",
            "body": "Il tuo carrello & altro",
            "html": "<html><head><style>p{color:green}</style></head>"
            "<body class='x'><p>Il tuo carrello</p></body></html>",
            "planned_at": START,
            **values,
        }
        return OutgoingMessage(**content)  # type: ignore[arg-type]

    return make
