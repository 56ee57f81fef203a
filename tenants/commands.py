"""``contingent tenant``: agencies from their files into the database and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import click

from core.clock import SystemClock, today
from core.context import Actor, Ctx, Scope
from core.database import embedded
from core.database.directory import list_scopes
from core.database.engines import Database
from core.database.sessions import public_session, tenant_session
from core.errors import Misconfigured
from core.extensions.profiles import profiles, shipped
from core.hooks.registry import Registry
from core.settings import read_settings
from tenants.answers import TenantAnswers, state_on
from tenants.comparison import compare
from tenants.files import AgencyFile
from tenants.library import HERE, Library, load_agency, load_library
from tenants.opening import OPERATOR, Opener
from tenants.reading import FaultyFile, Problem
from tenants.reading_back import read_back
from tenants.resolving import Resolved, condense, resolve
from tenants.toml_writing import write_agency

READER = Actor(id=UUID(int=0), name="tenant", kind="system")
FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=HERE,
    help="Where agencies/, ladders/, chains/, regimes/ and scopes.toml are; the project's own if not given.",
)


@click.group()
def tenant() -> None:
    """Agencies: list, show, validate, add, compare, export.

    An agency's file is its opening state. `add` imports it once; from then on the database is the
    truth, and `diff` shows where the two differ. Nothing is ever imported silently.
    """


@tenant.command("list", short_help="List the agencies with their states, or the files.")
@click.option("--files", is_flag=True, help="List the files instead of the database.")
@FOLDER
def list_agencies(*, files: bool, folder: Path) -> None:
    """List the agencies with their states, or with --files the files there are."""
    if files:
        library = load_library(folder)
        for slug, agency in sorted(library.agencies.items()):
            click.echo(line(slug, agency.states[-1].state, agency.name.en, agency.participation.confidence))
        _report(library.problems)
        return
    found = asyncio.run(_states())
    for scope, state in found:
        click.echo(line(scope.slug, state or "-", scope.name_en))
    if not found:
        click.echo("There is no agency yet: `contingent tenant add` imports a file.", err=True)


@tenant.command(short_help="Show an agency, and what keeps its nominations back.")
@click.argument("slug")
def show(slug: str) -> None:
    """Show an agency as the database holds it, and what keeps its nominations from leaving today."""
    resolved, gaps = asyncio.run(_shown(slug))
    agency = resolved.agency
    click.echo(f"{agency.name.en}\n{agency.name.fr}")
    pairs = {
        "slug": agency.slug,
        "acronym": agency.code.en,
        "kind": f"{agency.kind}, {agency.city} ({agency.province})",
        "time zone": agency.zone,
        "languages": ", ".join(agency.languages),
        "participation": f"{agency.participation.confidence}"
        + ("" if agency.participation.confidence == "A" else " (unverified)"),
        "state": f"{agency.states[-1].state} since {agency.states[-1].since}",
        "ranks": f"{agency.governance.ladder}, {len(resolved.ranks)} ranks",
        "chain": agency.governance.chain,
        "regime": f"{agency.governance.regime}: {resolved.regime.en}",
        "plugins": ", ".join(f"{one.name}{'' if one.enabled else ' (off)'}" for one in agency.plugins),
        "agreements": "; ".join(f"{one.reference} until {one.expires}" for one in agency.agreements) or "none",
        "shares": ", ".join(one.field for one in agency.sharing.fields) if agency.sharing else "nothing",
    }
    for title, value in pairs.items():
        click.echo(f"  {title + ':':15}{value}")
    for gap in gaps:
        click.echo(f"  {'blocked:':15}{gap}")


@tenant.command(short_help="Check every file, or FILE alone; needs no database.")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@FOLDER
def validate(file: Path | None, folder: Path) -> None:
    """Check every file, or FILE alone: each fault with file, line, key and what was expected. Needs no database."""
    registry = Registry().load()
    library = load_library(folder)
    if file is not None:
        _resolved(file, library, registry)
        click.echo(f"{file} is sound.")
        return
    problems = list(library.problems)
    for agency in library.agencies.values() if not problems else ():
        try:
            resolve(agency, library, registry)
        except FaultyFile as error:
            problems += error.problems
    _report(problems)
    click.echo(
        f"{len(library.agencies)} agencies, {len(library.ladders)} ladders, {len(library.chains)} chains, "
        f"{len(library.regimes)} regimes: all sound."
    )


@tenant.command(short_help="Import FILES, each once.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--all", "everything", is_flag=True, help="Every agency of the folder.")
@click.option("--profile", metavar="KEY", help="Switch on what this profile of plugins recommends: small-service.")
@FOLDER
def add(files: tuple[Path, ...], *, everything: bool, profile: str | None, folder: Path) -> None:
    """Import FILES, each once. One that was interrupted is finished; one that is there is left alone.

    With --profile, what a profile recommends is switched on where an agency is new, besides what its file names; the
    file goes before it. Whoever imports it consents for the agency to what these plugins ask for.
    """
    paths = sorted((folder / "agencies").glob("*.toml")) if everything else list(files)
    if not paths:
        raise click.UsageError("Name a file, or give --all.")
    registry, library = Registry().load(), load_library(folder)
    resolved, problems = list[Resolved](), list[Problem]()
    for path in paths:
        try:
            resolved.append(resolve(load_agency(path, library), library, registry))
        except FaultyFile as error:
            problems += error.problems
    _report([*problems, *asyncio.run(_faults_of_profile(profile))])
    for slug, imported in asyncio.run(_add(resolved, library, registry, profile)):
        click.echo(f"{slug}: imported" if imported else f"{slug}: is there already; `contingent tenant diff` compares")


@tenant.command(short_help="Open a mission’s scope, for its contingent’s commander.")
@click.argument("acronym")
def mission(acronym: str) -> None:
    """Open the scope of the mission with this English ACRONYM, for the commander of its contingent.

    Then say which provider knows them (`contingent access provider --tenant SLUG`) and between
    which days they command (`contingent access person --tenant SLUG --role commander --until DAY`).
    """
    scope = asyncio.run(_open_mission(acronym))
    click.echo(f"{scope.slug}: {scope.name_en}")


@tenant.command(short_help="Show where FILE and the database differ.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@FOLDER
def diff(file: Path, folder: Path) -> None:
    """Show where FILE and the database differ. The status is 1 if they do."""
    registry, library = Registry().load(), load_library(folder)
    resolved = _resolved(file, library, registry)
    differences = compare(resolved, asyncio.run(_shown(resolved.agency.slug))[0])
    for one in differences:
        click.echo(str(one))
    if differences:
        raise SystemExit(1)
    click.echo(f"{resolved.agency.slug}: file and database agree.")


@tenant.command(short_help="Write an agency's file from the database.")
@click.argument("slug")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write; else printed."
)
@FOLDER
def export(slug: str, output: Path | None, folder: Path) -> None:
    """Write an agency's file from the database."""
    resolved, _ = asyncio.run(_shown(slug))
    text = write_agency(condense(resolved, load_library(folder), Registry().load()))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"Written: {output}")


