"""A browser, and a stage of its own for each journey."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from core.database import embedded
from tests.journeys.stage import Stage, performing
from tests.servers import copy_database

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AGENCIES = ("on-durham", "qc-saguenay")
_count = itertools.count()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def stage(server: embedded.Server, worker_id: str) -> AsyncIterator[Stage]:
    """A whole system with two services, on a database that nobody else uses: its time goes on for years."""
    target = copy_database(server, f"journeys_{worker_id}_{next(_count)}")
    async with performing(target, server, AGENCIES) as stage:
        yield stage
    server.psql(f"DROP DATABASE {target.database} WITH (FORCE)", database="postgres")
