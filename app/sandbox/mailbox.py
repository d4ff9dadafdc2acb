"""A page that shows what every simulated recipient sees: mails, and texts as bubbles, with their
links working. It reads the sandboxed providers and nothing of ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import ClassVar
from urllib.parse import quote

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from app.sandbox.klaviyo import KlaviyoWorld
from app.sandbox.server import Service
from app.sandbox.twilio import TwilioWorld

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884 }}
iframe {{ width: 100%; height: 42rem; border: 1px solid #8886; border-radius: .5rem;
  background: #fff }}
.text {{ display: inline-block; max-width: 28rem; padding: .6rem .9rem; border-radius: 1rem;
  background: #2b6cb022; margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere }}
time {{ color: #888; font-size: .85rem }}
</style></head><body>{body}</body></html>"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as its recipient has it. `html` is empty for a text."""

    address: str
    at: datetime
    title: str
    html: str
    text: str


class Mailbox(Service):
    """Mailboxes and phones behind one address."""

    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", "/", "people"),
        ("GET", "/of/<address>", "messages_of"),
        ("GET", "/of/<address>/<int:number>", "mail"),
    ]

    def __init__(self, mail: KlaviyoWorld, phones: TwilioWorld) -> None:
        super().__init__()
        self._mail, self._phones = mail, phones

    def people(self, request: Request) -> Response:
        """Everybody who got something, the latest first."""
        latest: dict[str, tuple[int, Seen]] = {}
        for seen in self._all():
            count = latest.get(seen.address, (0, seen))[0]
            latest[seen.address] = (count + 1, seen)
        ordered = sorted(latest.items(), key=lambda item: item[1][1].at, reverse=True)
        rows = "".join(
            f'<tr><td><a href="/of/{quote(address)}">{escape(address)}</a></td><td>{count}</td>'
            f"<td>{escape(last.title)}</td><td><time>{last.at:%d %b %H:%M}</time></td></tr>"
            for address, (count, last) in ordered
        )
        head = "<tr><th>recipient</th><th>messages</th><th>latest</th><th>at (UTC)</th></tr>"
        return _page("Mailboxes", f"<h1>Mailboxes</h1><table>{head}{rows}</table>")

    def messages_of(self, request: Request, address: str) -> Response:
        """One person's messages, newest first."""
        parts = [
            self._shown(seen, number)
            for number, seen in reversed(list(enumerate(self._of(address))))
        ]
        return _page(
            address, f'<p><a href="/">All</a></p><h1>{escape(address)}</h1>{"".join(parts)}'
        )

    def mail(self, request: Request, address: str, number: int) -> Response:
        """A mail's own HTML, for the frame that shows it."""
        found = self._of(address)
        if number >= len(found):
            raise NotFound
        return Response(found[number].html, mimetype="text/html")

    def _shown(self, seen: Seen, number: int) -> str:
        when = f"<time>{seen.at:%a %d %b %Y %H:%M} UTC</time>"
        if not seen.html:
            return f'<p>{when}<br><span class="text">{_linked(seen.text)}</span></p>'
        source = f"/of/{quote(seen.address)}/{number}"
        frame = f'<iframe src="{source}" title="{escape(seen.title)}"></iframe>'
        return f"<h2>{escape(seen.title)}</h2>{when}{frame}"

    def _of(self, address: str) -> list[Seen]:
        found = sorted((s for s in self._all() if s.address == address), key=lambda s: s.at)
        if not found:
            raise NotFound
        return found

    def _all(self) -> Iterator[Seen]:
        for account in list(self._mail.by_key.values()):
            for mail in list(account.mails):
                yield Seen(mail.to, mail.at, mail.subject, mail.html, mail.text)
        for text in list(self._phones.messages):
            if text.arrived_at:
                shown = text.delivered()
                yield Seen(text.number, shown.at, shown.body[:60], "", shown.body)


def _linked(text: str) -> str:
    return " ".join(
        f'<a href="{escape(word)}">{escape(word)}</a>'
        if word.startswith(("http://", "https://"))
        else escape(word)
        for word in text.split(" ")
    )


def _page(title: str, body: str) -> Response:
    return Response(_PAGE.format(title=escape(title), body=body), mimetype="text/html")
