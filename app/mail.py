"""Handing a letter of our own to the operator's mail server. Knows no store and no notice.

Must never send a password over an open line, nor put an address into an error.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from app import clock
from app.errors import InvalidInput, Unreachable

SECONDS = 15.0
"""How long the server may take over one answer."""
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One letter. The same `key` gives the same Message-ID, so that a repeat can be recognised."""

    key: str
    to: str
    subject: str
    text: str


def send(url: str, sender: str, mail: Mail) -> None:
    """Hand a letter to the server at `url`, an `smtp:` or `smtps:` address.

    Raises Unreachable when another attempt may help, InvalidInput when the letter cannot go.
    """
    message = _written(sender, mail)
    try:
        server = _open(urlsplit(url))
    except (smtplib.SMTPException, OSError) as error:
        raise _trouble(error) from error
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _trouble(error) from error
    finally:
        # The server has taken the letter or not; how it says goodbye changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()


def _written(sender: str, mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    try:
        message["From"], message["To"] = sender, mail.to
        message["Subject"] = " ".join(mail.subject.split())
    except ValueError as error:
        raise InvalidInput("notify_email", "no letter can be addressed to this") from error
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.key}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # So that nobody's holiday notice answers us: RFC 3834.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _open(url: SplitResult) -> smtplib.SMTP:
    """A connection on which the letter may go: encrypted where the server can, proven always."""
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
    try:
        server.ehlo()
        encrypted = url.scheme == "smtps"
        # A relay on this very machine has a certificate that names nobody, and needs none.
        if not encrypted and server.has_extn("starttls") and not _is_open_relay_here(url):
            server.starttls(context=context)
            encrypted = True
        if url.username:
            _sign_in(server, url, encrypted)
    except BaseException:
        server.close()
        raise
    return server


def _sign_in(server: smtplib.SMTP, url: SplitResult, encrypted: bool) -> None:
    if not encrypted:
        raise Unreachable("the mail server offers no encryption, and a password needs it")
    server.login(unquote(url.username or ""), unquote(url.password or ""))


def _is_open_relay_here(url: SplitResult) -> bool:
    host = url.hostname or ""
    with suppress(ValueError):
        return not url.username and ip_address(host).is_loopback
    return not url.username and host == "localhost"


def _refused(error: smtplib.SMTPRecipientsRefused) -> InvalidInput | Unreachable:
    code = max((code for code, _ in error.recipients.values()), default=0)
    if code >= 500:
        return InvalidInput("notify_email", f"the mail server refuses this address ({code})")
    return Unreachable(f"the mail server does not take this address now ({code})")


def _trouble(error: Exception) -> Unreachable:
    """What went wrong, without the server's own words: they may repeat the address."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Unreachable(f"the mail server answered {error.smtp_code}")
    return Unreachable(f"the mail server could not be talked to ({type(error).__name__})")
