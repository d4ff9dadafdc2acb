"""Whose turn it is: what keeps a promise comes first, and a tenth of the time is everybody else's.

Without that tenth a worker with more than enough urgent work would never look at a store's health,
and nobody would hear that it has more than enough.
"""

from collections.abc import Sequence

_SHARE = 0.1
_MOST_OWED = 1.0
"""Seconds: what nobody asked for is not saved up for long."""


class Turns:
    """The order in which one worker looks at the duties."""

    def __init__(self, urgent: Sequence[str], patient: Sequence[str]) -> None:
        self._urgent, self._patient = list(urgent), list(patient)
        self._owed = 0.0

    def took(self, duty: str, seconds: float) -> None:
        """A job has been worked off. A patient duty that had its turn is the last of them next."""
        if duty not in self._patient:
            self._owed = min(_MOST_OWED, self._owed + seconds * _SHARE / (1 - _SHARE))
            return
        self._owed -= seconds
        self._patient.remove(duty)
        self._patient.append(duty)

    def order(self) -> list[str]:
        if self._owed > 0:
            return self._patient + self._urgent
        return self._urgent + self._patient
