"""``contingent plugin key``, ``bundle`` and ``verify``: a plugin in one signed file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import Misconfigured

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@click.command(short_help="Make a key to sign bundles with.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", required=True, help="Whose key it is, as those who verify will read it.")
@click.option("--passphrase", is_flag=True, help="Ask for a passphrase that locks the private half.")
def key(file: Path, name: str, *, passphrase: bool) -> None:
    """Make a key: the private half into FILE, which only you can read, the public half into FILE.pub."""
    from core.hooks.signing import fingerprint, make_key, public_line  # noqa: PLC0415 - loads cryptography

    public = file.with_name(f"{file.name}.pub")
    taken = [str(one) for one in (file, public) if one.exists()]
    if taken:
        raise Misconfigured(f"{' and '.join(taken)} exists already: a key is never written over.")
    secret = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True) if passphrase else None
    written, made = make_key(secret)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as private:
        private.write(written)
    public.write_text(f"{public_line(made.public_key(), ' '.join(name.split()))}\n", encoding="utf-8")
    click.echo(f"{file} is the private half: it stays with you. Give {public} to those who verify.")
    click.echo(fingerprint(made.public_key()))


@click.command(short_help="Put a plugin into one signed file.")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The private key to sign with.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="The folder to write to; here if none.",
)
def bundle(path: Path, key_file: Path, out: Path) -> None:
    """Put a plugin that is sound into one file: code, French, digests, your signature. The same bytes every time."""
    from contingent.kit.bundling import bundled_files, write_bundle  # noqa: PLC0415 - only this command needs it
    from contingent.kit.projects import find_plugin  # noqa: PLC0415 - only this command needs it
    from contingent.testing import check_path  # noqa: PLC0415 - only this command needs it
    from core.hooks.bundles import BundleRefused, make_bundle  # noqa: PLC0415 - only this command needs it
    from core.hooks.registry import Registry  # noqa: PLC0415 - only this command needs it
    from core.hooks.saying import said_by  # noqa: PLC0415 - only this command needs it

    signing = _private_key(key_file)
    problems = check_path(path)
    if problems:
        raise click.ClickException("\n".join(["The plugin is not sound:", *problems]))
    found = find_plugin(path)
    registry = Registry()
    registry.load_module(found.name, found.address)
    plugin = registry.plugins[found.name]
    try:
        content = make_bundle(said_by(plugin.module), found.address, bundled_files(plugin, found), signing)
    except BundleRefused as refused:
        raise click.ClickException(str(refused)) from refused
    file = out / f"{found.name}-{plugin.manifest.version}.bundle"
    there = write_bundle(file, content)
    click.echo(f"{file} {'is as it was' if there else 'is written'}: {len(content)} bytes.")
    click.echo(f"sha256:{hashlib.sha256(content).hexdigest()}")


@click.command(short_help="Say what a bundle holds and who signed it.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of public keys that you trust, a line each; may be given several times.",
)
@click.option("--digest", help="The SHA-256 that the file must have, as `bundle` printed it.")
def verify(file: Path, keys: tuple[Path, ...], digest: str | None) -> None:
    """Verify that a bundle is whole, unchanged, and signed by somebody you know; nothing of it is run."""
    from core.hooks.bundles import LARGEST_BUNDLE, BundleRefused, read_bundle  # noqa: PLC0415 - only this command needs it
    from core.hooks.signing import BadKey, known_keys  # noqa: PLC0415 - only this command needs it

    known: dict[str, str] = {}
    for one in keys:
        try:
            known |= known_keys(one.read_text(encoding="utf-8").splitlines())
        except (BadKey, UnicodeDecodeError) as error:
            raise Misconfigured(f"{one} holds no public keys: {error}") from error
    with file.open("rb") as opened:
        content = opened.read(LARGEST_BUNDLE + 1)
    faults = []
    made = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if digest and digest.lower().removeprefix("sha256:") != made.removeprefix("sha256:"):
        faults.append(f"The file’s digest is {made}: it is another file than you expect.")
    try:
        found = read_bundle(content, known)
    except BundleRefused as refused:
        faults += [str(fault) for fault in refused.faults]
    if faults:
        raise click.ClickException("\n".join([f"{file} is refused:", *faults]))
    said = found.statement
    click.echo(f"{said.name} {said.version}  {said.title['en']}, for {said.requires}")
    click.echo(f"  signed by {found.signer} ({found.fingerprint})")
    asks = {"hooks": said.hooks, "capabilities": said.capabilities, "hosts": said.hosts}
    asks |= {"hosts from settings": said.hosts_from, "data": said.data_classes}
    for what, names in asks.items():
        click.echo(f"  {what}: {', '.join(names) or 'none'}")
    for path, mark in said.files.items():
        click.echo(f"  sha256:{mark}  {path}")
    click.echo(f"  {made} is the whole.")


def _private_key(file: Path) -> Ed25519PrivateKey:
    from core.hooks.signing import BadKey, LockedKey, read_private_key  # noqa: PLC0415 - only this command needs it

    content = file.read_bytes()
    try:
        try:
            return read_private_key(content)
        except LockedKey:
            return read_private_key(content, click.prompt("Passphrase", hide_input=True))
    except BadKey as error:
        raise Misconfigured(f"{file}: {error}.") from error
