"""The operator's pages of profiles: what is recommended, to whom, and the settings to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from core.context import Ctx
from core.errors import Fault, Invalid, NotFound
from core.extensions.known import settings_of
from core.extensions.lifecycle import PLUGIN_OFFER, PLUGIN_READ
from core.extensions.reading import service_names
from core.extensions.recommending import (
    ByKey,
    ProfileOut,
    RecommendSettings,
    SaveProfile,
    get_kept_profile,
    list_kept_profiles,
    recommend_settings,
    save_profile,
    take_profile,
)
from core.extensions.settings_drawing import SETTINGS, gather_settings, settings_rows
from core.extensions.settings_plain import plain, usual_of
from core.extensions.words import WHOM
from core.hooks.settings_values import secret_paths, stored
from core.text import Text, t
from core.use_cases import intake
from core.use_cases.declaration import Nothing
from core.web.forms import Form, build_form
from core.web.pages import Pages
from core.web.view import Answer, To, View

recommending_pages = Pages("kept-profiles", scopes={"platform"}, under="/plugins")
EMPTY: tuple[Any, ...] = (None, "", [])


@recommending_pages.get("/plugin-profiles", permission=PLUGIN_READ)
async def kept_profiles(view: View) -> Answer:
    """List what is recommended to services, and what comes with Contingent and is not."""
    found = await view.run(list_kept_profiles, Nothing())
    services = await service_names(view.work, view.language)
    may = view.ctx.actor.may(PLUGIN_OFFER)
    return view.render(
        "extensions/kept_profiles.html",
        kept=[(one, _plugins(view, one), _whom(one, services)) for one in found.profiles],
        shipped=[(one, _plugins(view, one)) for one in found.shipped],
        form=_offering(view, view.form(SaveProfile), services) if may else None,
        may=may,
    )


@recommending_pages.get("/plugin-profiles/{key}", permission=PLUGIN_READ)
async def kept_profile(view: View) -> Answer:
    """Show one profile: whom it is for, its plugins, and what is recommended to set."""
    found = await view.run(get_kept_profile, ByKey(view.params["key"]))
    services = await service_names(view.work, view.language)
    return view.render(
        "extensions/kept_profile.html",
        found=found,
        facts=[
            (t("Whom it is for"), _whom(found, services)),
            (t("Last changed"), t("By %(who)s, %(when)s", who=found.changed_by, when=found.changed_at)),
        ],
        plugins=[
            (one, _described(view, one.plugin, one.settings), _has_settings(view, one.plugin)) for one in found.plugins
        ],
        form=_edit_form(view, found, services) if view.ctx.actor.may(PLUGIN_OFFER) else None,
    )


@recommending_pages.get("/plugin-profiles/{key}/{name}", permission=PLUGIN_READ)
async def recommended_settings(view: View) -> Answer:
    """Show the settings that a profile recommends of one plugin, as a form."""
    found = await view.run(get_kept_profile, ByKey(view.params["key"]))
    one = next((one for one in found.plugins if one.plugin == view.params["name"]), None)
    struct = settings_of(view.ctx, view.params["name"])
    if one is None or struct is None:
        raise NotFound
    return view.render(
        "extensions/recommended.html",
        found=found,
        one=one,
        settings=_described(view, one.plugin, one.settings),
        form=_settings_form(view, found, struct, one.settings) if view.ctx.actor.may(PLUGIN_OFFER) else None,
    )


@recommending_pages.post("/plugin-profiles", use_case=save_profile, form=kept_profiles)
async def profile_made(view: View, result: ProfileOut) -> To:
    """Show the new profile."""
    return To(f"/plugin-profiles/{result.key}", t("It is recommended from now on."))


@recommending_pages.post("/plugin-profiles/{key}/change", use_case=save_profile, form=kept_profile)
async def profile_changed(view: View, result: ProfileOut) -> To:
    """Show the profile as it is now."""
    return To(f"/plugin-profiles/{result.key}", t("It is saved. Nothing changes at services that used it before."))


@recommending_pages.post("/plugin-profiles/{key}/take", use_case=take_profile, form=kept_profiles)
async def profile_taken(view: View, result: ProfileOut) -> To:
    """Show the profile, which is recommended now."""
    return To(f"/plugin-profiles/{result.key}", t("It is recommended from now on."))


def gather_recommended(ctx: Ctx, params: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """Return what is recommended: of the whole form, what is not the plugin's own anyway."""
    struct = settings_of(ctx, params["name"])
    settings = gather_settings(ctx, params, fields)["settings"]
    if struct is None:
        return {"settings": settings}
    usual = usual_of(struct)
    with suppress(Invalid):  # what cannot be read is refused where it would be kept
        settings = stored(intake.read(plain(struct), settings))
    return {
        "settings": {
            name: value
            for name, value in settings.items()
            if usual.get(name) != value and not (value in EMPTY and usual.get(name) in EMPTY)
        }
    }


@recommending_pages.post(
    "/plugin-profiles/{key}/{name}", use_case=recommend_settings, form=recommended_settings, gather=gather_recommended
)
async def settings_recommended(view: View, result: ProfileOut) -> To:
    """Show the profile with what it recommends now."""
    return To(f"/plugin-profiles/{result.key}", t("It is saved. Nothing changes at services that used it before."))


def _edit_form(view: View, found: ProfileOut, services: Mapping[str, str]) -> Form:
    now = {
        "key": found.key,
        "title_en": found.title["en"],
        "title_fr": found.title["fr"],
        "summary_en": found.summary["en"],
        "summary_fr": found.summary["fr"],
        "plugins": [one.plugin for one in found.plugins],
        "whom": found.whom,
        "services": found.services,
    }
    form = _offering(view, view.form(SaveProfile, now, version=found.version), services)
    gone = {one.plugin: one.title[view.language] for one in found.plugins if not one.installed}
    return form.offering("plugins", _installed(view) | gone).without("key")


def _offering(view: View, form: Form, services: Mapping[str, str]) -> Form:
    return form.without("settings").offering("plugins", _installed(view)).offering("services", services)


def _installed(view: View) -> dict[str, str]:
    plugins = view.ctx.hooks.registry.plugins
    return {name: plugins[name].manifest.title[view.language] for name in sorted(plugins)}


def _settings_form(view: View, found: ProfileOut, struct: type[msgspec.Struct], recommended: Mapping[str, Any]) -> Form:
    values, faults = {**usual_of(struct), **recommended}, list[Fault]()
    if view.refused is RecommendSettings and view.values is not None:
        view.explained = True
        values = {**usual_of(struct), **view.values["settings"]}
        faults = [Fault(one.pointer.removeprefix(SETTINGS) or "/", one.text) for one in view.faults]
    form = build_form(plain(struct), values, faults, version=found.version, explains=True)
    for path in secret_paths(struct):
        group, within, rest = path.partition("/")
        of_it = form[group].group if within else None
        form = form.changed(group, group=of_it.without(path, rest)) if of_it else form.without(path)
    return form


def _has_settings(view: View, name: str) -> bool:
    return settings_of(view.ctx, name) is not None


def _described(view: View, name: str, settings: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    return settings_rows(settings_of(view.ctx, name), settings, view.language)


def _plugins(view: View, one: ProfileOut) -> Text:
    return Text("%(all)s", {"all": [Text(each.title[view.language]) for each in one.plugins]})


def _whom(one: ProfileOut, services: Mapping[str, str]) -> Text | str:
    if one.whom != "chosen":
        return WHOM[one.whom]
    return ", ".join(services.get(slug, slug) for slug in one.services)
