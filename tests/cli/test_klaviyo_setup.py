"""`comeback channel setup klaviyo`: look, show, ask, make as drafts; live only when asked for."""

import os
from uuid import UUID

import pytest
from sqlalchemy import select

from app.config import Config
from app.inbox.silent_mail import known_silent, look_for_silence
from app.models import Notice
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.stores.connections import Connections
from app.tenancy import store_transaction
from tests.cli.conftest import KLAVIYO_KEY, Run

ADDRESS = ("--address", "owner@erbe.example")


@pytest.fixture
def setup(store_id: UUID, account: Account, run: Run) -> tuple[str, ...]:
    """The set-up of a store with the abandoned-cart flow and a connected account, as typed."""
    run("channel", "connect", "klaviyo", str(store_id), "--private-key", KLAVIYO_KEY)
    run("flow", "import", str(store_id), "abandoned-cart")
    return ("channel", "setup", "klaviyo", str(store_id), *ADDRESS)


@pytest.mark.requirement(112)
def test_what_would_be_made_is_shown_and_a_no_makes_nothing(
    run: Run, klaviyo: KlaviyoWorld, account: Account, setup: tuple[str, ...]
) -> None:
    klaviyo.requests.clear()

    result = run(*setup, answers=("n",))

    assert result.exit_code == 1
    assert result.stdout.count("to be made") == 3
    assert "Nothing was changed." in result.stderr
    assert {method for _, method, _ in klaviyo.requests} == {"GET"}


@pytest.mark.requirement(112)
def test_a_yes_makes_drafts_with_smart_sending_off(
    run: Run, account: Account, setup: tuple[str, ...]
) -> None:
    result = run(*setup, answers=("y",))

    assert result.exit_code == 0, result.output
    (flow,) = account.flows
    assert (flow.name, flow.status) == ("Comeback abandoned-cart", "draft")
    assert flow.message["smart_sending_enabled"] is False
    assert "stay drafts until you run this again with --live" in result.stdout


def test_doing_it_again_makes_nothing_and_live_asks_once_more(
    run: Run, account: Account, setup: tuple[str, ...]
) -> None:
    run(*setup, "--yes")

    refused = run(*setup, "--live", answers=("n",))
    status_after_no = [flow.status for flow in account.flows]
    agreed = run(*setup, "--live", answers=("y",))

    assert "Everything is there." in refused.stdout
    assert (refused.exit_code, status_after_no) == (1, ["draft"])
    assert agreed.exit_code == 0
    assert [flow.status for flow in account.flows] == ["live"]


def test_a_long_wait_ends_with_a_sentence_and_the_next_run_does_the_rest(
    run: Run, klaviyo: KlaviyoWorld, account: Account, setup: tuple[str, ...]
) -> None:
    klaviyo.limit("/api/flows", retry_after=3600, method="POST")

    first = run(*setup, "--yes")
    second = run(*setup, "--yes")

    assert first.exit_code == 1
    assert "Klaviyo takes the rest in 60 minutes." in first.stderr
    assert second.exit_code == 0
    assert (len(account.templates), len(account.flows)) == (1, 1)


@pytest.mark.requirement(112)
def test_where_the_account_has_webhooks_one_is_shown_asked_for_and_made(
    run: Run, account: Account, setup: tuple[str, ...]
) -> None:
    account.has_webhooks = True

    refused = run(*setup, answers=("n",))
    assert (refused.exit_code, account.webhooks) == (1, [])
    assert refused.stdout.count("to be made") == 4
    agreed = run(*setup, answers=("y",))
    again = run(*setup)

    assert "Klaviyo tells us at once" in agreed.stdout
    assert "Everything is there." in again.stdout
    assert len(account.webhooks) == 1


def test_an_account_without_webhooks_is_told_that_mails_are_followed_by_asking(
    run: Run, account: Account, setup: tuple[str, ...]
) -> None:
    result = run(*setup, "--yes")

    assert result.exit_code == 0, result.output
    assert "read every minute instead" in " ".join(result.stdout.split())


def test_without_klaviyo_or_without_a_flow_the_next_step_is_named(
    run: Run, store_id: UUID, account: Account
) -> None:
    without_flow = run("channel", "setup", "klaviyo", str(store_id), *ADDRESS)
    run("flow", "import", str(store_id), "abandoned-cart")
    without_klaviyo = run("channel", "setup", "klaviyo", str(store_id), *ADDRESS)

    assert (without_flow.exit_code, without_klaviyo.exit_code) == (1, 1)
    assert "comeback flow import" in without_flow.stderr
    assert "comeback channel connect klaviyo" in without_klaviyo.stderr


@pytest.mark.requirement(112)
def test_activating_says_which_mails_nobody_would_get_until_klaviyo_is_live(
    run: Run, store_id: UUID, account: Account, setup: tuple[str, ...]
) -> None:
    activating = ("flow", "activate", str(store_id), "abandoned-cart", "--yes")
    missing = run(*activating)
    run(*setup, "--yes")
    draft = run(*activating)
    run(*setup, "--live", "--yes")
    live = run(*activating)

    for warned in (missing, draft):
        assert warned.exit_code == 0, warned.output
        assert "no live flow for abandoned-cart" in warned.stderr
    assert live.exit_code == 0
    assert "no live flow" not in live.stderr


def test_the_shop_remembers_whose_mail_is_silent(
    run: Run, store_id: UUID, account: Account, setup: tuple[str, ...], config: Config
) -> None:
    endpoint = os.environ["KLAVIYO_ENDPOINT"]
    now = Connections(config.model_copy(update={"klaviyo_endpoint": endpoint}))
    run("flow", "activate", str(store_id), "abandoned-cart", "--yes")
    look_for_silence(store_id, now)
    with store_transaction(store_id) as session:
        assert known_silent(session) == ["abandoned-cart"]
        (notice,) = session.scalars(select(Notice).where(Notice.kind == "mail_silent"))
        assert "abandoned-cart" in notice.title

    run(*setup, "--live", "--yes")

    with store_transaction(store_id) as session:
        assert known_silent(session) == []
