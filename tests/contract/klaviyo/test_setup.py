"""Set-up: finds before it makes, resumes where it stopped, and starts nothing by itself."""

from app.channels.klaviyo import FlowWish, KlaviyoSetup
from app.channels.klaviyo.pieces import Kind, Piece
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.server import Fault
from tests.conftest import Clock

CART = FlowWish(slug="cart")
RECEIPT = FlowWish(slug="receipt", transactional=True, ends_with_order=False)
TEST = "test@erbe.example"


def made_of(pieces: tuple[Piece, ...]) -> list[tuple[str, str]]:
    return [(piece.kind.value, piece.slug) for piece in pieces]


def test_a_plan_changes_nothing(world: KlaviyoWorld, account: Account, setup: KlaviyoSetup) -> None:
    plan = setup.plan([CART])

    assert made_of(plan.missing) == [("metric", "cart"), ("template", "cart"), ("flow", "cart")]
    assert plan.order_metric_id is None
    assert {method for _, method, _ in world.requests} == {"GET"}


def test_what_is_missing_is_made_as_drafts(account: Account, setup: KlaviyoSetup) -> None:
    placed = account.metric("Placed Order", "Shopify")

    progress = setup.apply([CART, RECEIPT], TEST)

    assert progress.left == ()
    assert progress.retry_after is None
    cart, receipt = account.flows
    assert (cart.name, cart.status) == ("Comeback cart", "draft")
    assert cart.metric_key == account.metric("Comeback cart").key
    (group,) = cart.definition["profile_filter"]["condition_groups"]
    assert group["conditions"][0]["metric_id"] == placed.key
    assert receipt.definition.get("profile_filter") is None
    assert (cart.message["transactional"], receipt.message["transactional"]) == (False, True)
    assert cart.message["smart_sending_enabled"] is False
    assert cart.message["from_email"] == "hello@erbe-buone.example"


def test_the_first_event_of_a_metric_starts_no_flow(
    world: KlaviyoWorld, account: Account, setup: KlaviyoSetup
) -> None:
    first = setup.apply([CART], TEST)
    setup.set_live([str(piece.provider_id) for piece in first.made if piece.kind is Kind.FLOW])
    account.metrics.clear()
    setup.apply([CART], TEST)

    assert world.emails_to(TEST) == []


def test_doing_it_again_finds_everything_and_makes_nothing(
    world: KlaviyoWorld, account: Account, setup: KlaviyoSetup
) -> None:
    setup.apply([CART], TEST)
    world.requests.clear()

    again = setup.apply([CART], TEST)

    assert (again.made, again.left) == ((), ())
    assert {method for _, method, _ in world.requests} == {"GET"}
    assert [len(account.flows), len(account.templates)] == [1, 1]


def test_things_are_found_however_many_there_are(account: Account, setup: KlaviyoSetup) -> None:
    for number in range(450):
        account.metric(f"Other {number}")
    setup.apply([FlowWish(slug=f"flow-{number}") for number in range(12)], TEST)

    plan = setup.plan([FlowWish(slug=f"flow-{number}") for number in range(12)])

    assert plan.missing == ()


def test_a_metric_that_is_not_filed_yet_is_waited_for_by_the_caller(
    world: KlaviyoWorld, account: Account, setup: KlaviyoSetup
) -> None:
    account.lagging = True

    first = setup.apply([CART], TEST)

    assert made_of(first.made) == [("template", "cart")]
    assert made_of(first.left) == [("metric", "cart"), ("flow", "cart")]
    assert first.retry_after is not None
    world.pump()
    second = setup.apply([CART], TEST)
    assert made_of(second.made) == [("flow", "cart")]
    assert second.left == ()


def test_at_a_rate_limit_the_rest_is_returned_with_its_wait(
    world: KlaviyoWorld, account: Account, setup: KlaviyoSetup
) -> None:
    setup.apply([CART], TEST)
    world.limit("/api/flows", retry_after=3600, method="POST")

    progress = setup.apply([CART, RECEIPT], TEST)

    assert made_of(progress.made) == [("metric", "receipt"), ("template", "receipt")]
    assert made_of(progress.left) == [("flow", "receipt")]
    assert progress.retry_after == 3600.0


def test_klaviyo_s_own_limits_are_kept_by_coming_back(
    world: KlaviyoWorld, account: Account, setup: KlaviyoSetup, clock: Clock
) -> None:
    world.limited = True
    wishes = [FlowWish(slug=f"flow-{number}") for number in range(4)]

    rounds = 0
    left: tuple[Piece, ...] | None = None
    while left is None or left:
        progress = setup.apply(wishes, TEST)
        left, rounds = progress.left, rounds + 1
        clock.advance(seconds=progress.retry_after or 0)

    assert rounds == 4
    assert sorted(flow.name for flow in account.flows) == [f"Comeback flow-{n}" for n in range(4)]


def test_a_flow_made_without_an_answer_is_found_the_next_time(
    world: KlaviyoWorld, account: Account, setup: KlaviyoSetup
) -> None:
    world.fail(Fault(path="/api/flows", method="POST", after=True, status=504))

    first = setup.apply([CART], TEST)
    second = setup.apply([CART], TEST)

    assert made_of(first.left) == [("flow", "cart")]
    assert (second.made, second.left) == ((), ())
    assert len(account.flows) == 1


def test_flows_go_live_only_when_asked_and_a_limit_returns_the_rest(
    world: KlaviyoWorld, account: Account, setup: KlaviyoSetup, clock: Clock
) -> None:
    wishes = [FlowWish(slug=f"flow-{number}") for number in range(5)]
    setup.apply(wishes, TEST)
    keys = [flow.key for flow in account.flows]
    world.limited = True

    first = setup.set_live(keys)

    assert (len(first.live), len(first.left), first.retry_after) == (3, 2, 1.0)
    clock.advance(seconds=1)
    second = setup.set_live(first.left)
    assert (second.left, second.retry_after) == ((), None)
    assert {flow.status for flow in account.flows} == {"live"}
