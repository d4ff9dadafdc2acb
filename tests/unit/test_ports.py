"""A port that is handed out stays free of connections that leave; one that is taken is told."""

import socket

import pytest

from app.errors import ConfigError
from app.ports import free_port, require_free


def test_no_connection_that_leaves_is_given_the_port_of_a_server_that_is_still_to_start() -> None:
    port = free_port()

    with socket.socket() as server, socket.socket() as leaving:
        leaving.bind(("127.0.0.1", 0))  # The system takes one of those it keeps for connections.
        server.bind(("127.0.0.1", port))

        assert port < 32_768
        assert leaving.getsockname()[1] > port


def test_a_port_somebody_listens_on_is_never_given() -> None:
    given = [free_port() for _ in range(200)]

    assert len(set(given)) > 190, "two that start together would meet"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", given[0]))
        taken.listen()
        with pytest.raises(ConfigError, match=f"PORT: nothing can listen on 127.0.0.1:{given[0]}"):
            require_free("127.0.0.1", given[0])


def test_a_free_port_is_no_error_in_either_family() -> None:
    port = free_port()

    require_free("127.0.0.1", port)
    require_free("::1", port)
