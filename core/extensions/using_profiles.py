"""Using a profile that the operator recommends: what it would do is seen first, and then done whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Conflict, NotFound, Refused
from core.extensions.consenting import asked, require_consent
from core.extensions.known import titled
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.models import PluginProfileUse
from core.extensions.profile_plans import Does, Step, digest_of, plan_of, plans_of
from core.extensions.profiles import Profile, find_profile, profiles
from core.extensions.recommending import SUBJECT, ByKey
from core.extensions.schemas import Asked
from core.extensions.service import switch_on
from core.extensions.settings_checks import objections
from core.hooks.data import Words
from core.hooks.database_secrets import secrets_of
from core.hooks.plans import read_settings
from core.hooks.registry import Registry
from core.hooks.titles import title_of_plugin
from core.secret import Secret
from core.text import Text, t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work


class UseProfile(msgspec.Struct, frozen=True):
    """Which profile. ``digest``: of what the caller saw that it would do.

    ``consent``: by plugin, all that it asks for, which is consented to by that.
    """

    key: str
    digest: str
    consent: dict[str, Asked] = {}


class StepOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a profile does with one plugin. ``kept``: settings that somebody here has made, and that stay."""

    plugin: str
    title: Words
    summary: Words | None
    does: Does
    settings: dict[str, Any]
    kept: list[str]
    asks: Asked


class OfferedProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile, and what it would do here now; ``digest`` names just that.

    ``used_at`` and ``used_by_name`` are of the last time that it was used here, the name where that is told;
    ``changed_since``: it recommends something else now.
    """

    key: str
    title: Words
    summary: Words
    steps: list[StepOut]
    digest: str
    used_at: datetime | None
    used_by_name: str | None
    changed_since: bool


class OfferedProfiles(msgspec.Struct, frozen=True):
    """The profiles that are for this service."""

    profiles: list[OfferedProfile]


class Ready(NamedTuple):
    """What is to be done, with the settings of each plugin that is to be switched on."""

    steps: list[Step]
    settings: Mapping[str, Any]


@use_case(permission=PLUGIN_READ, input=Nothing, output=OfferedProfiles, reads=True, scopes={"agency"})
async def list_profiles(work: Work, data: Nothing) -> OfferedProfiles:
    """List the profiles that the operator recommends to this service."""
    return OfferedProfiles(
        await _shown(work, [one for one in await profiles(work.session) if one.is_for(work.ctx.scope.id)])
    )


@use_case(permission=PLUGIN_READ, input=ByKey, output=OfferedProfile, reads=True, scopes={"agency"})
async def get_profile(work: Work, data: ByKey) -> OfferedProfile:
    """Show what a profile would switch on here, what it would set, and what stays as it is."""
    (shown,) = await _shown(work, [await _ours(work, data.key)])
    return shown


async def _ready(ctx: Ctx, data: UseProfile) -> Ready:
    """Return what is to be done. None of a plugin's code is run before all that it asks for is consented to."""
    async with tenant_session(ctx, read_only=True) as session:
        profile = await find_profile(session, data.key)
        if not profile.is_for(ctx.scope.id):
            raise NotFound
        steps = await plan_of(session, ctx, ctx.hooks.offered, profile)
        secrets = await secrets_of(session, ctx)
    wanted = _wanted(steps, data)
    for step in wanted:
        assert step.plugin is not None
        require_consent(step.plugin, data.consent.get(step.name))
    return Ready(steps, {step.name: await _settings(ctx, step, secrets.get(step.name, {})) for step in wanted})


@use_case(
    permission=PLUGIN_MANAGE,
    input=UseProfile,
    output=OfferedProfile,
    before=_ready,
    backdated=NOW,
    step_up=PLUGIN,
    scopes={"agency"},
    in_person=t("Do it on the page of the profile."),
)
async def use_profile(work: Work, data: UseProfile) -> OfferedProfile:
    """Switch on what a profile recommends and is not on yet, with its settings, and consent to what it asks for."""
    profile, ready = await _ours(work, data.key), work.decided
    # Two who use one at once: the second waits here, and finds what the first did.
    one_at_a_time = func.hashtextextended(f"profiles:{work.ctx.scope.id}", 0)
    await work.session.execute(select(func.pg_advisory_xact_lock(one_at_a_time)))
    _wanted(await plan_of(work.session, work.ctx, work.ctx.hooks.offered, profile, lock=True), data)
    await carry_out(work, profile, ready)
    (shown,) = await _shown(work, [profile])
    return shown


