"""Records and documents kept in the process: for the plugin kit, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.context import Ctx
from core.hooks.answers import Failure
from core.hooks.consent import Asks
from core.hooks.granting import Overreach
from core.hooks.manifest import Manifest
from core.hooks.offering import EVERYTHING, Offer
from core.hooks.plans import NOTHING_STOPPED, Enablement, Stops
from core.hooks.records import Awaiting, Notes, State, Suspension
from core.hooks.registry import NOTHING_HELD, Held
from core.hooks.store import (
    Document,
    Value,
    check_key,
    check_query,
    check_room,
    check_writable,
    decode,
    encode,
    indexed,
)


class MemoryRecords:
    """What tenants enabled and how it went; ``Records`` without a database."""

    def __init__(self) -> None:
        self.generations: dict[UUID, int] = {}
        self.enablements: dict[UUID, dict[str, Enablement]] = {}
        self.stops: dict[UUID, Stops] = {}
        self.offers: dict[UUID, Offer] = {}
        self.bundles: dict[UUID, Held] = {}
        self.failures: list[tuple[Failure, int]] = []
        self.notes: list[tuple[UUID, Notes]] = []
        self.suspensions: list[tuple[UUID, Suspension]] = []
        self.overreaches: list[tuple[UUID, Overreach]] = []
        self.awaiting: list[tuple[UUID, Awaiting]] = []
        self.documents: dict[tuple[UUID, str], dict[str, bytes]] = {}

    def put(
        self,
        tenant: UUID,
        plugin: str,
        state: str = "enabled",
        settings: Mapping[str, Any] | None = None,
        *,
        consented: Asks | None = None,
    ) -> None:
        """Set the state and settings of a plugin for a tenant; what it consented to stays, if nothing is given."""
        of_it = self.enablements.setdefault(tenant, {})
        if consented is None:
            consented = of_it[plugin].consented if plugin in of_it else Asks()
        self.generations[tenant] = version = self.generations.get(tenant, 0) + 1
        of_it[plugin] = Enablement(plugin, state, settings or {}, consented=consented, version=version)

    def export(self, tenant: UUID, plugin: str) -> dict[str, dict[str, Any]]:
        """Return all documents of a plugin of a tenant's, by key."""
        kept = self.documents.get((tenant, plugin), {})
        return {key: decode(one) for key, one in sorted(kept.items())}

    def erase(self, tenant: UUID, plugin: str) -> None:
        """Erase all that a plugin keeps of a tenant: its documents, its settings, and that it was ever there."""
        self.documents.pop((tenant, plugin), None)
        self.enablements.get(tenant, {}).pop(plugin, None)
        self.generations[tenant] = self.generations.get(tenant, 0) + 1

    def stop(self, tenant: UUID, stops: Stops) -> None:
        """Set what does not run for a tenant, whatever it enabled."""
        self.stops[tenant] = stops
        self.generations[tenant] = self.generations.get(tenant, 0) + 1

    def offer(self, tenant: UUID, offer: Offer) -> None:
        """Set which plugins are there for a tenant."""
        self.offers[tenant] = offer
        self.generations[tenant] = self.generations.get(tenant, 0) + 1

    def hold(self, tenant: UUID, held: Held) -> None:
        """Set which bundles are a tenant's own."""
        self.bundles[tenant] = held
        self.generations[tenant] = self.generations.get(tenant, 0) + 1

    async def state(self, ctx: Ctx, known: int | None) -> State | None:
        generation = self.generations.get(ctx.scope.id, 0)
        if generation == known:
            return None
        enabled = self.enablements.get(ctx.scope.id, {}).values()
        stops, offer = self.stops.get(ctx.scope.id, NOTHING_STOPPED), self.offers.get(ctx.scope.id, EVERYTHING)
        return State(generation, list(enabled), stops, offer, self.bundles.get(ctx.scope.id, NOTHING_HELD))

    async def own(self, ctx: Ctx, session: Any) -> Held:
        return self.bundles.get(ctx.scope.id, NOTHING_HELD)

    async def failed(self, ctx: Ctx, failures: Sequence[tuple[Failure, int]]) -> None:
        self.failures += failures

    async def noted(self, ctx: Ctx, notes: Notes) -> None:
        self.notes.append((ctx.scope.id, notes))

    async def suspend(self, ctx: Ctx, suspension: Suspension) -> None:
        self.suspend_now(ctx, suspension)

    def suspend_now(self, ctx: Ctx, suspension: Suspension) -> None:
        self.suspensions.append((ctx.scope.id, suspension))
        self.put(ctx.scope.id, suspension.plugin, "suspended")

    async def overreached(self, ctx: Ctx, overreach: Overreach) -> None:
        self.overreaches.append((ctx.scope.id, overreach))

    async def await_consent(self, ctx: Ctx, awaiting: Awaiting) -> None:
        if (ctx.scope.id, awaiting) not in self.awaiting:
            self.awaiting.append((ctx.scope.id, awaiting))

    def store(self, ctx: Ctx, manifest: Manifest, *, writable: bool) -> MemoryStore:
        return MemoryStore(self.documents.setdefault((ctx.scope.id, manifest.name), {}), manifest, writable=writable)


class MemoryStore:
    """``ctx.store`` in the process, with the same limits."""

    def __init__(self, documents: dict[str, bytes], manifest: Manifest, *, writable: bool) -> None:
        self._documents = documents
        self._manifest = manifest
        self._writable = writable

    async def get(self, key: str) -> dict[str, Any] | None:
        check_key(key)
        stored = self._documents.get(key)
        return None if stored is None else decode(stored)

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        check_key(key)
        encoded = encode(value)
        check_writable(writable=self._writable)
        indexed(self._manifest, decode(encoded))
        if key not in self._documents:
            check_room(len(self._documents))
        self._documents[key] = encoded

    async def delete(self, key: str) -> None:
        check_key(key)
        check_writable(writable=self._writable)
        self._documents.pop(key, None)

    async def find(
        self,
        field: str | None = None,
        *,
        equals: Value | None = None,
        prefix: str | None = None,
        at_least: Value | None = None,
        below: Value | None = None,
        limit: int = 100,
    ) -> list[Document]:
        query = check_query(
            self._manifest, field, equals=equals, prefix=prefix, at_least=at_least, below=below, limit=limit
        )
        found: list[tuple[Any, Document]] = []
        for key, stored in self._documents.items():
            value = decode(stored)
            given: Any = key if field is None else indexed(self._manifest, value).get(field)
            if given is None or (query.low is not None and given < query.low):
                continue
            if query.high is not None and not (given < query.high or (query.inclusive and given == query.high)):
                continue
            found.append((given, Document(key, value)))
        found.sort(key=lambda row: (row[0], row[1].key))
        return [document for _, document in found[: query.limit]]
