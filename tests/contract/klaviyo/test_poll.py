"""Reading receipts back: nothing lost, repeats recognisable, other mail left alone."""

import json

import pytest

from app.channels import Advice, Receipt, ReceiptPage, ReceiptStatus
from app.channels.klaviyo import Klaviyo
from app.errors import AccessLost, Unreachable
from app.sandbox.klaviyo import Account, DeliveredEmail, KlaviyoWorld
from app.sandbox.klaviyo_wire import Problem
from app.sandbox.server import Fault
from tests.conftest import Clock
from tests.contract.klaviyo.conftest import CREDENTIALS, MakeMessage


def read(klaviyo: Klaviyo, cursor: str | None = None) -> ReceiptPage:
    page = klaviyo.poll(cursor)
    assert page is not None
    return page


def statuses(page: ReceiptPage) -> list[ReceiptStatus]:
    return sorted(receipt.status for receipt in page.receipts)


@pytest.fixture
def mail(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> DeliveredEmail:
    klaviyo.send(message())
    (delivered,) = world.emails_to("ana@example.com")
    return delivered


def test_each_thing_that_happens_to_a_mail_is_a_receipt_and_an_open_is_not(
    world: KlaviyoWorld, klaviyo: Klaviyo, mail: DeliveredEmail, clock: Clock
) -> None:
    world.open(mail)
    world.click(mail, "https://erbe.example/cart?message_id=" + str(mail.message_id))
    world.complain(mail)
    world.unsubscribe(mail)

    page = read(klaviyo)

    found = {receipt.status: receipt for receipt in page.receipts}
    assert set(found) == {
        ReceiptStatus.DELIVERED,
        ReceiptStatus.CLICKED,
        ReceiptStatus.COMPLAINED,
        ReceiptStatus.UNSUBSCRIBED,
    }
    assert all(receipt.address == "ana@example.com" for receipt in page.receipts)
    assert all(receipt.occurred_at == clock() for receipt in page.receipts)
    assert str(found[ReceiptStatus.CLICKED].message_id) == mail.message_id
    assert found[ReceiptStatus.DELIVERED].message_id is None
    assert found[ReceiptStatus.COMPLAINED].advice is Advice.OPT_OUT
    assert found[ReceiptStatus.UNSUBSCRIBED].advice is Advice.OPT_OUT
    assert not page.more


def test_a_hard_bounce_marks_the_address_and_a_soft_one_only_the_mail(
    world: KlaviyoWorld, klaviyo: Klaviyo, mail: DeliveredEmail
) -> None:
    world.bounce(mail, "Soft")
    world.bounce(mail, "Hard")

    bounces = [r for r in read(klaviyo).receipts if r.code]

    assert [(r.status, r.advice, r.code) for r in bounces] == [
        (ReceiptStatus.UNDELIVERED, None, "Soft"),
        (ReceiptStatus.BOUNCED, Advice.BAD_ADDRESS, "Hard"),
    ]


def test_polls_overlap_and_a_repeat_has_the_same_key(
    world: KlaviyoWorld, klaviyo: Klaviyo, mail: DeliveredEmail, clock: Clock
) -> None:
    first = read(klaviyo)
    clock.advance(minutes=5)
    world.unsubscribe(mail)

    second = read(klaviyo, first.cursor)

    # The unsubscribe metric is new, so it is found at the next hourly look, and nothing is lost.
    assert statuses(second) == [ReceiptStatus.DELIVERED]
    assert second.receipts[0].receipt_key == first.receipts[0].receipt_key
    clock.advance(hours=1)
    third = read(klaviyo, second.cursor)
    assert ReceiptStatus.UNSUBSCRIBED in statuses(third)
    assert keys([*first.receipts, *third.receipts]) == 2


def keys(receipts: list[Receipt]) -> int:
    return len({receipt.receipt_key for receipt in receipts})


def test_what_is_behind_the_overlap_is_not_read_again(
    world: KlaviyoWorld, klaviyo: Klaviyo, mail: DeliveredEmail, clock: Clock
) -> None:
    first = read(klaviyo)
    clock.advance(hours=2)
    world.click(mail, "https://erbe.example/")
    second = read(klaviyo, first.cursor)
    account_events = read(klaviyo, second.cursor)

    assert ReceiptStatus.CLICKED in statuses(second)
    assert ReceiptStatus.CLICKED in statuses(account_events)
    clock.advance(hours=2)
    world.click(mail, "https://erbe.example/again")
    third = read(klaviyo, account_events.cursor)
    assert len([r for r in third.receipts if r.status is ReceiptStatus.CLICKED]) == 2
    fourth = read(klaviyo, third.cursor)
    assert len([r for r in fourth.receipts if r.status is ReceiptStatus.CLICKED]) == 1


def test_many_receipts_come_page_by_page_and_all_of_them(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, live_cart: str
) -> None:
    ana = account.profile({"email": "ana@example.com"})
    for _ in range(450):
        account.report("Received Email", ana, {"$flow": live_cart})

    pages = [read(klaviyo)]
    while pages[-1].more:
        pages.append(read(klaviyo, pages[-1].cursor))

    assert [len(page.receipts) for page in pages] == [200, 200, 50]
    assert keys([receipt for page in pages for receipt in page.receipts]) == 450


def test_a_page_that_klaviyo_forgot_is_read_again_from_the_mark(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, live_cart: str
) -> None:
    ana = account.profile({"email": "ana@example.com"})
    for _ in range(250):
        account.report("Received Email", ana, {"$flow": live_cart})
    first = read(klaviyo)
    world.refuse("/api/events", Problem(400, "invalid", "Invalid cursor."))

    second = read(klaviyo, first.cursor)
    third = read(klaviyo, second.cursor)

    assert keys([*first.receipts, *second.receipts, *third.receipts]) == 250


def test_mail_of_the_merchant_s_own_is_left_alone_but_an_opt_out_always_counts(
    account: Account, klaviyo: Klaviyo, live_cart: str
) -> None:
    ana = account.profile({"email": "ana@example.com"})
    account.report("Received Email", ana, {"Campaign Name": "Spring"})
    account.report("Received Email", ana, {"$flow": "somebody-else"})
    account.report("Received Email", ana, {"$flow": live_cart})
    account.opt_out(ana)

    page = read(klaviyo)
    assert statuses(page) == [ReceiptStatus.DELIVERED, ReceiptStatus.UNSUBSCRIBED]


def test_whose_a_flow_is_is_asked_once(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, live_cart: str, clock: Clock
) -> None:
    ana = account.profile({"email": "ana@example.com"})
    account.report("Clicked Email", ana, {"$flow": "somebody-else"})
    account.report("Clicked Email", ana, {"$flow": live_cart})
    first = read(klaviyo)
    world.requests.clear()
    clock.advance(hours=1)
    account.report("Clicked Email", ana, {"$flow": "somebody-else"})

    second = read(klaviyo, first.cursor)

    assert statuses(first) == [ReceiptStatus.CLICKED]
    assert keys([*first.receipts, *second.receipts]) == 1
    assert "/api/flows" not in {path for _, _, path in world.requests}


def test_an_address_the_merchant_silenced_by_hand_is_an_opt_out(
    account: Account, klaviyo: Klaviyo, clock: Clock
) -> None:
    first = read(klaviyo)
    ana = account.profile({"email": "ana@example.com"})
    ben = account.profile({"email": "ben@example.com"})
    at = clock.advance(minutes=5)
    ana.suppressions.append(("USER_SUPPRESSED", at))
    ben.suppressions.append(("HARD_BOUNCE", at))

    second = read(klaviyo, first.cursor)
    third = read(klaviyo, second.cursor)

    (told,) = second.receipts
    assert (told.address, told.status, told.advice) == (
        "ana@example.com",
        ReceiptStatus.UNSUBSCRIBED,
        Advice.OPT_OUT,
    )
    assert told.occurred_at == at
    assert keys([*second.receipts, *third.receipts]) == 1


def test_a_merchant_s_events_with_klaviyo_s_names_are_not_receipts(
    account: Account, klaviyo: Klaviyo, live_cart: str
) -> None:
    ana = account.profile({"email": "ana@example.com"})
    fake = account.metric("Marked Email as Spam", "API")
    account.file(fake, ana, {}, account.report("Opened Email", ana, {}).at)

    assert read(klaviyo).receipts == []


def test_known_metric_ids_save_the_search(
    world: KlaviyoWorld, account: Account, live_cart: str, mail: DeliveredEmail
) -> None:
    for name in ("Clicked Email", "Bounced Email", "Dropped Email", "Marked Email as Spam"):
        account.metric(name, "Klaviyo")
    account.metric("Unsubscribed from Email Marketing", "Klaviyo")
    known = {name: m.key for (maker, name), m in account.metrics.items() if maker == "Klaviyo"}
    world.requests.clear()

    page = read(Klaviyo(CREDENTIALS, world.url, metrics=known))

    assert statuses(page) == [ReceiptStatus.DELIVERED]
    assert "/api/metrics" not in {path for _, _, path in world.requests}


def test_a_failed_poll_gives_no_cursor_so_nothing_is_skipped(
    world: KlaviyoWorld, klaviyo: Klaviyo, mail: DeliveredEmail
) -> None:
    world.limit("/api/events", retry_after=3600)

    with pytest.raises(Unreachable) as caught:
        klaviyo.poll(None)

    assert caught.value.retry_after == 3600.0
    assert statuses(read(klaviyo)) == [ReceiptStatus.DELIVERED]


@pytest.mark.parametrize("status", [429, 503])
def test_no_layer_below_sleeps_out_a_wait_on_a_read(
    world: KlaviyoWorld, klaviyo: Klaviyo, mail: DeliveredEmail, status: int
) -> None:
    # urllib3 by itself would repeat a GET and sleep the hour.
    cursor = read(klaviyo).cursor
    world.requests.clear()
    world.fail(Fault(path="/api/events", status=status, headers=(("Retry-After", "3600"),)))

    with pytest.raises(Unreachable):
        klaviyo.poll(cursor)

    assert len(world.requests) == 1


def test_a_revoked_access_is_told_apart_from_an_outage(
    world: KlaviyoWorld, klaviyo: Klaviyo
) -> None:
    world.refuse("/api/metrics", Problem(401, "not_authenticated", "The key was revoked."))

    with pytest.raises(AccessLost, match="The key was revoked"):
        klaviyo.poll(None)


def test_the_cursor_is_json_that_can_be_kept_in_a_row(
    klaviyo: Klaviyo, mail: DeliveredEmail
) -> None:
    assert set(json.loads(read(klaviyo).cursor)) == {
        "marks",
        "silenced",
        "looked_at",
        "ours",
        "others",
    }
