"""A page for which ten plugins are asked, at a thousand tenants: against the same page where no plugin runs.

The real application, in this process, asked through its own ASGI door for an agency's overview. Each tenant has a
session, and plugins from one of a few sets: ten that show a panel there, and up to two built-in ones. Each panel is
collected, checked and drawn into the page; what plugins are told is read in a transaction of its own, which is in the
figure. Besides there are as many tenants as there are services, of whose ten plugins one runs in a sandbox. Pages with
and without plugins take turns, so that a busy moment hits both alike.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import uvloop

from auth.renewals import SIGN_IN
from benchmarks.dashboard import asked, cookie_of
from benchmarks.filling import Rows, filled, furnish, id_of, scopes, sign_in
from contingent.assembly import Assembly, assembled
from core.context import Ctx
from core.hooks.plans import Plans, TenantPlugins, assemble
from core.hooks.records import State
from core.hooks.registry import Registry
from core.hooks.sandbox.starting import own_zygote

TENANTS = 1_000
"""That run ten plugins in the process; as many run none."""
CONFINED = 27
"""That run one of the ten in a sandbox: each has a host of its own, as each service has."""
ROUNDS = 10
"""Pages of each of those."""
BEFORE = 20
"""Pages of each kind that are not counted: templates and statements compile."""
SMALLEST = {"TENANTS": 3, "CONFINED": 1, "ROUNDS": 2, "BEFORE": 1}
HOOKS = 10
SETS = ((), ("approval_chain",), ("approval_chain", "reintegration_plan"), ("duty_cover", "reintegration_plan"))
"""What a tenant has besides the ten, in turn."""

PLUGIN = """
from contingent import Column, Ctx, Fact, Facts, Manifest, Overview, Panel, Row, Table, hookimpl

manifest = Manifest(
    name="{name}",
    version="1.0",
    title={{"en": "Invented", "fr": "Inventé"}},
    requires="contingent>=1.0,<2",
    tier={tier},
)


@hookimpl
def dashboard_panels(ctx: Ctx, overview: Overview) -> list[Panel] | None:
    known = Facts(
        facts=[
            Fact(title={{"en": "Open returns", "fr": "Retours en cours"}}, value=len(overview.returns)),
            Fact(title={{"en": "Asked on", "fr": "Demandé le"}}, value=ctx.today),
        ]
    )
    units = Table(
        title={{"en": "Units", "fr": "Unités"}},
        columns=[
            Column(title={{"en": "Unit", "fr": "Unité"}}),
            Column(title={{"en": "Away", "fr": "Absences"}}, kind="number"),
        ],
        rows=[Row(cells=[{{"en": f"Unit {{one}}", "fr": f"Unité {{one}}"}}, one]) for one in range(5)],
    )
    return [Panel(key="invented", title={{"en": "{name} shows", "fr": "{name} montre"}}, parts=[known, units])]
"""
INSIDE = tuple(f"shows_{number}" for number in range(HOOKS))
OUTSIDE = (*INSIDE[:-1], "shows_apart")
LIMIT = 1.5
"""Of the page's median, over that of the page without plugins."""
NAME = f"an overview for which {HOOKS} plugins are asked"


def figures() -> list[dict[str, Any]]:
    """Return the page's times as ratios and milliseconds, and what the plans of a thousand tenants take."""
    return uvloop.run(_measured())


async def _measured() -> list[dict[str, Any]]:
    with _written(), own_zygote() as way:
        async with filled(_tenants) as data, assembled(data.settings, sandbox=way) as parts:
            for name in dict.fromkeys((*INSIDE, *OUTSIDE)):
                broken = parts.host.registry.load_module(name, name)
                if broken is not None:
                    raise RuntimeError(str(broken))
            return [*await _plans(parts), *await _pages(parts, data.secret)]


@contextmanager
def _written() -> Iterator[None]:
    """Have the plugins as modules, which are files for as long as that takes."""
    names = (*INSIDE, OUTSIDE[-1])
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            content = PLUGIN.format(name=name, tier=2 if name == OUTSIDE[-1] else 1)
            Path(folder, f"{name}.py").write_text(content, encoding="utf-8")
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)
            for name in names:
                sys.modules.pop(name, None)


def _kinds() -> Mapping[str, Sequence[str]]:
    """Return the tenants' slugs by what they run: ``none``, ``inside``, ``outside``."""
    counts = {"none": TENANTS, "inside": TENANTS, "outside": CONFINED}
    return {kind: [f"{kind}-{number:04}" for number in range(count)] for kind, count in counts.items()}


