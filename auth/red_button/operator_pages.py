"""The operator's pages of the red button: any service by its name, and nothing of what it holds."""

from __future__ import annotations

from auth.red_button.operator import RED_BUTTON_ORDER, list_services, resume_service, stop_service
from auth.red_button.pressing import PAGE
from auth.red_button.schemas import OrderIn, ServiceList, ServiceOut
from core.errors import NotFound
from core.text import t
from core.use_cases.declaration import Nothing
from core.web.pages import Pages
from core.web.view import Answer, To, View

SERVICES = f"{PAGE}/services"

operator_pages = Pages("red_button_operator", scopes={"platform"})


@operator_pages.get(SERVICES, permission=RED_BUTTON_ORDER)
async def services(view: View) -> Answer:
    """List every service, those that are stopped first."""
    found = (await view.run(list_services, Nothing())).services
    return view.render(
        "red_button/services.html",
        stopped=[one for one in found if one.stop is not None],
        going=[one for one in found if one.stop is None],
        names=_names(view, found),
    )


@operator_pages.get(f"{SERVICES}/{{slug}}", permission=RED_BUTTON_ORDER)
async def service(view: View) -> Answer:
    """Say what stopping a service does, and ask once more."""
    found = (await view.run(list_services, Nothing())).services
    one = next((one for one in found if one.slug == view.params["slug"]), None)
    if one is None:
        raise NotFound
    return view.render(
        "red_button/service.html",
        service=one,
        name=_names(view, [one])[one.slug],
        form=view.form(OrderIn).without("slug"),
    )


@operator_pages.post(f"{SERVICES}/{{slug}}", use_case=stop_service, form=service)
async def service_stopped(view: View, result: ServiceList) -> To:
    """Show that nobody signs in there."""
    name = _names(view, result.services)[view.params["slug"]]
    return To(SERVICES, t("Nobody signs in to “%(service)s” any more.", service=name))


@operator_pages.post(f"{SERVICES}/stops/{{id}}/resume", use_case=resume_service, form=services)
async def service_resumed(view: View, result: ServiceList) -> To:
    """Show that people sign in there again."""
    return To(SERVICES, t("People can sign in there again. Sessions and tokens from before stay ended."))


def _names(view: View, found: list[ServiceOut]) -> dict[str, str]:
    return {one.slug: one.name_fr if view.language == "fr" else one.name_en for one in found}
