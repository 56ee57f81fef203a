"""What the operator recommends: profiles of plugins, whom they are for, and the settings to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from core.errors import Fault, Invalid, NotFound, Refused
from core.extensions.allowing import Whom
from core.extensions.known import within
from core.extensions.lifecycle import PLUGIN_OFFER, PLUGIN_READ
from core.extensions.profiles import Profile, Recommended, find_profile, keep, look_through, profiles, shipped, written
from core.extensions.reading import agencies
from core.extensions.words import WHOM
from core.hooks.data import Words
from core.hooks.titles import title_of_plugin
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.fields import field
from core.use_cases.work import Work

SUBJECT = "plugin_profile"


class ByKey(msgspec.Struct, frozen=True):
    """Which profile."""

    key: str


class SaveProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile. ``settings``, by plugin, are recommended; where they are left out, those of before stay.

    ``services``: slugs, read where ``whom`` is ``chosen``; an empty list is nobody.
    """

    key: Annotated[
        str, field(t("Key"), help=t("Short and stable, of a-z, 0-9 and -, such as small-service."), longest=40)
    ]
    title_en: Annotated[str, field(t("Title in English"), longest=120)]
    title_fr: Annotated[str, field(t("Title in French"), longest=120)]
    summary_en: Annotated[str, field(t("Summary in English"), widget="area", longest=500)]
    summary_fr: Annotated[str, field(t("Summary in French"), widget="area", longest=500)]
    plugins: Annotated[list[str], field(t("Plugins"), widget="choices", shortest=1)]
    whom: Annotated[Whom, field(t("Whom it is for"), choices=WHOM)]
    services: Annotated[list[str], field(t("Services"), widget="choices")] = []
    settings: dict[str, dict[str, Any]] | None = None


class RecommendSettings(msgspec.Struct, frozen=True):
    """What a profile recommends to set of one plugin in it; settings that are left out stay the plugin's own."""

    key: str
    name: str
    settings: dict[str, Any]


class RecommendedOut(msgspec.Struct, frozen=True):
    """A plugin of a profile. ``installed``: it can be switched on; ``settings`` are what is recommended."""

    plugin: str
    title: Words
    installed: bool
    settings: dict[str, Any]


class ProfileOut(msgspec.Struct, frozen=True, kw_only=True):
    """A profile as the operator keeps it; ``services`` by their slugs. ``version`` is that of the row."""

    key: str
    title: Words
    summary: Words
    whom: Whom
    services: list[str]
    plugins: list[RecommendedOut]
    changed_by: str | None
    changed_at: datetime | None
    version: int | None


class ProfileList(msgspec.Struct, frozen=True):
    """The profiles that are kept, and those that come with the product and are not kept (any more)."""

    profiles: list[ProfileOut]
    shipped: list[ProfileOut]


@use_case(permission=PLUGIN_READ, input=Nothing, output=ProfileList, scopes={"platform"}, reads=True)
async def list_kept_profiles(work: Work, data: Nothing) -> ProfileList:
    """List the profiles that are recommended to services, and those that come with Contingent."""
    kept, services = await profiles(work.session), await _slugs(work)
    names = {one.key for one in kept}
    further = [one for key, one in shipped().items() if key not in names]
    return ProfileList(*([_out(work, one, services) for one in found] for found in (kept, further)))


@use_case(permission=PLUGIN_READ, input=ByKey, output=ProfileOut, scopes={"platform"}, reads=True)
async def get_kept_profile(work: Work, data: ByKey) -> ProfileOut:
    """Show one profile as the operator keeps it."""
    return await _kept(work, data.key)


@use_case(permission=PLUGIN_OFFER, input=SaveProfile, output=ProfileOut, scopes={"platform"}, backdated=NOW)
async def save_profile(work: Work, data: SaveProfile) -> ProfileOut:
    """Keep a profile, anew or in place of what it was; nothing changes where it was used before."""
    kept = next((one for one in await profiles(work.session) if one.key == data.key), None)
    services = {scope.slug: scope for scope in await agencies(work)}
    named = data.services if data.whom == "chosen" else []
    faults = [
        Fault("/services", t("There is no service called “%(slug)s”.", slug=slug))
        for slug in named
        if slug not in services
    ]
    if not _sound(data.key):
        faults.append(Fault("/key", t("Use a-z, 0-9 and -, a letter first.")))
    if not data.plugins:
        faults.append(Fault("/plugins", t("Choose at least one plugin.")))
    chosen, more = _recommended(work, data, kept)
    faults += more
    if faults:
        raise Invalid(faults)
    profile = Profile(
        key=data.key,
        title={"en": data.title_en, "fr": data.title_fr},
        summary={"en": data.summary_en, "fr": data.summary_fr},
        plugins=chosen,
        scope_ids=None if data.whom == "everyone" else [services[slug].id for slug in named],
    )
    await put(work, kept, profile)
    return await _kept(work, data.key)


