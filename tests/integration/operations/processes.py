"""The processes of the `Procfile`, each in a group of its own, against the tests' servers."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from app.config import Config
from app.launch import ROOT
from tests.ear import addresses_in
from tests.waiting import answers, until

PATIENCE = 60.0
_COMMANDS = {
    "web": ["-m", "app.serve"],
    "worker": ["-m", "workers.main"],
    "ticker": ["-m", "workers.ticker"],
}


class Process:
    """One process of ours. What it says is read as it comes."""

    def __init__(self, command: list[str], config: Config) -> None:
        settings = config.model_dump(exclude_none=True, mode="json")
        environment = {key.upper(): str(value) for key, value in settings.items()}
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        self.said: list[str] = []
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        self.said.extend(stream)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask_to_end(self) -> None:
        """SIGTERM, as every supervisor sends it."""
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """The exit code, once there is one."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def clear(self) -> None:
        if self.is_alive():
            os.killpg(self._process.pid, signal.SIGKILL)
        self.ended()
        assert addresses_in("".join(self.said)) == [], "The log is about people."


@contextmanager
def running(name: str, config: Config) -> Iterator[Process]:
    """The process of this name; gone at the end, however that comes."""
    process = Process(_COMMANDS[name], config)
    try:
        yield process
    finally:
        process.clear()


def wait_for_web(config: Config) -> None:
    until(lambda: answers(config.port))
