"""What we write about people: opt-outs, consents, profiles and erasure."""

from datetime import timedelta

import pytest

from app.channels import Accepted, ChannelName
from app.channels.klaviyo import Klaviyo, KlaviyoCredentials
from app.errors import InvalidInput, Unreachable
from app.events import Person
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.server import Fault
from tests.conftest import START, Clock
from tests.contract.klaviyo.conftest import CREDENTIALS, MakeMessage

ANA, PHONE = "ana@example.com", "+393331234567"


def test_a_suppressed_address_gets_no_more_mail(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    klaviyo.suppress(ChannelName.EMAIL, "ana@example.com")

    assert klaviyo.send(message()) == Accepted(provider_id=None)
    assert world.emails_to("ana@example.com") == []


def test_an_opt_out_of_texts_stops_the_merchant_s_texts_and_no_mail(
    account: Account, klaviyo: Klaviyo, live_cart: str
) -> None:
    ana = account.profile({"email": "ana@example.com", "phone_number": "+393331234567"})

    klaviyo.suppress(ChannelName.SMS, "+393331234567")

    by_number = account.profile({"phone_number": "+393331234567"})
    assert by_number.sms_consent == "UNSUBSCRIBED"
    assert (ana.consent, ana.suppressions) == ("NEVER_SUBSCRIBED", [])


def test_coming_back_to_our_texts_is_no_consent_to_the_merchant_s(
    world: KlaviyoWorld, klaviyo: Klaviyo
) -> None:
    assert klaviyo.subscribe(ChannelName.SMS, "+393331234567", START) is False

    assert world.requests == []


def test_a_consent_newer_than_the_opt_out_lifts_it(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage, clock: Clock
) -> None:
    klaviyo.suppress(ChannelName.EMAIL, "ana@example.com")
    consented_at = clock.advance(minutes=1)
    clock.advance(minutes=1)

    assert klaviyo.subscribe(ChannelName.EMAIL, "ana@example.com", consented_at) is True

    klaviyo.send(message())
    assert len(world.emails_to("ana@example.com")) == 1


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=1)])
def test_an_older_consent_never_brings_back_someone_who_opted_out(
    account: Account, klaviyo: Klaviyo, age: timedelta
) -> None:
    ana = account.profile({"email": "ana@example.com"})
    account.opt_out(ana)

    assert klaviyo.subscribe(ChannelName.EMAIL, "ana@example.com", START - age) is False

    assert ana.consent == "UNSUBSCRIBED"


def test_a_complaint_counts_as_an_opt_out(account: Account, klaviyo: Klaviyo) -> None:
    ana = account.profile({"email": "ana@example.com"})
    ana.suppressions.append(("SPAM_COMPLAINT", START))

    assert (
        klaviyo.subscribe(ChannelName.EMAIL, "ana@example.com", START - timedelta(hours=1)) is False
    )


def test_someone_klaviyo_never_saw_is_subscribed(account: Account, klaviyo: Klaviyo) -> None:
    assert (
        klaviyo.subscribe(ChannelName.EMAIL, "new@example.com", START - timedelta(hours=1)) is True
    )

    assert account.profile({"email": "new@example.com"}).consent == "SUBSCRIBED"


def test_an_address_with_odd_characters_is_looked_up_as_it_is(
    account: Account, klaviyo: Klaviyo
) -> None:
    odd = 'o"brien+a\\b@example.com'
    account.opt_out(account.profile({"email": odd}))

    assert klaviyo.subscribe(ChannelName.EMAIL, odd, START - timedelta(hours=1)) is False


def addresses(account: Account) -> list[str | None]:
    return [profile.email for profile in account.profiles.values()]


def test_a_profile_is_written_once_and_what_is_absent_stays(
    account: Account, klaviyo: Klaviyo
) -> None:
    ana = Person(platform_key="7", email=ANA, phone=PHONE, first_name="Ana", country="IT")
    klaviyo.upsert_profile(ana, ANA)
    klaviyo.upsert_profile(Person(email=ANA, last_name="Neri", locale="it"), ANA)

    (profile,) = account.profiles.values()
    names = (profile.attributes["first_name"], profile.attributes["last_name"])
    assert (profile.external_id, names) == ("7", ("Ana", "Neri"))
    assert profile.attributes["phone_number"] == PHONE
    assert profile.attributes["location"] == {"country": "IT"}
    assert "locale" not in profile.attributes


