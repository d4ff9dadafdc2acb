"""Lives in which something else than a message is under way when the process dies: an erasure, a
letter, a word to the operator, a shop's past, and what it never told."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from app.models import Customer, Erasure
from app.points import Point
from app.stores import backfill
from app.stores.credentials import mark_broken
from app.stores.install import save_channel
from app.stores.notices import tell
from app.tenancy import store_transaction
from tests.faults.lives import LIVES, Life, is_reminded
from tests.journeys.inboxes import Phones

MOST_STEPS = 30
BRUNO = "Chiama Bruno"


def is_forgotten(life: Life) -> None:
    """Erased here and at both providers, whoever died on the way."""
    life.signs_up()
    life.leaves_a_cart()
    life.goes_on(3)
    life.got(mails=1, texts=1)
    life.shop.redacts(life.ana)
    life.goes_on(3)
    assert life.ana.email in life.shop.account.erased
    assert Phones(life.stage).to(life.ana) == []
    assert life.shop.count(Erasure, Erasure.done_at.is_(None)) == 0
    assert life.shop.count(Customer, Customer.email == life.ana.email) == 0


def hears_by_letter(life: Life) -> None:
    """Nobody can ask a mail server afterwards: a second copy carries the same id."""
    with store_transaction(life.shop.store_id) as session:
        tell(session, f"bruno:{life.number}", f"{BRUNO} {life.number}.", kind="notify")
    for _ in range(4):
        life.asks("letters")
        life.goes_on()
    letters = [letter for letter in life.stage.post.letters if _is_about(letter, life)]
    assert len({letter["Message-ID"] for letter in letters}) == 1
    assert len(letters) <= 2


def _is_about(letter: object, life: Life) -> bool:
    return f"{BRUNO} {life.number}." in str(letter)


def is_in_trouble(life: Life) -> None:
    """The operator hears once that the account for texts is refused, and once that it is over."""
    heard = len(life.stage.ears.operator_heard)
    with store_transaction(life.shop.store_id) as session:
        mark_broken(session, life.shop.store_id, "twilio", "401")
    for _ in range(4):
        life.asks("health")
        life.goes_on()
    save_channel(life.stage.config, life.shop.store_id, life.shop.twilio)
    for _ in range(6):  # What has come before today must stay away for longer.
        life.stage.clock.moment += timedelta(minutes=30)
        life.asks("health")
        life.goes_on()
    told = life.stage.ears.operator_heard[heard:]
    ours = {(key, word["event"]) for key, word in told if word["code"] == "channel_broken"}
    assert Counter(event for _, event in ours) == {"began": 1, "ended": 1}
    assert len(told) <= len({key for key, _ in told}) + 1


def tells_its_past(life: Life) -> None:
    """The shop's whole past is read again; nobody is there twice, and nobody is written to."""
    life.signs_up()
    life.shop.buys(life.ana)
    life.goes_on()
    before = life.shop.count(Customer)
    with store_transaction(life.shop.store_id) as session:
        backfill.start(session)
    for _ in range(MOST_STEPS):
        life.goes_on()
        if life.shop.has_read_all():
            break
    assert life.shop.has_read_all()
    assert life.shop.count(Customer) == before
    assert life.shop.customer(life.ana).orders_count == 1
    life.got(mails=0, texts=0)


def is_told_too_late(life: Life) -> None:
    """The order's webhook is lost for good; the hourly look finds the order."""
    life.signs_up()
    basket = life.leaves_a_cart()
    life.goes_on(4)
    life.shop.falls_silent()
    life.shop.places_order(life.ana, basket)
    life.shop.world.office.waiting.clear()
    life.shop.speaks_again()
    for _ in range(3):
        life.stage.clock.moment += timedelta(hours=1)
        life.asks("watch")
        life.goes_on()
    life.got(mails=1, texts=1)
    assert life.shop.carts(life.ana) == ["recovered"]
    assert life.shop.customer(life.ana).orders_count == 1


ERRANDS: dict[str, Callable[[Life], None]] = {
    "ERASURE": is_forgotten,
    "HISTORY": tells_its_past,
    "MISSED": is_told_too_late,
    "HOOKS": is_told_too_late,
    "LETTER": hears_by_letter,
    "OPERATOR": is_in_trouble,
}
"""By the first word of a point's name."""


def life_past(point: Point) -> Callable[[Life], None]:
    """The life that passes a point."""
    kind = point.name.partition("_")[0].removesuffix("S")
    return LIVES.get(point) or ERRANDS.get(kind) or ERRANDS.get(f"{kind}S") or is_reminded
