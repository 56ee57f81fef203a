"""What a profile would do at a service: worked out the same for whoever looks at it and for whoever uses it.

No plugin's code is run for it, since nobody has consented to any of it yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx
from core.extensions.profiles import Profile, Recommended
from core.extensions.settings_plain import fits, usual_of
from core.hooks.allowing import offer_of
from core.hooks.consent import Asks
from core.hooks.models import PluginEnablement
from core.hooks.offering import Offer
from core.hooks.plans import Stops, bars
from core.hooks.registry import Plugin, Registry
from core.hooks.settings_values import without_secrets
from core.hooks.standing import Changed, histories
from core.hooks.stops import stops_of

Does = Literal["switch_on", "on", "suspended", "held", "missing", "unfit"]
"""``on`` and ``suspended``: it is so already, and is left alone. ``held``: stopped, or not allowed any more.
``missing``: not installed. ``unfit``: its version does not take what is recommended."""


class Step(NamedTuple):
    """What a profile does with one plugin. ``settings`` and ``kept`` are of one that it would switch on."""

    name: str
    plugin: Plugin | None
    does: Does
    settings: dict[str, Any]
    """What it would be set to, as far as that is known without its code: the rest stays its own."""
    kept: list[str]
    """What it would recommend otherwise, and somebody has set: that stays."""
    asks: Asks


async def plan_of(
    session: AsyncSession, ctx: Ctx, registry: Registry, profile: Profile, *, lock: bool = False
) -> list[Step]:
    """Return what the profile would do for the scope now; what is not there for it is not in it either.

    ``lock``: what is known of these plugins stays as it is until the transaction ends.
    """
    (steps,) = await plans_of(session, ctx, registry, [profile], lock=lock)
    return steps


async def plans_of(
    session: AsyncSession, ctx: Ctx, registry: Registry, profiles: Sequence[Profile], *, lock: bool = False
) -> list[list[Step]]:
    """Return what ``plan_of`` does, of each profile; the database is asked as often for many as for one."""
    names = {one.plugin for profile in profiles for one in profile.plugins}
    known = select(PluginEnablement).where(
        PluginEnablement.tenant_id == ctx.scope.id, PluginEnablement.plugin.in_(names)
    )
    known = known.order_by(PluginEnablement.plugin).with_for_update() if lock else known
    rows = {row.plugin: row for row in await session.scalars(known) if row.state != "removed"}
    past = await histories(session, ctx.scope, [name for name, row in rows.items() if row.state == "disabled"])
    offer, stops = await offer_of(session, ctx), await stops_of(session, ctx.scope)

    def steps_of(profile: Profile) -> list[Step]:
        steps = []
        for one in profile.plugins:
            plugin, row = registry.plugins.get(one.plugin), rows.get(one.plugin)
            if row is not None or plugin is None or offer.holds(plugin):
                steps.append(_step(one, plugin, row, _resting(plugin, stops, offer), past.get(one.plugin, [])))
        return steps

    return [steps_of(one) for one in profiles]


def digest_of(steps: Iterable[Step]) -> str:
    """Return the SHA-256 of what the steps would do, in hexadecimal: whoever has another one saw something else."""
    said = [(one.name, one.does, one.settings, one.kept, one.asks.stored()) for one in steps]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def _resting(plugin: Plugin | None, stops: Stops, offer: Offer) -> bool:
    return plugin is not None and bars(plugin, stops, offer) is not None


def _step(
    one: Recommended,
    plugin: Plugin | None,
    row: PluginEnablement | None,
    held: bool,
    past: Sequence[Changed],
) -> Step:
    if row is not None and row.state in ("enabled", "suspended"):
        return Step(one.plugin, plugin, "on" if row.state == "enabled" else "suspended", {}, [], Asks())
    if plugin is None or held:
        return Step(one.plugin, plugin, "held" if plugin else "missing", {}, [], Asks())
    theirs = _set_by_somebody(plugin, past) if row is not None else set()
    before = without_secrets(plugin.manifest.settings, row.settings) if row is not None else {}
    settings = {**before, **{name: value for name, value in one.settings.items() if name not in theirs}}
    kept = [name for name, value in one.settings.items() if name in theirs and before.get(name) != value]
    does: Does = "switch_on" if fits(plugin.manifest.settings, settings) else "unfit"
    return Step(one.plugin, plugin, does, settings, kept, plugin.manifest.asks)


def _set_by_somebody(plugin: Plugin, past: Sequence[Changed]) -> set[str]:
    """Return the settings that somebody has set since the plugin began here, and that no profile did."""
    struct = plugin.manifest.settings
    usual, theirs = usual_of(struct) if struct else {}, set[str]()
    for change, differences in reversed(past):
        if change.action == "remove":
            theirs.clear()
        elif change.action in ("enable", "configure"):
            for name, difference in differences.items():
                # Of a secret there is no value to be compared; and it stays in any case.
                after = difference[1] if isinstance(difference, list) else None
                first = change.action == "enable" and usual.get(name) == after
                (theirs.discard if change.profile is not None or first else theirs.add)(name)
    return theirs
