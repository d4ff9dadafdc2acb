"""`comeback segment`: the segments of a store, how large they are, and what is in them."""

import click

from app import clock, flows, segments
from app.commands.reading import read_text
from app.commands.ready import ready_store
from app.commands.segment_rows import HEADS, row_of
from app.commands.terminal import say, show_table
from app.errors import InvalidInput
from app.segments.facts import SLUG
from app.segments.health import health
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction


@click.group()
def segment() -> None:
    """Segments: people by a condition under a name.

    STORE is any part of the shop's domain, or the beginning of its id.
    """


@segment.command("list", short_help="Every segment, its size and what to do.")
@click.argument("store")
def list_command(store: str) -> None:
    """Every segment of STORE: its size, whether it grows, and what to do."""
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        segments.plant(session, clock.now())
        show_table(HEADS, [row_of(shop, each) for each in health(session)])


@segment.command("show", short_help="One segment's condition, as it was written.")
@click.argument("store")
@click.argument("slug")
def show(store: str, slug: str) -> None:
    """The condition of the segment SLUG of STORE, as it was written."""
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        segments.plant(session, clock.now())
        click.echo(segments.get_segment(session, slug).written.rstrip("\n"))


@segment.command("set", short_help="Create a segment or change it.")
@click.argument("store")
@click.argument("slug")
@click.argument("file")
@click.option("--name", help="Its name for people; the short name if it is new and none is given.")
def set_command(store: str, slug: str, file: str, name: str | None) -> None:
    """Keep the condition in FILE (`-` reads standard input) as the segment SLUG of STORE."""
    if not SLUG.fullmatch(slug):
        raise InvalidInput("SLUG", "write 1 to 60 small letters, digits and dashes: vip-in-italy")
    written = read_text(file, "segment")
    with ready_store(store) as (_, shop):
        with store_transaction(shop.store_id) as session:
            known = {each.slug: each.name for each in segments.list_segments(session)}
            draft = segments.Draft(slug, name or known.get(slug, slug), written)
            flows.keep_segment(session, this_store(session), draft, clock.now())
        say(f"{slug} is kept and will be counted within a minute.")


@segment.command("archive", short_help="Ask it no longer; its days are kept.")
@click.argument("store")
@click.argument("slug")
def archive(store: str, slug: str) -> None:
    """Ask the segment SLUG of STORE no longer. Refused while a flow or another segment uses it."""
    with ready_store(store) as (_, shop):
        with store_transaction(shop.store_id) as session:
            flows.archive_segment(session, this_store(session), slug, clock.now())
        say(f"{slug} is archived.")
