"""``contingent serve``, and the two kinds of process that it and the demonstration start."""

from __future__ import annotations

import asyncio
import signal
import socket
from dataclasses import replace

import click

from contingent.commands.starting import start_serving
from contingent.processes import follow_lifeline
from core.hooks.sandbox.starting import own_zygote
from core.settings import read_settings


@click.command()
@click.option("--host", help="The name or address to listen on (CONTINGENT_HOST); localhost if neither is given.")
@click.option("--processes", type=click.IntRange(1, 64), help="How many web processes (CONTINGENT_WEB_PROCESSES).")
@click.option("--worker/--no-worker", default=True, help="Run a worker beside them; without, run `contingent worker`.")
def serve(host: str | None, processes: int | None, *, worker: bool) -> None:
    """Serve the pages and the API on PORT, and run the worker, until Ctrl-C.

    Uses the PostgreSQL that DATABASE_URL names; without it, an embedded server that is started,
    migrated and stopped with it.
    """
    settings = read_settings()
    settings = replace(
        settings, host=host or settings.host, web_processes=processes or settings.web_processes, demonstration=False
    )
    start_serving(settings, worker=worker)


@click.command()
@click.option("--sandbox", type=int, hidden=True)
def worker(sandbox: int | None) -> None:
    """Run jobs until Ctrl-C: notifications, plugins' tasks, the sealing of the audit log."""
    import uvloop  # noqa: PLC0415 - the launcher needs none of it

    follow_lifeline()
    with own_zygote() if sandbox is None else socket.socket(fileno=sandbox) as way:
        uvloop.run(_work(way))


@click.command(hidden=True)
@click.option("--socket", "descriptors", type=int, multiple=True, hidden=True)
@click.option("--sandbox", type=int, hidden=True)
def web(descriptors: tuple[int, ...], sandbox: int | None) -> None:
    """Answer requests on sockets that the launcher opened."""
    import uvloop  # noqa: PLC0415 - the launcher needs none of it

    follow_lifeline()
    with own_zygote() if sandbox is None else socket.socket(fileno=sandbox) as way:
        uvloop.run(_answer([socket.socket(fileno=one) for one in descriptors], way))


async def _work(sandbox: socket.socket) -> None:
    from contingent.assembly import assembled  # noqa: PLC0415 - heavy, and the launcher needs none of it
    from core.events.worker import run_worker  # noqa: PLC0415 - only this command needs it
    from core.web.request_log import set_up_logging  # noqa: PLC0415 - only this command needs it

    set_up_logging()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with assembled(read_settings(), sandbox=sandbox) as parts:
        parts.load_rooms()
        await run_worker(parts.database, parts.context, parts.clock, beats=parts.beats, stop=stop)


async def _answer(sockets: list[socket.socket], sandbox: socket.socket) -> None:
    from contingent.assembly import assembled  # noqa: PLC0415 - heavy, and the launcher needs none of it
    from core.web.request_log import set_up_logging  # noqa: PLC0415 - only this command needs it
    from core.web.serving import serve as answer  # noqa: PLC0415 - only this command needs it

    set_up_logging()
    settings = read_settings()
    async with assembled(settings, sandbox=sandbox) as parts:
        await answer(parts.application(), settings.port, sockets=sockets)