def line(slug: str, state: str, name: str, confidence: str = "A") -> str:
    """Return one agency as a line for a person."""
    return f"{slug:20} {state:11} {name}{'' if confidence == 'A' else '  (participation unverified)'}"


def _resolved(path: Path, library: Library, registry: Registry) -> Resolved:
    try:
        agency: AgencyFile = load_agency(path, library)
        return resolve(agency, library, registry)
    except FaultyFile as error:
        _report(error.problems)
        raise SystemExit(1) from None


def _report(problems: list[Problem] | tuple[Problem, ...]) -> None:
    """Print every problem and stop, if there is one."""
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        click.echo(f"{len(problems)} {'fault' if len(problems) == 1 else 'faults'}.", err=True)
        raise SystemExit(1)


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    """Open the database; the embedded server is started for the time of the command if it does not run."""
    settings = read_settings()
    server = None if settings.database_url else embedded.resume(settings.data_folder)
    try:
        database = await Database.open(settings)
        try:
            yield database
        finally:
            await database.close()
    finally:
        if server is not None:
            server.stop()


def _ctx(database: Database, scope: Scope) -> Ctx:
    return Ctx(scope=scope, actor=READER, clock=SystemClock(), database=database)


async def _states() -> list[tuple[Scope, str | None]]:
    async with _database() as database:
        async with public_session(database) as session:
            scopes = await list_scopes(session)
        operator = next((scope for scope in scopes if scope.slug == OPERATOR), None)
        if operator is None:
            return []
        async with tenant_session(_ctx(database, operator), read_only=True) as session:
            agencies = [scope for scope in scopes if scope.kind == "agency"]
            return [(scope, await state_on(session, scope.id, today(SystemClock(), scope.zone))) for scope in agencies]


async def _open_mission(acronym: str) -> Scope:
    async with _database() as database:
        try:
            return await Opener(database, SystemClock(), Registry().load()).open_mission(acronym)
        except Misconfigured as error:
            raise click.ClickException(str(error)) from None


async def _shown(slug: str) -> tuple[Resolved, list[str]]:
    async with _database() as database:
        scope = await database.scope(slug)
        if scope is None or scope.kind != "agency":
            raise click.ClickException(f"There is no agency called {slug!r}: `contingent tenant list` names them.")
        ctx = _ctx(database, scope)
        async with tenant_session(ctx, read_only=True) as session:
            resolved = await read_back(session, scope)
            gaps = await TenantAnswers().gaps(session, ctx.today)
        if resolved is None:
            raise click.ClickException(f"{slug} is open, but no file was imported for it: `contingent tenant add`.")
        return resolved, [f"{gap.what}; {gap.remedy}" for gap in gaps]


async def _faults_of_profile(key: str | None) -> list[Problem]:
    """Return what is wrong with the key of a profile: nothing is opened for one that is not there."""
    if key is None:
        return []
    async with _database() as database:
        operator = await database.scope(OPERATOR)
        known = [*shipped()]  # what the operator begins with, where nothing is open yet
        if operator is not None:
            async with tenant_session(_ctx(database, operator), read_only=True) as session:
                known = [one.key for one in await profiles(session)]
    return [] if key in known else [Problem("--profile", 0, key, f"expected one of {', '.join(sorted(known))}")]


async def _add(
    resolved: list[Resolved], library: Library, registry: Registry, profile: str | None
) -> list[tuple[str, bool]]:
    async with _database() as database:
        opener = Opener(database, SystemClock(), registry)
        await opener.open_scopes(library.scopes.values())
        try:
            return [(one.agency.slug, await opener.open_agency(one, profile)) for one in resolved]
        except Misconfigured as error:
            raise click.ClickException(str(error)) from None