async def carry_out(work: Work, profile: Profile, ready: Ready) -> None:
    """Switch on what is to be switched on, with the consent of whoever acts; keep that the profile was used."""
    done = [step for step in ready.steps if step.does == "switch_on"]
    for step in done:
        assert step.plugin is not None
        settings = ready.settings[step.name]
        await switch_on(work, step.plugin, settings, step.asks, profile=(profile.key, profile.title))
    row = PluginProfileUse(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        key=profile.key,
        title_en=profile.title["en"],
        title_fr=profile.title["fr"],
        digest=profile.digest,
        plugins=[step.name for step in done],
        used_at=work.now,
        used_by=work.ctx.actor.id,
        used_by_name=work.ctx.actor.name,
    )
    work.session.add(row)
    assert profile.row is not None
    after = {"profile": profile.key, "plugins": row.plugins, "sha256": profile.digest}
    await work.audit("plugin_profile.apply", (SUBJECT, profile.row.id), after=after)


async def open_with(work: Work, registry: Registry, profile: Profile) -> None:
    """Use a profile for a service that is being opened: whoever opens it speaks for it."""
    steps = await plan_of(work.session, work.ctx, registry, profile, lock=True)
    wanted = [(one.name, one.plugin, one.settings) for one in steps if one.plugin and one.does == "switch_on"]
    settings = {name: read_settings(plugin, given) for name, plugin, given in wanted}
    await carry_out(work, profile, Ready(steps, settings))


def _wanted(steps: list[Step], data: UseProfile) -> list[Step]:
    """Return the steps that switch something on, if they are what was seen."""
    wanted = [step for step in steps if step.does == "switch_on"]
    if not wanted:
        raise Refused(t("There is nothing left to switch on."), t("What runs here already is left as it is."))
    if digest_of(steps) != data.digest:
        raise Conflict(t("This is not what the profile would do now."))
    return wanted


async def _settings(ctx: Ctx, step: Step, secrets: Mapping[str, Secret]) -> Any:
    assert step.plugin is not None
    try:
        settings = read_settings(step.plugin, step.settings, secrets)
    except Exception:  # noqa: BLE001 - a default or a check of the plugin's own may raise anything
        raise Refused(
            t("“%(plugin)s” does not take the settings that the profile recommends.", plugin=titled(ctx, step.plugin)),
            t("Tell the operator. Each plugin can be switched on by itself, on its own page."),
        ) from None
    found = await objections(ctx, step.plugin, settings)
    if found:
        faults = [one.text for one in found]
        said = Text("%(plugin)s: %(faults)s", {"plugin": titled(ctx, step.plugin), "faults": faults})
        raise Refused(said, t("Switch the plugin on by itself, on its own page, with other settings."))
    return settings


async def _ours(work: Work, key: str) -> Profile:
    profile = await find_profile(work.session, key)
    if not profile.is_for(work.ctx.scope.id):
        raise NotFound
    return profile


async def _shown(work: Work, chosen: Sequence[Profile]) -> list[OfferedProfile]:
    """Return profiles as a service sees them; the database is asked as often for many as for one."""
    plans = await plans_of(work.session, work.ctx, work.ctx.hooks.offered, chosen)
    uses = await work.session.scalars(
        select(PluginProfileUse)
        .where(PluginProfileUse.tenant_id == work.ctx.scope.id, PluginProfileUse.key.in_([one.key for one in chosen]))
        .ext(distinct_on(PluginProfileUse.key))
        .order_by(PluginProfileUse.key, PluginProfileUse.used_at.desc(), PluginProfileUse.id.desc())
    )
    latest = {one.key: one for one in uses}
    return [_out(work, one, steps, latest.get(one.key)) for one, steps in zip(chosen, plans, strict=True)]


def _out(work: Work, profile: Profile, steps: list[Step], last: PluginProfileUse | None) -> OfferedProfile:
    return OfferedProfile(
        key=profile.key,
        title=profile.title,
        summary=profile.summary,
        steps=[_step_out(one) for one in steps],
        digest=digest_of(steps),
        used_at=last.used_at if last else None,
        used_by_name=last.used_by_name if last and work.ctx.actor.may(PLUGIN_PEOPLE) else None,
        changed_since=last is not None and last.digest != profile.digest,
    )


def _step_out(step: Step) -> StepOut:
    manifest = step.plugin.manifest if step.plugin else None
    return StepOut(
        plugin=step.name,
        title=title_of_plugin(step.name, step.plugin),
        summary=manifest.summary if manifest else None,
        does=step.does,
        settings=step.settings,
        kept=step.kept,
        asks=asked(step.asks),
    )
