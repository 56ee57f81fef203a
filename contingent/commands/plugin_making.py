"""``contingent plugin new``: a plugin to begin with."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(short_help="Make a plugin that is sound and tested from the start.")
@click.argument("name")
@click.option("--kind", help="What it does; on a terminal you are asked, elsewhere it adds return milestones.")
@click.option("--title-en", help="Its title in English; made from the name if none.")
@click.option("--title-fr", help="Its title in French; the English one if none.")
@click.option(
    "--in",
    "where",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="The folder to make it in; here if none.",
)
def new(name: str, kind: str | None, title_en: str | None, title_fr: str | None, where: Path) -> None:
    """Make the plugin NAME in a folder of that name: code, settings, French, tests, cases, CI.

    It asks on a terminal only, and needs no network.
    """
    from contingent.kit.making import kinds, make_plugin  # noqa: PLC0415 - only this command needs the templates

    known = kinds()
    asking = sys.stdin.isatty() and sys.stdout.isatty()
    kind = kind and kind.replace("-", "_")
    if kind is None and asking:
        for number, about in enumerate(known.values(), start=1):
            click.echo(f"  {number}  {about}")
        number = click.prompt("What should it do", type=click.IntRange(1, len(known)), default=1)
        kind = list(known)[number - 1]
    kind = kind or next(iter(known))
    if kind not in known:
        raise click.UsageError(f"There is no kind {kind!r}: expected {', '.join(known)}.")
    plain = name.replace("_", " ").capitalize()
    if asking and title_en is None:
        title_en = click.prompt("Title in English", default=plain)
    if asking and title_fr is None:
        title_fr = click.prompt("Title in French", default=title_en or plain)
    english = title_en or plain
    folder = where / name
    for path in make_plugin(folder, name, kind, {"en": english, "fr": title_fr or english}):
        click.echo(f"  {path}")
    click.echo(f"Next: contingent plugin check {folder}, then read {folder / 'README.md'}.")
