"""A letter over a real socket: encrypted, signed in for, and every refusal told apart."""

from pathlib import Path
from socket import create_server
from urllib.parse import quote

import pytest

from app.errors import InvalidInput, Unreachable
from app.mail import Mail, send
from tests.conftest import START, Clock
from tests.fakes.mail import PASSWORD, USER, certificate, knows_the_password, post_office

SENDER = "Comeback <notices@comeback.example>"
LETTER = Mail(key="k-1", to="Ana@shop.example", subject="Città\nnuova", text="Perché no?\n")
SIGNED_IN = f"{quote(USER)}:{quote(PASSWORD, safe='')}@"


def test_a_letter_arrives_as_it_was_written(clock: Clock) -> None:
    with post_office() as post:
        send(post.url, SENDER, LETTER)

    letter = post.letters[0]
    assert (letter["From"], letter["To"]) == (SENDER, "Ana@shop.example")
    assert letter["Subject"] == "Città nuova"
    assert letter["Message-ID"] == "<k-1@comeback.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime == START
    assert letter.get_content().splitlines() == ["Perché no?"]


def test_a_server_that_speaks_nothing_but_tls_is_used_when_its_certificate_is_vouched_for(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, vouched = certificate(tmp_path)
    with post_office(ssl_context=context) as post:
        url = post.url.replace("smtp:", "smtps:")
        with pytest.raises(Unreachable, match="SSLCertVerificationError"):
            send(url, SENDER, LETTER)
        monkeypatch.setenv("SSL_CERT_FILE", str(vouched))
        send(url, SENDER, LETTER)

    assert (len(post.letters), post.encrypted) == (1, [True])


def test_a_password_goes_out_only_after_the_line_is_encrypted(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, vouched = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(vouched))
    with post_office(
        tls_context=context, authenticator=knows_the_password, auth_required=True
    ) as post:
        send(post.url.replace("//", f"//{SIGNED_IN}"), SENDER, LETTER)

    assert post.encrypted == [True]


def test_no_password_is_told_to_a_server_that_cannot_encrypt(clock: Clock) -> None:
    said: list[object] = []
    with (
        post_office(
            authenticator=lambda *given: said.append(given), auth_require_tls=False
        ) as post,
        pytest.raises(Unreachable, match="offers no encryption"),
    ):
        send(post.url.replace("//", f"//{SIGNED_IN}"), SENDER, LETTER)

    assert (post.letters, said) == ([], [])


def test_a_wrong_password_can_be_put_right_and_is_tried_again(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, vouched = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(vouched))
    with (
        post_office(tls_context=context, authenticator=knows_the_password) as post,
        pytest.raises(Unreachable, match="answered 535"),
    ):
        send(post.url.replace("//", f"//{USER}:wrong@"), SENDER, LETTER)


def test_an_address_that_does_not_exist_is_refused_for_good_without_being_repeated(
    clock: Clock,
) -> None:
    with post_office() as post:
        post.refuses = "550 5.1.1 nobody here"
        with pytest.raises(InvalidInput) as refused:
            send(post.url, SENDER, LETTER)

    assert refused.value.problem == "the mail server refuses this address (550)"


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "554 5.7.1 not from you"])
def test_what_another_attempt_may_mend_is_told_apart_by_its_code(clock: Clock, answer: str) -> None:
    with post_office() as post:
        post.answers = [answer]
        with pytest.raises(Unreachable, match=f"answered {answer[:3]}$"):
            send(post.url, SENDER, LETTER)


def test_an_address_that_is_put_off_is_tried_again(clock: Clock) -> None:
    with post_office() as post:
        post.refuses = "450 4.2.0 greylisted"
        with pytest.raises(Unreachable, match="450"):
            send(post.url, SENDER, LETTER)


def test_a_server_that_is_not_there_is_out_of_reach(clock: Clock) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        send(f"smtp://127.0.0.1:{port}", SENDER, LETTER)


def test_a_lost_answer_is_no_success(clock: Clock) -> None:
    with post_office() as post:
        post.loses_answers = 1
        with pytest.raises(Unreachable):
            send(post.url, SENDER, LETTER)

    assert len(post.letters) == 1


def test_an_address_with_a_second_line_is_refused(clock: Clock) -> None:
    broken = Mail(key="k", to="a@shop.example\nBcc: x@shop.example", subject="s", text="t")

    with post_office() as post, pytest.raises(InvalidInput):
        send(post.url, SENDER, broken)

    assert post.letters == []
