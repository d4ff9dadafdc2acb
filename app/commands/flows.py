"""`comeback flow`: the files that say who gets what, as a store keeps and runs them."""

from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import click

from app import clock
from app.commands.reading import read_text
from app.commands.ready import connections, ready_store
from app.commands.terminal import require_yes, say, show_table, warn
from app.config import Config
from app.errors import ComebackError, InvalidInput
from app.flows import versions
from app.flows.load import definition_of
from app.flows.place import FlowInvalid
from app.inbox.silent_mail import silent_flows
from app.models import Store
from app.segments import parse_duration
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction

PRESETS = files("app.flows") / "presets"
NO_FLOW = "No flow yet. `comeback flow presets` shows what can be imported by name."
LONGEST = timedelta(days=730)


@click.group()
def flow() -> None:
    """Flows: who gets what, when, and why not.

    STORE is any part of the shop's domain, or the beginning of its id.
    """


@flow.command("list")
@click.argument("store")
def list_command(store: str) -> None:
    """Every flow of STORE, with how many people are inside."""
    with ready_store(store) as (_, shop):
        with store_transaction(shop.store_id) as session:
            lines = versions.list_flows(session, this_store(session))
        if not lines:
            say(NO_FLOW)
            return
        rows = [
            (
                line.slug,
                line.purpose,
                line.status,
                line.version,
                line.inside,
                f"{line.activated_at:%Y-%m-%d}" if line.activated_at else "",
            )
            for line in lines
        ]
        show_table(("flow", "purpose", "status", "version", "inside", "active since"), rows)


@flow.command("presets", short_help="The flows that come with Comeback.")
def presets() -> None:
    """The flows that come with Comeback; `flow import STORE NAME` takes one."""
    rows = []
    for name in preset_names():
        definition = definition_of(preset_source(name))
        numbers = ", ".join(f"#{number}" for number in definition.requirements)
        rows.append((name, definition.name["en"], definition.purpose, numbers))
    show_table(("preset", "name", "purpose", "requirements"), rows)


@flow.command("validate", short_help="Check a file; each mistake with its line and its fix.")
@click.argument("file")
def validate(file: str) -> None:
    """Check FILE (`-` reads standard input); each mistake is named with its line and its fix."""
    try:
        definition, warnings = versions.validate_file(read_source(file))
    except FlowInvalid as error:
        raise _refused(file, error) from error
    for problem in warnings:
        warn(f"{file}, {problem} (only a warning)")
    say(f"{file} is a valid flow: {definition.slug}, {len(definition.nodes)} steps.")


@flow.command("export", short_help="Write a flow's file, exactly as it was imported.")
@click.argument("store")
@click.argument("slug")
@click.argument("file", required=False)
@click.option(
    "--version", type=click.IntRange(min=1), help="An earlier version; the newest if not given."
)
def export(store: str, slug: str, file: str | None, version: int | None) -> None:
    """Write the flow SLUG of STORE, exactly as it was imported, to FILE or standard output."""
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        source = versions.export_flow(session, this_store(session), slug, version)
    if file is None or file == "-":
        click.echo(source, nl=False)
        return
    try:
        Path(file).write_text(source, encoding="utf-8")
    except OSError as error:
        raise InvalidInput("FILE", f"{file} cannot be written: {error.strerror}") from error
    say(f"{slug} is in {file}.")


@flow.command("import", short_help="Keep a file or a preset as the newest version.")
@click.argument("store")
@click.argument("file")
def import_command(store: str, file: str) -> None:
    """Keep FILE, or the preset of that name, as the newest version of its flow in STORE."""
    source = read_source(file)
    with ready_store(store) as (_, shop):
        with store_transaction(shop.store_id) as session:
            try:
                kept = versions.import_flow(session, this_store(session), source, clock.now())
            except FlowInvalid as error:
                raise _refused(file, error) from error
        for problem in kept.warnings:
            warn(f"{file}, {problem} (only a warning)")
        if not kept.new:
            say(f"{kept.slug} has not changed: it stays version {kept.version}.")
        elif kept.version == 1:
            say(
                f"{kept.slug} is kept as a draft. `comeback flow activate {shop.domain}"
                f" {kept.slug}` lets people in."
            )
        else:
            say(f"{kept.slug} is now version {kept.version}; people inside stay on theirs.")


@flow.command("activate", short_help="Let people in, after showing how many it would reach.")
@click.argument("store")
@click.argument("slug")
@click.option("--back", help="Also reach people whose moment came within this time: “60 days”.")
@click.option("--yes", is_flag=True, help="Agree beforehand.")
def activate(store: str, slug: str, back: str | None, yes: bool) -> None:
    """Let people into the flow SLUG of STORE, after showing how many it would reach now."""
    length = _length(back) if back else None
    with ready_store(store) as (config, shop):
        with store_transaction(shop.store_id) as session:
            past = versions.reached(
                session, this_store(session), slug, length or LONGEST, clock.now()
            )
        say(_reach(slug, past, length))
        _warn_of_silence(config, shop, slug)
        require_yes(f"Activate {slug} for {shop.domain}?", yes)
        with store_transaction(shop.store_id) as session:
            entered = versions.activate(session, this_store(session), slug, clock.now(), length)
        say(f"{slug} is active. {_people(entered)} entered at once.")


@flow.command("pause", short_help="Let nobody in and send nothing.")
@click.argument("store")
@click.argument("slug")
def pause(store: str, slug: str) -> None:
    """Let nobody into SLUG and send nothing, until it is activated again."""
    with ready_store(store) as (_, shop):
        with store_transaction(shop.store_id) as session:
            versions.pause(session, this_store(session), slug)
        say(f"{slug} is paused. People inside stay where they are.")


def _refused(file: str, error: FlowInvalid) -> click.ClickException:
    """Each mistake on its line, and the sentence that ends the command."""
    for problem in error.problems:
        warn(f"{file}, {problem}")
    return click.ClickException(f"{file} cannot be imported as it is.")


def _warn_of_silence(config: Config, shop: Store, slug: str) -> None:
    """Say which e-mails would go nowhere, as far as Klaviyo can be asked."""
    try:
        silent = silent_flows(shop.store_id, connections(config), slug)
    except ComebackError as error:
        warn(f"Klaviyo could not be asked whether it would send the e-mails: {error}")
        return
    if silent:
        warn(
            f"No e-mail of this flow is sent yet: Klaviyo has no live flow for {', '.join(silent)}."
            f" `comeback channel setup klaviyo {shop.domain} --live` makes it."
        )


def preset_names() -> list[str]:
    names = (entry.name for entry in PRESETS.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def preset_source(name: str) -> str:
    return (PRESETS / f"{name}.yaml").read_text(encoding="utf-8")


def read_source(name: str) -> str:
    """The text of a file, of standard input (`-`) or of a preset. Raises InvalidInput."""
    if not Path(name).exists() and name in preset_names():
        return preset_source(name)
    return read_text(name, "flow", ", and no such preset; see `comeback flow presets`")


def _length(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InvalidInput("--back", str(error)) from error


def _reach(slug: str, past: int, back: timedelta | None) -> str:
    """What activating does at once, and to how many whose moment is past already."""
    if back is not None:
        return f"{slug} would reach {_people(past)} now, of the last {back.days} days."
    sentence = f"{slug} would reach nobody at once; people enter as their moment comes."
    if past:
        sentence += f" {_people(past)} had theirs before; --back “60 days” takes in the latest."
    return sentence


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
