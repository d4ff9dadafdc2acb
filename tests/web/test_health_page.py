"""The store's own page of what is broken: in the reader's language, and of no other store."""

import socket
from datetime import timedelta
from uuid import UUID

import pytest

from app.inbox.hearing import hear
from app.tenancy import store_transaction
from tests.cli.test_doctor import breaks, fails
from tests.conftest import START, Clock, Machine
from tests.elsewhen import a_worker_compares
from tests.web.conftest import SignIn
from tests.web.reading import read


def shown(sign_in: SignIn, store_id: UUID, language: str = "en") -> str:
    return read(sign_in(store_id), "/health", language)


def test_a_store_that_is_well_reads_so(sign_in: SignIn, store_id: UUID) -> None:
    assert "All is well" in shown(sign_in, store_id)


@pytest.mark.parametrize(
    ("language", "what", "todo"),
    [
        ("en", "Twilio refuses our access", "Give new credentials under Channels"),
        ("it", "Twilio ci rifiuta l", "Inserisci nuove credenziali in Canali"),
        ("pt-BR", "Twilio recusa o nosso acesso", "Informe novas credenciais em Canais"),
        ("es", "Twilio rechaza nuestro acceso", "Da nuevas credenciales en Canales"),
    ],
)
def test_what_is_broken_is_told_in_the_reader_s_language_with_the_way_out(
    sign_in: SignIn, store_id: UUID, language: str, what: str, todo: str
) -> None:
    breaks(store_id)

    page = shown(sign_in, store_id, language)

    assert what in page
    assert todo in page


def test_a_command_reads_as_one_and_what_others_wrote_is_never_markup(
    sign_in: SignIn, store_id: UUID
) -> None:
    breaks(store_id, problem="<b>no</b>")
    fails(store_id)

    page = shown(sign_in, store_id)

    assert "<code>comeback webhooks replay</code>" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page


def test_the_trouble_of_another_store_is_not_ours(
    sign_in: SignIn, store_id: UUID, other_store: UUID
) -> None:
    breaks(other_store)
    fails(other_store)
    with store_transaction(other_store) as session:
        hear(session, [("their/topic", START)])

    page = shown(sign_in, store_id)

    assert "All is well" in page
    assert "their/topic" not in page


def test_each_topic_has_its_heartbeat(sign_in: SignIn, store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        hear(session, [("carts/update", START - timedelta(hours=n)) for n in range(504)])
        hear(session, [("app/uninstalled", START)])
    clock.advance(hours=12)

    page = shown(sign_in, store_id)

    assert "The shop has not told us of carts/update for longer than it ever should" in page
    assert "Still learning" in page


def test_a_clock_that_is_off_is_told_with_its_machine(
    sign_in: SignIn, store_id: UUID, database: Machine
) -> None:
    a_worker_compares(database, ahead=20)

    page = shown(sign_in, store_id)

    assert f"The clock of {socket.gethostname()} differs" in page
    assert "-20 seconds" in page
