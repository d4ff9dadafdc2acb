"""The rehearsal of an upgrade: the database grows under the old version, then process after process
is replaced, and a shop that never stops telling notices nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import db, jobs
from app.config import Config
from app.models import Store
from app.ports import free_port
from app.schema import migrate
from app.tenancy import store_transaction
from tests.architecture.test_migrations import MIGRATIONS
from tests.conftest import Machine, MakeStore
from tests.integration.operations.processes import running, wait_for_web
from tests.integration.operations.restoring import empty_database
from tests.integration.operations.shop_floor import Telling
from tests.waiting import until

NEXT = '''"""The next version: it only expands."""

from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '1s'")
    op.execute("ALTER TABLE webhooks ADD COLUMN color text")
    op.execute("ALTER TABLE orders ADD COLUMN color text")
    op.execute("ALTER TABLE orders ADD CHECK (color <> '') NOT VALID")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY ix_next ON webhooks (store_id, color)")
'''


@pytest.fixture
def grown(database: Machine) -> Iterator[Machine]:
    """A database of its own, since what this test adds is not of any version."""
    with empty_database(database) as found:
        migrate(found.owner_url, found.app_url)
        db.connect(found.app_url)
        jobs.redis().flushdb()
        yield found


def upgrade(machine: Machine, folder: Path) -> None:
    """What `comeback migrate` of the next version does."""
    migrations = folder / "migrations"
    if not migrations.exists():
        shutil.copytree(MIGRATIONS, migrations)
        (head,) = ScriptDirectory(str(migrations)).get_heads()
        (migrations / "versions" / "9999_next.py").write_text(NEXT.format(head=head))
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations))
    config.attributes["owner_url"] = machine.owner_url
    command.upgrade(config, "head")


def kept(machine: Machine) -> set[str]:
    with machine.owner.connect() as connection:
        return set(connection.execute(text("SELECT webhook_key FROM webhooks")).scalars())


def applied(machine: Machine) -> int:
    with machine.owner.connect() as connection:
        counted = text("SELECT count(*) FROM webhooks WHERE status = 'applied'")
        return int(connection.execute(counted).scalar_one())


@pytest.mark.requirement(129)
def test_while_the_schema_grows_and_every_process_is_replaced_no_webhook_is_lost(
    grown: Machine, settings: Config, order: bytes, make_store: MakeStore, tmp_path: Path
) -> None:
    old = settings.model_copy(update={"database_url": grown.app_url})
    port = free_port()
    new = old.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    store_id = make_store()
    shop = Telling(old.public_url, domain_of(store_id), old.shopify_api_secret, order)

    with running("web", old) as web, running("worker", old) as worker:
        wait_for_web(old)
        with shop.going_on():
            until(lambda: len(shop.taken) > 10)
            with grown.owner.connect() as reader:
                reader.execute(text("SELECT count(*) FROM webhooks"))  # A backup reads, say.
                with pytest.raises(OperationalError, match="lock timeout"):
                    upgrade(grown, tmp_path)
            upgrade(grown, tmp_path)
            with running("web", new) as web_after, running("worker", new) as worker_after:
                wait_for_web(new)
                shop.target = new.public_url
                # What was on its way to the old one has been answered, as every balancer waits for.
                before = len(shop.taken)
                until(lambda: len(shop.taken) > before + 1)
                for process in (web, worker):
                    process.ask_to_end()
                assert (web.ended(), worker.ended()) == (0, 0), web.said + worker.said
                before = len(shop.taken)
                until(lambda: len(shop.taken) > before + 10)
                until(lambda: applied(grown) >= before)
                for process in (web_after, worker_after):
                    assert process.is_alive(), process.said
                assert shop.cut == 0

    assert shop.statuses == {200}
    assert set(shop.taken) <= kept(grown)
    with grown.owner.connect() as connection:
        orders = connection.execute(text("SELECT count(*) FROM orders")).scalar_one()
    assert orders == applied(grown)


def domain_of(store_id: UUID) -> str:
    with store_transaction(store_id) as session:
        return session.get_one(Store, store_id).domain