def _tenants(now: datetime, secret: str) -> Rows:
    """Return all tenants' rows: what an agency is, somebody signed in, and its plugins."""
    kinds = _kinds()
    rows = scopes(now, list(chain.from_iterable(kinds.values())))
    runs: dict[str, Sequence[str]] = {"none": (), "inside": INSIDE, "outside": OUTSIDE}
    for kind, slugs in kinds.items():
        for number, slug in enumerate(slugs):
            agency = id_of(slug)
            sign_in(rows, agency, now, secret, "coordinator")
            furnish(rows, agency, now)
            rows["plugin_enablement"] += [
                {"tenant_id": agency, "id": id_of(slug, plugin), "plugin": plugin, "state": "enabled", "settings": {},
                 "plugin_version": "1.0", "since": now, "created_at": now, "consented": CONSENTED}
                for plugin in ((*runs[kind], *SETS[number % len(SETS)]) if runs[kind] else ())
            ]  # fmt: skip
    return rows


CONSENTED = {"capabilities": [], "hosts": [], "data_classes": ["agency", "shared"]}


async def _plans(parts: Assembly) -> list[dict[str, Any]]:
    """Return what the plans take: the memory of each, and the seconds in which a process has all of them anew."""
    contexts = [await _context(parts, slug) for slug in _kinds()["inside"]]
    states = [state for ctx in contexts if (state := await parts.host.records.state(ctx, None)) is not None]
    built, memory = _assembled(parts.host.registry, states)
    began = time.perf_counter()
    for ctx in contexts:
        await parts.host.plugins_of(ctx)
    read = time.perf_counter() - began
    name = f"plans of {TENANTS:,} tenants, each with {HOOKS} plugins and up to two more"
    return [
        {"name": f"{name}: memory a tenant", "value": round(memory / len(states) / 1024, 2), "unit": "KiB"},
        {"name": f"{name}: all built anew", "value": round(built * 1000, 1), "unit": "ms"},
        {"name": f"{name}: all read and built anew", "value": round(read * 1000), "unit": "ms"},
    ]


async def _context(parts: Assembly, slug: str) -> Ctx:
    scope = await parts.database.scope(slug)
    assert scope is not None
    return parts.context(scope, SIGN_IN)


def _assembled(registry: Registry, states: Sequence[State]) -> tuple[float, int]:
    """Return the seconds in which all plans are built from what was read, and the bytes that they take."""

    def build() -> list[TenantPlugins]:
        plans = Plans(registry)
        return [assemble(plans, one.generation, one.enablements, one.stops) for one in states]

    taken = []
    for _ in range(3):
        gc.collect()
        began = time.perf_counter()
        build()
        taken.append(time.perf_counter() - began)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = build()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return statistics.median(taken), after - before


async def _pages(parts: Assembly, secret: str) -> list[dict[str, Any]]:
    app = parts.application()
    kinds = _kinds()

    async def page(kind: str, number: int) -> float:
        slug = kinds[kind][number % len(kinds[kind])]
        holds = (b" shows</h2>", 0 if kind == "none" else HOOKS)
        return await asked(app, f"/en/{slug}/", cookie_of(secret, slug), holds=holds)

    for number in range(BEFORE):
        for kind in kinds:
            await page(kind, number)
    for number in range(CONFINED):
        await page("outside", number)
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(TENANTS):
        for kind in ("none", "inside"):
            taken[kind].append(await page(kind, number))
    alone, confined = [], []
    for number in range(CONFINED * ROUNDS):
        alone.append(await page("none", number))
        confined.append(await page("outside", number))
    rows = _against(NAME, taken["inside"], taken["none"], {"limit": LIMIT})
    return rows + _against(f"{NAME}, one of them in a sandbox", confined, alone)


def _against(
    name: str, own: Sequence[float], peer: Sequence[float], limit: Mapping[str, float] = {}
) -> list[dict[str, Any]]:
    """Return the percentiles of the page with plugins, and each over that of the page without.

    ``limit`` is the one of the medians' ratio.
    """
    found: list[dict[str, Any]] = []
    for which in (50, 95, 99):
        ours, theirs = (statistics.quantiles(one, n=100, method="inclusive")[which - 1] for one in (own, peer))
        called = f"{name}: " + ("median" if which == 50 else f"{which}th percentile")
        ratio = {"name": f"{called}, against without plugins", "value": round(ours / theirs, 2), "unit": "×"}
        found += [
            ratio | (dict(limit) if which == 50 else {}),
            {"name": called, "value": round(ours, 1), "unit": "ms", "peer": round(theirs, 1)},
        ]
    return found
