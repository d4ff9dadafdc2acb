"""`comeback flow`: files are checked, kept as versions, given back; activating shows whom first."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.commands.flows import preset_names
from app.models import Customer, Flow, FlowVersion, Journey
from app.tenancy import store_transaction
from tests.cli.conftest import Run, count
from tests.conftest import START, MakeStore
from tests.unit.flows.making import flow_text

SEND = "  - send: {channel: email, message: hello}\n  - send: {channel: sms, message: hello}"
AGAIN = "  - send: {channel: email, message: again}"
QUIET = flow_text(f"{SEND}\n{AGAIN}").replace(
    "trigger: {event: customer_created}", "trigger: {inactivity: {days: 60, since: last_order}}"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "test-flow.yaml"
    path.write_text(QUIET, encoding="utf-8")
    return path


def silent_people(store_id: UUID, *days: int) -> None:
    """One buyer each whose last order is so many days ago."""
    with store_transaction(store_id) as session:
        for ago in days:
            at = START - timedelta(days=ago)
            session.add(
                Customer(
                    store_id=store_id,
                    first_seen_at=at,
                    orders_count=1,
                    first_order_at=at,
                    last_order_at=at,
                    last_active_at=at,
                )
            )


def test_every_preset_is_listed_with_the_requirements_it_covers(run: Run) -> None:
    lines = run("flow", "presets").stdout.splitlines()

    assert len(preset_names()) >= 9
    for name in preset_names():
        (line,) = [line for line in lines if line.split()[:1] == [name]]
        assert "#" in line


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid_and_can_be_imported_by_name(
    run: Run, store_id: UUID, name: str
) -> None:
    valid = run("flow", "validate", name)
    kept = run("flow", "import", str(store_id), name)

    assert (valid.exit_code, kept.exit_code) == (0, 0), valid.output + kept.output
    assert "is kept as a draft" in kept.stdout


def test_every_mistake_is_named_with_its_line_and_its_fix(run: Run, file: Path) -> None:
    file.write_text(QUIET.replace("purpose: service", "purpose: sale\ncolour: red"))

    result = run("flow", "validate", str(file))

    assert result.exit_code == 1
    mistakes = result.stderr.splitlines()
    assert f"{file}, line 4, purpose: write one of: cart, welcome" in mistakes[0]
    assert f"{file}, line 5, colour: there is no such field" in mistakes[1]


def test_an_invalid_file_is_not_imported(run: Run, store_id: UUID, file: Path) -> None:
    file.write_text("flow: x\n")

    result = run("flow", "import", str(store_id), str(file))

    assert result.exit_code == 1
    assert "line 1, flow: `steps` is missing" in result.stderr
    assert count(Flow) == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (b"#" * 1_000_001, "is larger than a flow can be"),
        (b"flow: [", "line "),
    ],
)
def test_a_file_that_is_no_flow_is_refused_with_a_sentence(
    run: Run, store_id: UUID, file: Path, content: bytes, sentence: str
) -> None:
    file.write_bytes(content)

    result = run("flow", "import", str(store_id), str(file))

    assert result.exit_code == 1
    assert sentence in result.stderr


def test_a_file_that_is_not_there_is_named(run: Run, store_id: UUID, tmp_path: Path) -> None:
    nothing = run("flow", "import", str(store_id), "abandonned-cart")
    folder = run("flow", "validate", str(tmp_path))

    assert (nothing.exit_code, folder.exit_code) == (1, 1)
    assert "there is no file abandonned-cart, and no such preset" in nothing.stderr
    assert "cannot be read" in folder.stderr


def test_what_is_exported_is_what_was_imported_byte_for_byte(
    run: Run, store_id: UUID, file: Path, tmp_path: Path
) -> None:
    run("flow", "import", str(store_id), str(file))

    printed = run("flow", "export", str(store_id), "test-flow")
    written = run("flow", "export", str(store_id), "test-flow", str(tmp_path / "copy.yaml"))
    nowhere = run("flow", "export", str(store_id), "test-flow", str(tmp_path / "no" / "copy.yaml"))

    assert printed.stdout == QUIET
    assert written.exit_code == 0
    assert (tmp_path / "copy.yaml").read_text(encoding="utf-8") == QUIET
    assert nowhere.exit_code == 1
    assert "cannot be written" in nowhere.stderr


def test_an_edited_file_is_a_new_version_and_the_same_file_is_none(
    run: Run, store_id: UUID, file: Path
) -> None:
    run("flow", "import", str(store_id), str(file))

    same = run("flow", "import", str(store_id), str(file))
    file.write_text(QUIET.replace("days: 60", "days: 90"))
    edited = run("flow", "import", str(store_id), str(file))
    first = run("flow", "export", str(store_id), "test-flow", "--version", "1")
    third = run("flow", "export", str(store_id), "test-flow", "--version", "3")

    assert "has not changed: it stays version 1" in same.stdout
    assert "is now version 2; people inside stay on theirs" in edited.stdout
    assert count(FlowVersion) == 2
    assert first.stdout == QUIET
    assert "has no version 3" in third.stderr


def test_activating_shows_how_many_it_would_reach_and_a_no_changes_nothing(
    run: Run, store_id: UUID, file: Path
) -> None:
    silent_people(store_id, 10, 65, 70, 200)
    run("flow", "import", str(store_id), str(file))

    words = ("flow", "activate", str(store_id), "test-flow", "--back", "30 days")
    refused = run(*words, answers=("n",))
    unanswered = run(*words)

    assert "would reach 2 people now" in refused.stdout
    assert (refused.exit_code, unanswered.exit_code) == (1, 1)
    assert "Nothing was changed." in refused.stderr
    assert "To agree beforehand, add --yes." in unanswered.stderr
    assert "draft" in run("flow", "list", str(store_id)).stdout
    assert count(Journey) == 0


@pytest.mark.requirement(114)
def test_a_yes_lets_in_those_it_showed_and_nobody_else(
    run: Run, store_id: UUID, file: Path
) -> None:
    silent_people(store_id, 10, 65, 70, 200)
    run("flow", "import", str(store_id), str(file))

    words = ("flow", "activate", str(store_id), "test-flow", "--back", "30 days")
    result = run(*words, answers=("y",))

    assert "2 people entered at once" in result.stdout
    assert count(Journey) == 2


def test_without_going_back_nobody_enters_and_those_left_out_are_told(
    run: Run, store_id: UUID, file: Path
) -> None:
    silent_people(store_id, 65, 200)
    run("flow", "import", str(store_id), str(file))

    result = run("flow", "activate", str(store_id), "test-flow", "--yes")

    assert "would reach nobody at once" in result.stdout
    assert "2 people had theirs before" in result.stdout
    assert "0 people entered at once" in result.stdout
    assert count(Journey) == 0


def test_a_flow_is_listed_and_paused(run: Run, store_id: UUID, file: Path) -> None:
    run("flow", "import", str(store_id), str(file))

    draft = run("flow", "pause", str(store_id), "test-flow")
    run("flow", "activate", str(store_id), "test-flow", "--yes")
    active = run("flow", "list", str(store_id))
    paused = run("flow", "pause", str(store_id), "test-flow")
    after = run("flow", "list", str(store_id))

    assert (draft.exit_code, paused.exit_code) == (1, 0)
    assert "there is nothing to pause" in draft.stderr
    assert "active" in active.stdout
    assert "paused" in after.stdout


def test_what_is_not_there_is_named_with_where_to_look(run: Run, store_id: UUID) -> None:
    activated = run("flow", "activate", str(store_id), "none", "--yes")
    length = run("flow", "activate", str(store_id), "none", "--back", "soon", "--yes")
    listed = run("flow", "list", str(store_id))

    assert "there is no flow none" in activated.stderr
    assert "--back: 'soon' is not a length of time" in length.stderr
    assert "comeback flow presets" in listed.stdout


def test_a_flow_of_another_store_does_not_exist(
    run: Run, make_store: MakeStore, file: Path
) -> None:
    ours, theirs = make_store(), make_store()
    run("flow", "import", str(theirs), str(file))

    for verb in ("export", "activate", "pause"):
        result = run("flow", verb, str(ours), "test-flow")
        assert result.exit_code == 1
        assert "there is no flow test-flow" in result.stderr
