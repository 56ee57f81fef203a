"""The operator's pages of the allow-list: whom a plugin is for. They run no plugin's code."""

from __future__ import annotations

from typing import Any

from core.extensions.allowing import Allowance, AllowPlugin, allow_plugin, get_allowance
from core.extensions.lifecycle import PLUGIN_OFFER, PLUGIN_READ
from core.extensions.reading import service_names
from core.extensions.schemas import ByName
from core.extensions.words import WHOM
from core.text import Text, t
from core.web.forms import Form
from core.web.pages import Pages
from core.web.view import Answer, To, View

allowing_pages = Pages("plugin-allowances", scopes={"platform"})


@allowing_pages.get("/plugins/{name}", permission=PLUGIN_READ)
async def allowance(view: View) -> Answer:
    """Show whom a plugin is for, since when and why."""
    found = await view.run(get_allowance, ByName(view.params["name"]))
    services = await service_names(view.work, view.language)
    return view.render(
        "extensions/allowance.html",
        found=found,
        facts=_facts(view, found, services),
        form=_form(view, found, services),
        rules=[(one, _sentence(view, one.service, allowed=one.allowed)) for one in found.rules],
    )


@allowing_pages.post("/plugins/{name}/allowance", use_case=allow_plugin, form=allowance)
async def plugin_allowed(view: View, result: Allowance) -> To:
    """Show whom the plugin is for now."""
    return To(
        f"/plugins/{result.name}",
        t("It is kept, and holds from the next question on. Services that have it on are told."),
    )


def _form(view: View, found: Allowance, services: dict[str, str]) -> Form | None:
    if not view.ctx.actor.may(PLUGIN_OFFER):
        return None
    now = AllowPlugin(name=found.name, whom=found.whom, services=found.services, reason="")
    return view.form(AllowPlugin, now).offering("services", services).without("name")


def _facts(view: View, found: Allowance, services: dict[str, str]) -> list[tuple[Text, Any]]:
    named = ", ".join(services[slug] for slug in found.services if slug in services)
    whom: Text | str = named if found.whom == "chosen" else WHOM[found.whom]
    return [
        (t("Who may enable it"), whom),
        (t("Decision"), t("By the operator") if found.decided else t("Not yet: this is so without a decision")),
        (t("Where it comes from"), t("Installed beside Contingent") if found.beside else t("Came with Contingent")),
        (t("Services that use it"), str(found.enabled)),
    ]


def _sentence(view: View, service: Any, *, allowed: bool) -> Text:
    if service is None:
        return (
            t("Allowed for every service") if allowed else t("Allowed for no service, save those that are named here")
        )
    name = service[view.language]
    return t("Allowed: %(service)s", service=name) if allowed else t("Not allowed any more: %(service)s", service=name)
