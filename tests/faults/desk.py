"""The desk of whoever runs the app: their mailbox and their server, which are told of troubles."""

from collections import Counter
from contextlib import ExitStack
from uuid import UUID

from app.stores.operator_text import LONGEST_SUBJECT
from tests.fakes.mail import Post, post_office
from tests.faults.swept import Ears

ADDRESS = "operator@storm.example"


class Desk:
    """A real mail server and a real web server, both on loopback."""

    def __init__(self) -> None:
        self._ears, self._open = Ears(), ExitStack()
        self._post = Post()

    def start(self) -> None:
        self._post = self._open.enter_context(post_office())
        self._ears.start()
        self._open.callback(self._ears.stop)

    def stop(self) -> None:
        self._open.close()

    def settings(self) -> dict[str, str]:
        return {
            "SMTP_URL": self._post.url,
            "MAIL_FROM": "comeback@storm.example",
            "OPERATOR_EMAIL": ADDRESS,
            "OPERATOR_WEBHOOK": f"{self._ears.url}/operator",
        }

    def heard(self, store_id: UUID, code: str) -> Counter[str]:
        """How often a trouble of this kind began and ended at this store, by both ways."""
        words = [word for _, word in list(self._ears.operator_heard) if word["code"] == code]
        ours = [word for word in words if word["store_id"] == str(store_id)]
        told = Counter(f"{word['event']} by webhook" for word in ours)
        subjects = Counter(letter["Subject"] for letter in list(self._post.letters))
        for about in {f"{word['shop']}: {word['sentence']}" for word in ours}:
            told["began by mail"] += subjects[f"Comeback: {about}"[:LONGEST_SUBJECT]]
            told["ended by mail"] += subjects[f"Comeback: over at {about}"[:LONGEST_SUBJECT]]
        return +told
