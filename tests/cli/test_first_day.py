"""A merchant's first day without a page: from a shop's address to a flow that lets people in."""

import pytest

from app.sandbox.klaviyo import Account
from app.sandbox.woocommerce import WooWorld
from app.sandbox.woocommerce.shoppers import Shopper
from tests.cli.conftest import KLAVIYO_KEY, Run
from tests.conftest import Clock


@pytest.mark.requirement(114)
def test_a_shop_goes_from_its_address_to_a_running_flow(
    run: Run, clock: Clock, woo: WooWorld, account: Account
) -> None:
    herb = woo.add_product("Tisana", "9.90")
    shopper = Shopper(email="ana@example.com", consents={"email": "subscribed"})
    woo.place_order(shopper, {herb.id: 1})
    clock.advance(days=75)
    key = ("--key", woo.key.consumer_key, "--secret", woo.key.consumer_secret)

    steps = [
        ("store", "connect", "woocommerce", woo.url, *key),
        ("store", "backfill", "127.0.0.1"),
        ("channel", "connect", "klaviyo", "127.0.0.1", "--private-key", KLAVIYO_KEY),
        ("flow", "import", "127.0.0.1", "reactivation-60"),
        ("channel", "setup", "klaviyo", "127.0.0.1", "--address", "o@erbe.example", "--yes"),
        ("channel", "setup", "klaviyo", "127.0.0.1", "--live", "--yes"),
        ("channel", "test", "127.0.0.1"),
        ("flow", "activate", "127.0.0.1", "reactivation-60", "--back", "30 days", "--yes"),
    ]
    for words in steps:
        result = run(*words)
        assert result.exit_code == 0, result.output

    assert {flow.status for flow in account.flows} == {"live"}
    assert "1 person entered at once" in result.stdout
