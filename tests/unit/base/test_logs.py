"""What reaches a log: ids and places, never the words that quote a person."""

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from app import logs
from app.errors import ConfigError
from app.trouble import trace_of

WHO = "Ana says: "
WORDS = "Key (email)=(ana.bianchi@example.com) already exists, call +39 333 1234567"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    logs.configure("ERROR")


def told(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().err
    assert all(json.loads(line) for line in lines.splitlines())
    return lines


def breaks() -> None:
    try:
        raise KeyError(WORDS)
    except KeyError as error:
        raise ValueError(WHO + WORDS) from error


def test_an_error_is_told_by_kind_and_place_and_so_is_its_cause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("INFO")
    try:
        breaks()
    except ValueError:
        structlog.get_logger().exception("request_failed", store_id="s-1")

    lines = told(capsys)
    assert "ValueError" in lines
    assert "KeyError" in lines
    assert "test_logs.py" in lines
    assert "s-1" in lines
    assert "ana" not in lines.lower()


def test_a_package_that_logs_an_error_with_its_words_tells_neither_words_nor_addresses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("INFO")
    try:
        breaks()
    except ValueError:
        logging.getLogger("some.package").exception(
            "GET /customers?email=ana%%40example.com %d", 500
        )

    lines = told(capsys)
    assert "GET /customers?email=[removed] 500" in lines
    assert "ValueError" in lines
    assert "ana" not in lines.lower()


@pytest.mark.parametrize("number", ["+393331234567", "+39 333 123 4567", "%2B393331234567"])
def test_a_number_in_a_package_s_words_is_taken_out(
    capsys: pytest.CaptureFixture[str], number: str
) -> None:
    logs.configure("INFO")
    logging.getLogger("some.package").warning("To=%s was refused", number)

    assert "To=[removed] was refused" in told(capsys)


def test_a_field_that_holds_a_person_is_emptied(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    structlog.get_logger().info("applied", email="ana@example.com", first_name="Ana")

    lines = told(capsys)
    assert "applied" in lines
    assert "ana" not in lines.lower()


def test_a_thread_and_a_process_that_die_say_where_and_no_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure("INFO")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.guard_last_words()

    thread = threading.Thread(target=breaks)
    thread.start()
    thread.join()

    lines = told(capsys)
    assert "thread_died" in lines
    assert "ana" not in lines.lower()


def test_a_wrong_setting_is_a_sentence_for_whoever_starts_the_process(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.guard_last_words()
    error = ConfigError("Set SECRET_KEYS.")

    sys.excepthook(ConfigError, error, None)

    assert capsys.readouterr().err == "Set SECRET_KEYS.\n"


def test_a_trace_shows_what_was_hidden_on_purpose_no_more_than_the_rest() -> None:
    logs.configure("INFO")
    try:
        try:
            breaks()
        except ValueError:
            raise RuntimeError("told") from None
    except RuntimeError as error:
        trace = trace_of(error)

    assert trace.endswith("RuntimeError")
    assert "ValueError" not in trace