@use_case(permission=PLUGIN_OFFER, input=RecommendSettings, output=ProfileOut, scopes={"platform"}, backdated=NOW)
async def recommend_settings(work: Work, data: RecommendSettings) -> ProfileOut:
    """Say what a profile recommends to set of one of its plugins."""
    kept = await find_profile(work.session, data.key)
    if kept.settings_of(data.name) is None:
        raise NotFound
    recommended, faults = look_through(work.ctx.hooks.registry, Recommended(data.name, data.settings))
    if faults:
        raise Invalid(within(faults))
    plugins = [recommended if one.plugin == data.name else one for one in kept.plugins]
    await put(work, kept, msgspec.structs.replace(kept, plugins=plugins))
    return await _kept(work, data.key)


@use_case(permission=PLUGIN_OFFER, input=ByKey, output=ProfileOut, scopes={"platform"}, backdated=NOW)
async def take_profile(work: Work, data: ByKey) -> ProfileOut:
    """Recommend a profile that comes with Contingent, to every service, as it is."""
    if data.key not in shipped():
        raise NotFound
    if any(one.key == data.key for one in await profiles(work.session)):
        raise Refused(t("It is recommended already."), t("Change it on its own page."))
    await put(work, None, shipped()[data.key])
    return await _kept(work, data.key)


async def put(work: Work, kept: Profile | None, profile: Profile) -> None:
    """Write the profile in place of ``kept``, or anew, with its line in the log."""
    services = await _slugs(work)
    if kept is None:
        row = keep(work, profile)
        await work.session.flush()
        await work.audit("plugin_profile.create", (SUBJECT, row.id), after=_told(profile, services))
        return
    assert kept.row is not None
    work.check_version(kept.row)
    for name, value in written(work, profile).items():
        setattr(kept.row, name, value)
    await work.session.flush()
    before, after = _told(kept, services), _told(profile, services)
    await work.audit("plugin_profile.change", (SUBJECT, kept.row.id), before=before, after=after)


def _told(profile: Profile, services: Mapping[UUID, str]) -> dict[str, Any]:
    """Return a profile as the log keeps it."""
    return {
        "key": profile.key,
        "title_en": profile.title["en"],
        "title_fr": profile.title["fr"],
        "summary_en": profile.summary["en"],
        "summary_fr": profile.summary["fr"],
        "whom": "everyone" if profile.scope_ids is None else "chosen" if profile.scope_ids else "nobody",
        "services": [services[one] for one in profile.scope_ids or () if one in services],
        "plugins": [one.plugin for one in profile.plugins],
        "settings": {one.plugin: one.settings for one in profile.plugins if one.settings},
    }


def _recommended(work: Work, data: SaveProfile, kept: Profile | None) -> tuple[list[Recommended], list[Fault]]:
    """Return the plugins with what is recommended of each, and all that is wrong with it."""
    given: Mapping[str, dict[str, Any]] = data.settings or {}
    found, faults = [], []
    for place, name in enumerate(dict.fromkeys(data.plugins)):
        before = kept.settings_of(name) if kept is not None else None
        recommended, wrong = look_through(work.ctx.hooks.registry, Recommended(name, given.get(name, before or {})))
        found.append(recommended)
        missing = name not in work.ctx.hooks.registry.plugins
        if missing and before is not None and name not in given:
            continue  # it was recommended while it was installed, and may be again
        at = f"/plugins/{place}" if missing else f"/settings/{name}"
        faults += [Fault(f"{at}{one.pointer}".rstrip("/"), one.text) for one in wrong]
    faults += [
        Fault(f"/settings/{name}", t("It is not among the plugins of this profile."))
        for name in given
        if name not in data.plugins
    ]
    return found, faults


def _sound(key: str) -> bool:
    return key[:1].isalpha() and key.isascii() and key.islower() and key.replace("-", "").isalnum()


async def _slugs(work: Work) -> dict[UUID, str]:
    return {scope.id: scope.slug for scope in await agencies(work)}


async def _kept(work: Work, key: str) -> ProfileOut:
    return _out(work, await find_profile(work.session, key), await _slugs(work))


def _out(work: Work, profile: Profile, services: Mapping[UUID, str]) -> ProfileOut:
    chosen = [services[one] for one in profile.scope_ids or [] if one in services]
    row, plugins = profile.row, work.ctx.hooks.registry.plugins
    return ProfileOut(
        key=profile.key,
        title=profile.title,
        summary=profile.summary,
        whom="everyone" if profile.scope_ids is None else "chosen" if chosen else "nobody",
        services=chosen,
        plugins=[
            RecommendedOut(
                plugin=one.plugin,
                title=title_of_plugin(one.plugin, plugins.get(one.plugin)),
                installed=one.plugin in plugins,
                settings=one.settings,
            )
            for one in profile.plugins
        ],
        changed_by=row.changed_by if row else None,
        changed_at=row.changed_at if row else None,
        version=row.version if row else None,
    )