def test_a_profile_moves_with_its_person_to_a_new_address(
    account: Account, klaviyo: Klaviyo
) -> None:
    """A guest has no key of the shop: only the address of the latest mail tells who she is."""
    old = account.profile({"email": ANA})

    klaviyo.upsert_profile(Person(email="ana@work.example", first_name="Ana"), ANA)

    assert addresses(account) == ["ana@work.example"]
    assert account.find("ana@work.example") is old


def test_an_address_with_a_profile_of_its_own_is_left_to_it(
    account: Account, klaviyo: Klaviyo
) -> None:
    """Two of our people were one; Klaviyo's two profiles stay two, for a merge cannot be undone."""
    account.profile({"email": ANA, "external_id": "7"})
    new = account.profile({"email": "ana@work.example"})
    ana = Person(platform_key="7", email="ana@work.example", first_name="Ana")

    klaviyo.upsert_profile(ana, ANA)

    assert sorted(map(str, addresses(account))) == [ANA, "ana@work.example"]
    assert (new.attributes["first_name"], new.external_id) == ("Ana", None)


def test_a_number_of_somebody_else_keeps_nothing_else_from_being_written(
    account: Account, klaviyo: Klaviyo
) -> None:
    account.profile({"phone_number": PHONE})
    ana = account.profile({"email": ANA})

    klaviyo.upsert_profile(Person(email=ANA, phone=PHONE, first_name="Ana"), ANA)

    assert ana.attributes["first_name"] == "Ana"
    assert "phone_number" not in ana.attributes


def test_a_number_that_went_to_another_profile_meanwhile_does_not_stop_the_move(
    account: Account, klaviyo: Klaviyo
) -> None:
    account.profile({"phone_number": PHONE})
    account.profile({"email": ANA})

    klaviyo.upsert_profile(Person(email="ana@work.example", phone=PHONE), ANA)

    assert addresses(account) == [None, "ana@work.example"]


def test_a_profile_needs_an_address(klaviyo: Klaviyo) -> None:
    with pytest.raises(InvalidInput):
        klaviyo.upsert_profile(Person(first_name="Ana"), None)


def test_a_bad_address_is_an_error_that_names_the_field(klaviyo: Klaviyo) -> None:
    with pytest.raises(InvalidInput, match="email"):
        klaviyo.upsert_profile(Person(email="ana@nowhere"), None)


def test_erasing_deletes_the_person_at_klaviyo(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    klaviyo.send(message())

    klaviyo.erase("ana@example.com")

    assert account.erased == ["ana@example.com"]
    assert account.find("ana@example.com") is None
    job = world.journal[-1].body["data"]["attributes"]["profile"]["data"]["attributes"]
    assert job == {"email": "ana@example.com"}


def test_a_lost_answer_to_a_write_is_an_error_to_try_again(
    world: KlaviyoWorld, klaviyo: Klaviyo
) -> None:
    world.fail(Fault(path="/api/data-privacy-deletion-jobs", status=500))

    with pytest.raises(Unreachable):
        klaviyo.erase("ana@example.com")


def test_the_test_of_a_good_connection_names_the_account(klaviyo: Klaviyo) -> None:
    health = klaviyo.test()

    assert health.ok
    assert health.sentence == "Connected to Erbe Buone; mail comes from hello@erbe-buone.example."


def test_the_test_of_a_bad_connection_says_what_to_do(
    world: KlaviyoWorld, account: Account
) -> None:
    health = Klaviyo(KlaviyoCredentials(private_key="pk_wrong"), world.url).test()

    assert not health.ok
    assert "Connect Klaviyo again" in health.sentence


def test_the_test_finds_an_account_that_cannot_send(account: Account, klaviyo: Klaviyo) -> None:
    account.sender = ""

    health = klaviyo.test()

    assert not health.ok
    assert "no sender address" in health.sentence


def test_credentials_are_one_of_two_and_never_printed() -> None:
    with pytest.raises(InvalidInput):
        KlaviyoCredentials()
    with pytest.raises(InvalidInput):
        KlaviyoCredentials(private_key="pk", access_token="token")
    assert "pk_sandbox" not in repr(CREDENTIALS)
    assert "secret" not in repr(CREDENTIALS)
