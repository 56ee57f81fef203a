"""The pages of a service's own plugins. They run none of them."""

from __future__ import annotations

from typing import Any

from core.bundles.bringing import upload_bundle
from core.bundles.keys import add_plugin_key, revoke_plugin_key
from core.bundles.lifecycle import PLUGIN_UPLOAD
from core.bundles.schemas import AddKey, BundleFile, OwnPlugins, UploadBundle
from core.bundles.service import (
    ANOTHER,
    ASK,
    choose_bundle,
    get_bundle,
    list_own_plugins,
    withdraw_bundle,
)
from core.bundles.tables import badges, bundles_table, keys_table
from core.extensions.consenting import in_words
from core.extensions.known import settings_of
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.tables import asked_rows, purposes
from core.extensions.words import QUALITIES
from core.hooks.bundles import LARGEST_BUNDLE
from core.text import Text, t
from core.use_cases.declaration import ById, Nothing
from core.web.pages import Pages
from core.web.view import Answer, To, View

HOME = "/own-plugins"

pages = Pages("bundles", scopes={"agency"}, under="/plugins")


@pages.get(HOME, permission=PLUGIN_READ)
async def own_plugins(view: View) -> Answer:
    """List the service's own plugins and the keys that it trusts."""
    found = await view.run(list_own_plugins, Nothing())
    actor = view.ctx.actor
    return view.render(
        "bundles/own.html",
        bundles=bundles_table(found.bundles, view.language),
        keys=keys_table(found.keys),
        trusted=[one for one in found.keys if one.revoked_at is None],
        upload=view.form(UploadBundle) if actor.may(PLUGIN_UPLOAD) else None,
        key=view.form(AddKey) if actor.may(PLUGIN_MANAGE) else None,
    )


@pages.post(
    HOME,
    use_case=upload_bundle,
    form=own_plugins,
    upload="file",
    upload_limit=LARGEST_BUNDLE,
    binary=True,
)
async def bundle_brought(view: View, result: BundleFile) -> To:
    """Show the version that was brought."""
    return _to(result, t("The version is kept and does not run yet: the administrators are told."))


@pages.post("/plugin-keys", use_case=add_plugin_key, form=own_plugins)
async def key_added(view: View, result: OwnPlugins) -> To:
    """Show the keys."""
    return To(HOME, t("The key is trusted. What is signed with it can be brought."))


@pages.post("/plugin-keys/{id}/revoke", use_case=revoke_plugin_key, form=own_plugins)
async def key_revoked(view: View, result: OwnPlugins) -> To:
    """Show the keys."""
    return To(HOME, t("The key is revoked. What was signed with it does not run any more."))


@pages.get(HOME + "/{id}", permission=PLUGIN_READ)
async def bundle(view: View) -> Answer:
    """Show one version: who brought it, what it does and asks for."""
    found = await view.run(get_bundle, ById(view.params["id"]))
    struct = settings_of(view.ctx, found.bundle.plugin)
    return view.render(
        "bundles/bundle.html",
        found=found,
        badges=badges(found.bundle),
        facts=_facts(found),
        asked=asked_rows(in_words(found.asks, view.language, struct)),
        anew=asked_rows(in_words(found.asks_beyond, view.language, struct)),
        mine=(ANOTHER, ASK) if found.mine else None,
        may_manage=view.ctx.actor.may(PLUGIN_MANAGE),
    )


@pages.post(HOME + "/{id}/choose", use_case=choose_bundle, form=bundle)
async def bundle_chosen(view: View, result: BundleFile) -> To:
    """Show the plugin, which runs in this version wherever it is switched on."""
    one = result.bundle
    said = t("Version %(version)s is chosen. It runs where the plugin is switched on.", version=one.plugin_version)
    return To(f"/plugins/{one.plugin}", said)


@pages.post(HOME + "/{id}/withdraw", use_case=withdraw_bundle, form=bundle)
async def bundle_withdrawn(view: View, result: OwnPlugins) -> To:
    """Show what is left."""
    return To(HOME, t("The version is taken away, and its file is erased."))


def _to(result: BundleFile, notice: Text) -> To:
    return To(f"{HOME}/{result.bundle.id}", notice)


def _facts(found: BundleFile) -> list[tuple[Text, Any]]:
    one = found.bundle
    facts: list[tuple[Text, Any]] = [
        (t("What it is for"), purposes(found.hooks)),
        (t("Where it runs"), t("In a closed process of its own")),
        (t("Quality claimed"), QUALITIES.get(found.quality or "", t("Not claimed"))),
        (t("Signed with the key of"), t("%(whose)s: %(key)s", whose=one.signer, key=one.fingerprint))
        if one.signer
        else (t("Signed with the key"), one.fingerprint),
        (t("Brought by"), t("%(who)s, %(when)s", who=one.uploaded_by_name, when=one.uploaded_at))
        if one.uploaded_by_name
        else (t("Brought on"), one.uploaded_at),
    ]
    if one.chosen_by_name is not None:
        facts.append((t("Chosen by"), t("%(who)s, %(when)s", who=one.chosen_by_name, when=one.chosen_at)))
    return [
        *facts,
        (t("Written for"), found.requires),
        (t("Signed bundle"), t("%(size)s KB, SHA-256 %(sha256)s", size=-(-found.size // 1024), sha256=found.sha256)),
    ]
