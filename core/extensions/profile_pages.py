"""The pages by which a service uses what the operator recommends. They run no plugin's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.context import Ctx
from core.errors import Fault
from core.extensions.consent_drawing import AGREED, Agreement
from core.extensions.consenting import in_words
from core.extensions.known import settings_of
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.recommending import ByKey
from core.extensions.schemas import Asked
from core.extensions.settings_drawing import settings_rows
from core.extensions.settings_words import label_of
from core.extensions.tables import asked_rows
from core.extensions.using_profiles import OfferedProfile, StepOut, UseProfile, get_profile, list_profiles, use_profile
from core.extensions.words import DOES
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.forms import Form, build_form
from core.web.forms_nested import TICKED
from core.web.pages import Pages
from core.web.view import Answer, To, View

profile_pages = Pages("plugin-profiles", scopes={"agency"}, under="/plugins")
ASKS = "asks"
"""How the fields begin that name what was seen that a plugin asks for: ``asks/notify_email/hosts``."""


@profile_pages.get("/plugin-profiles", permission=PLUGIN_READ)
async def offered_profiles(view: View) -> Answer:
    """List what the operator recommends to this service."""
    found = await view.run(list_profiles, Nothing())
    return view.render("extensions/profiles.html", found=found, names=_names(view, found.profiles))


@profile_pages.get("/plugin-profiles/{key}", permission=PLUGIN_READ)
async def offered_profile(view: View) -> Answer:
    """Show what a profile would switch on, what it would set, and what stays as it is."""
    found = await view.run(get_profile, ByKey(view.params["key"]))
    wanted = [one for one in found.steps if one.does == "switch_on"]
    return view.render(
        "extensions/profile.html",
        found=found,
        wanted=[(one, *_shown(view, one)) for one in wanted],
        staying=[(one, DOES[one.does]) for one in found.steps if one.does != "switch_on"],
        form=_consent_form(view, wanted),
        unseen=_unseen(found, wanted),
        may_manage=view.ctx.actor.may(PLUGIN_MANAGE),
    )


def gather_use(ctx: Ctx, params: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """Return what was consented to: what the form named, plugin by plugin, if it was agreed to."""
    given = dict(fields)
    consent: dict[str, dict[str, list[str]]] = {}
    for name, value in given.items() if given.get(AGREED, "") in TICKED else ():
        begin, _, rest = name.partition("/")
        plugin, _, kind = rest.partition("/")
        if begin == ASKS and kind in Asked.__struct_fields__:
            consent.setdefault(plugin, {})[kind] = value.split()
    return {"digest": given.get("digest", ""), "consent": consent}


@profile_pages.post("/plugin-profiles/{key}/use", use_case=use_profile, form=offered_profile, gather=gather_use)
async def profile_used(view: View, result: OfferedProfile) -> To:
    """Show what runs now."""
    return To(f"/plugin-profiles/{result.key}", t("It is done: what the profile recommends is switched on."))


def _consent_form(view: View, wanted: Sequence[StepOut]) -> Form:
    """Return the form by which it is done: with a box to be ticked, if anything is asked for."""
    faults: Sequence[Fault] = ()
    if view.refused is UseProfile:
        view.explained = True
        faults = [Fault(f"/{AGREED}", one.text) for one in view.faults]
    form = build_form(Agreement, {}, faults)
    return form if any(one.asks != Asked() for one in wanted) else form.without(AGREED)


def _unseen(found: OfferedProfile, wanted: Sequence[StepOut]) -> dict[str, str]:
    """Return as hidden fields what somebody saw when they agreed."""
    seen = {"digest": found.digest}
    for one in wanted:
        if one.asks != Asked():
            for kind in Asked.__struct_fields__:
                seen[f"{ASKS}/{one.plugin}/{kind}"] = " ".join(getattr(one.asks, kind))
    return seen


def _shown(view: View, one: StepOut) -> tuple[list[tuple[Any, Any]], list[Any], list[dict[str, Any]]]:
    """Return what a plugin would be set to, what of its settings stays, and what it asks for."""
    struct = settings_of(view.ctx, one.plugin)
    settings, asks = settings_rows(struct, one.settings, view.language), in_words(one.asks, view.language, struct)
    return settings, [label_of(struct, name) for name in one.kept], asked_rows(asks)


def _names(view: View, found: Sequence[OfferedProfile]) -> dict[str, Text]:
    return {one.key: Text("%(all)s", {"all": [Text(step.title[view.language]) for step in one.steps]}) for one in found}
