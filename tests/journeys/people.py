"""The people of the stories."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Someone:
    """A shopper. `record` is the shop's own record of them, once they have an account."""

    name: str
    email: str | None
    phone: str | None = None
    country: str | None = "IT"
    locale: str = "it"
    agrees: tuple[str, ...] = ()
    record: Any = field(default=None, repr=False)

    @property
    def work_email(self) -> str:
        """An address the shop has never heard of."""
        return f"{self.name}@work.example"


MET: list[Someone] = []
"""Everybody of the stories told so far: also those whom the app has forgotten."""


def someone(name: str, **values: Any) -> Someone:
    """A shopper with an address of their own; by keyword anything else."""
    who = Someone(**{"name": name, "email": f"{name}@example.com", **values})
    MET.append(who)
    return who
