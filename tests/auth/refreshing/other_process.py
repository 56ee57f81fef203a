"""A worker of its own that asks once about the sessions of a scope: ``python -m`` this with what it is to use."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from auth.people import ThePeople
from auth.refreshing import Refreshing
from auth.relying_party.party import RelyingParty
from core.clock import ManualClock
from core.database.engines import Database
from core.database.rooms import load_models
from core.database.secret_file import read_secrets
from core.database.target import Target
from core.settings import Settings


class Given(msgspec.Struct):
    """Which database, which scope and what time it is."""

    folder: str
    host: str
    port: int
    database: str
    scope: UUID
    now: datetime


async def ask_once(given: Given) -> None:
    """Ask about every session of the scope that is due, and say how many there were."""
    load_models()
    folder = Path(given.folder)
    secrets = read_secrets(folder)
    assert secrets is not None
    target = Target(given.host, given.port, given.database, {}, secrets.passwords)
    database, clock = Database(target, Settings(data_folder=folder)), ManualClock(given.now)
    party = RelyingParty(clock, loopback=True)
    try:
        print(await Refreshing(party, ThePeople(clock)).run(database, clock, only={given.scope}), "asked", flush=True)  # noqa: T201 - the answer to whoever started it
    finally:
        await party.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(ask_once(msgspec.json.decode(sys.argv[1], type=Given)))
