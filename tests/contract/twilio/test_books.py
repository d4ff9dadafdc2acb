"""What Twilio's list tells of what we had it send, after a backup has forgotten it."""

from datetime import timedelta

from app.channels import Accepted, ChannelName
from tests.conftest import Clock
from tests.contract.twilio.conftest import ANA, STORE, Shop, channel_of

BEA = "+393337654321"


def taken(answer: object) -> str:
    assert isinstance(answer, Accepted)
    assert answer.provider_id is not None
    return answer.provider_id


def test_every_text_since_then_is_told_whoever_it_went_to(shop: Shop, clock: Clock) -> None:
    shop.channel.send(shop.message())
    since = clock.advance(hours=1)
    sms = taken(shop.channel.send(shop.message(to=BEA)))
    word = taken(shop.channel.send(shop.message(channel=ChannelName.WHATSAPP)))

    told = list(shop.channel.sent_since(STORE, since))

    assert [(one.provider_id, one.channel, one.address) for one in told] == [
        (word, ChannelName.WHATSAPP, ANA),
        (sms, ChannelName.SMS, BEA),
    ]
    assert {one.sent_at for one in told} == {clock()}


def test_what_another_service_sent_or_never_left_or_came_in_is_not_ours(
    shop: Shop, clock: Clock
) -> None:
    other = shop.world.add_service(shop.account, name="Campaigns")
    channel_of(shop.world, shop.account, other).send(shop.message())
    shop.channel.send(shop.message())
    shop.world.messages[-1].status = "failed"
    shop.world.reply(ANA, "ciao")

    assert list(shop.channel.sent_since(STORE, clock() - timedelta(hours=1))) == []
