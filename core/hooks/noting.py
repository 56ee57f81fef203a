"""What one process has still to write down of plugins, by tenant."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from core.context import Ctx
from core.hooks.measuring import Counted, Measured, Measures, Tally
from core.hooks.records import Line, Notes, Opening

MOST_LINES = 100
"""Lines of one plugin for one tenant in one batch; how many more there were is one line."""
LEFT_OUT = "more lines than are kept: some were left out"


class Notebook:
    """Counts calls and keeps what happened until the next batch."""

    def __init__(self) -> None:
        self._measures = Measures()
        self._openings: dict[UUID, list[Opening]] = {}
        self._lines: dict[tuple[UUID, str], list[Line]] = {}
        self._left_out: Counter[tuple[UUID, str]] = Counter()
        self._contexts: dict[UUID, Ctx] = {}
        """Of each tenant the context of its last call, to write with."""

    def tally(self, ctx: Ctx, of: Counted) -> Tally:
        """Return where calls of this are counted."""
        self._contexts[of.tenant] = ctx
        return self._measures.tally(of)

    def context_of(self, tenant: UUID) -> Ctx | None:
        """Return the context of the tenant's last call, if it had any here."""
        return self._contexts.get(tenant)

    def opened(self, ctx: Ctx, opening: Opening) -> None:
        """Keep that a breaker opened."""
        self._contexts[ctx.scope.id] = ctx
        self._openings.setdefault(ctx.scope.id, []).append(opening)

    def said(self, ctx: Ctx, line: Line) -> None:
        """Keep a line of a plugin's log, unless there are many."""
        key = (ctx.scope.id, line.plugin)
        self._contexts[ctx.scope.id] = ctx
        lines = self._lines.setdefault(key, [])
        if len(lines) < MOST_LINES:
            lines.append(line)
        else:
            self._left_out[key] += 1

    def _collected_lines(self) -> dict[UUID, list[Line]]:
        found: dict[UUID, list[Line]] = {}
        for (tenant, plugin), lines in self._lines.items():
            more = self._left_out[tenant, plugin]
            last = lines[-1]
            if more:
                lines.append(last._replace(level="warning", cause=None, message=LEFT_OUT, fields={"lines": more}))
            found.setdefault(tenant, []).extend(lines)
        self._lines, self._left_out = {}, Counter()
        return found

    def collect(self) -> list[tuple[Ctx, Notes]]:
        """Return what happened since the last time, for each tenant of which there is something."""
        measured: dict[UUID, list[Measured]] = {}
        for one in self._measures.collect():
            measured.setdefault(one.of.tenant, []).append(one)
        openings, self._openings = self._openings, {}
        lines = self._collected_lines()
        return [
            (self._contexts[tenant], Notes(measured.get(tenant, ()), openings.get(tenant, ()), lines.get(tenant, ())))
            for tenant in measured.keys() | openings.keys() | lines.keys()
        ]
