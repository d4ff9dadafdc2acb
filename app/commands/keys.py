"""`comeback key`: a new key for SECRET_KEYS, and the second half of its rotation."""

import click

from app.commands.ready import ready
from app.commands.terminal import counted, say
from app.crypto import new_key
from app.errors import ConfigError
from app.stores.resealing import reseal


@click.command()
@click.option(
    "--reseal",
    "again",
    is_flag=True,
    help="Seal every stored credential with the first of SECRET_KEYS, and print no key.",
)
def key(again: bool) -> None:
    """Print a fresh key for SECRET_KEYS. To rotate, put it before the old ones."""
    if not again:
        click.echo(new_key())
        return
    with ready() as config:
        resealed = reseal(config.keys)
    say(f"Sealed with the first key: {counted(resealed.done, 'credential')}.")
    if resealed.lost:
        raise ConfigError(
            f"SECRET_KEYS: no key opens {len(resealed.lost)} of them: {'; '.join(resealed.lost)}."
            " Put back the key that sealed them, or connect them again."
        )
