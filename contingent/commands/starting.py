"""Starting the processes that belong together: database, web processes, worker; and stopping them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import click

from contingent.commands.place import environment
from contingent.listening import listen
from contingent.processes import STOPPING, Child, Launcher, Stopped, heeded, watch_terminal
from contingent.progress import Progress
from core.database import embedded
from core.errors import Misconfigured
from core.hooks.sandbox.starting import ZYGOTE, make_controls
from core.settings import Settings

READY_SECONDS = 60.0
INTERRUPTED = 128 + signal.SIGINT
REQUEST = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def start_serving(settings: Settings, *, worker: bool) -> None:
    """Serve without demonstration data: on ``DATABASE_URL``, or on an embedded server that is migrated first."""
    progress = Progress()
    if settings.database_url:
        with listening(settings) as sockets:
            asyncio.run(check_database(settings))
            run(settings, sockets, progress, worker=worker, watch=lambda: None)
        return
    with listening(settings) as sockets, embedded_server(settings, progress) as server:
        progress("Bringing the database to this version")
        migrate(settings)
        run(settings, sockets, progress, worker=worker, watch=watch(server))


@contextmanager
def listening(settings: Settings) -> Iterator[list[socket.socket]]:
    """Hold the sockets of the pages open; a port that is taken is refused before anything is started."""
    sockets = listen([settings.host], settings.port)
    try:
        yield sockets
    finally:
        for one in sockets:
            one.close()


@contextmanager
def embedded_server(settings: Settings, progress: Progress) -> Iterator[embedded.Server]:
    """Start the embedded server and stop it in the end, whatever ends it, Ctrl-C and SIGTERM included."""
    for number in heeded():
        signal.signal(number, signal.default_int_handler)
    progress("Starting PostgreSQL")
    server = embedded.start(settings.data_folder)
    try:
        if not server.owned:
            raise Misconfigured(
                f"Another process is already serving from {settings.data_folder}: stop it with Ctrl-C, or give this "
                f"one a folder of its own with CONTINGENT_VAR."
            )
        yield server
    except KeyboardInterrupt:
        progress.done()
        click.echo("Stopped before it was ready; the next start goes on, or begins what was cut off again.")
        raise SystemExit(INTERRUPTED) from None
    finally:
        progress.done()
        # From here on nobody may interrupt: what was started is being stopped.
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        server.stop()


def watch(server: embedded.Server) -> Callable[[], str | None]:
    """Return what says that the embedded server is gone, if it is."""
    process = int((server.home.data / "postmaster.pid").read_text().splitlines()[0])

    def look() -> str | None:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return f"The database has stopped; the end of its log, {server.home.log}, says why."
        except PermissionError:
            return None
        return None

    return look


def migrate(settings: Settings) -> None:
    """Bring the embedded database to this version."""
    from core.database import migrating  # noqa: PLC0415 - a deployment with DATABASE_URL migrates apart
    from core.database.target import find_target  # noqa: PLC0415 - only this command needs it

    asyncio.run(migrating.upgrade(find_target(settings)))


async def check_database(settings: Settings) -> None:
    """Refuse a database whose logins are too strong, or whose structure is another version's."""
    from sqlalchemy import text  # noqa: PLC0415 - heavy, and the demonstration's database is its own
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - only this command needs it

    from core.database.engines import Database  # noqa: PLC0415 - only this command needs it
    from core.database.logins import refuse_any  # noqa: PLC0415 - only this command needs it
    from core.database.migrating import revisions  # noqa: PLC0415 - only this command needs it
    from core.database.sessions import public_session  # noqa: PLC0415 - only this command needs it

    database = await Database.open(settings)
    await refuse_any(database.target)
    try:
        async with public_session(database) as session:
            applied = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        applied = None
    finally:
        await database.close()
    known = revisions()
    if applied not in known and applied is not None:
        raise Misconfigured(f"The database is at {applied}, which this version does not know: it is a newer one's.")
    if applied != known[-1]:
        raise Misconfigured("The database is not at this version's structure yet: run `contingent migrate`.")


def run(
    settings: Settings,
    sockets: list[socket.socket],
    progress: Progress,
    *,
    worker: bool,
    watch: Callable[[], str | None],
    logs: Path | None = None,
    welcome: str = "",
) -> None:
    """Run the web processes and the worker until a person stops them; raise if one ends by itself."""
    ways = make_controls(settings.web_processes + worker)
    children = [
        Child(
            "sandbox",
            ("-I", *ZYGOTE),
            tuple(theirs for _, theirs in ways),
            logs / "sandbox.log" if logs else None,
            bare=True,
        )
    ]
    children += [
        Child(
            f"web{number}" if settings.web_processes > 1 else "web",
            ("-m", "contingent", "web"),
            tuple(sockets),
            logs / f"web{number}.log" if logs else None,
            ways[number - 1][0],
        )
        for number in range(1, settings.web_processes + 1)
    ]
    if worker:
        log = logs / "worker.log" if logs else None
        children.append(Child("worker", ("-m", "contingent", "worker"), (), log, ways[-1][0]))

    closed = watch_terminal()

    async def ready() -> None:
        progress("Starting to serve")
        await answering(sockets[0])
        progress.done()
        click.echo(welcome or f"Contingent is ready: {settings.address}")

    async def launch() -> None:
        await Launcher(environment(settings)).run(children, ready=ready, watch=lambda: watch() or closed())

    try:
        asyncio.run(launch())
    except Stopped as reason:
        progress.done()
        raise Misconfigured(str(reason)) from reason
    click.echo("Stopped.")


async def answering(listener: socket.socket) -> None:
    """Return when a request to the readiness address is answered with 200."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - listening there, not binding
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not await _ready(host, port):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Stopped(f"Nothing answered on port {port} within {READY_SECONDS:.0f} seconds.") from None


async def _ready(host: str, port: int) -> bool:
    with suppress(OSError):
        reader, writer = await asyncio.open_connection(host, port)
        with closing(writer):
            writer.write(REQUEST)
            return b" 200 " in await reader.readline()
    return False
