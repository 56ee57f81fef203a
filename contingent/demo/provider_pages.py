"""The pages of the demonstration's provider: who one can be, in both languages, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import Response

from contingent.demo.issuers import COMMANDED, library
from contingent.demo.personas import Persona
from core.context import Language
from core.web.assets import assets
from core.web.environment import environment

SHEET = "ui.css"
OTHER: dict[Language, Language] = {"en": "fr", "fr": "en"}


def style_sheet() -> bytes:
    """Return the project's style sheet."""
    return assets()["ui.css"].body


def authorize_page(
    people: Mapping[str, list[Persona]], scope: str, query: Mapping[str, str], application: str
) -> Response[str]:
    """Return the page that offers the issuer's people, those of the asking scope first.

    A provider shared by several scopes offers all its people: those of another scope are
    refused by the application, as they should be.
    """
    language = _language(query.get("ui_locales", ""))
    order = sorted(people, key=lambda slug: slug != scope)
    own = {persona.subject for persona in people[scope]}
    groups = [
        (scope_name(slug, language), [one for one in people[slug] if slug == scope or one.subject not in own])
        for slug in order
    ]
    elsewhere = urlencode({**query, "ui_locales": OTHER[language]})
    return _page(
        "provider/people.html",
        language,
        form_origin=application,
        groups=[group for group in groups if group[1]],
        service=scope_name(scope, language),
        action=f"?{urlencode(query)}",
        elsewhere=f"?{elsewhere}",
    )


def message_page(kind: str, locales: str) -> Response[str]:
    """Return a page without a way back: ``signed_out``, or ``unknown_client``."""
    status = 200 if kind == "signed_out" else 400
    return _page("provider/message.html", _language(locales), status=status, kind=kind, elsewhere=None)


def scope_name(slug: str, language: Language) -> str:
    """Return what a scope is called."""
    known = library()
    if slug in COMMANDED:
        name, _ = COMMANDED[slug]
    else:
        name = (known.agencies.get(slug) or known.scopes[slug]).name
    return name.fr if language == "fr" else name.en


def _language(locales: str) -> Language:
    first = locales.split(" ", maxsplit=1)[0][:2]
    return "fr" if first == "fr" else "en"


def _page(
    template: str, language: Language, *, status: int = 200, form_origin: str = "", **values: object
) -> Response[str]:
    html = (
        environment(language)
        .get_template(template)
        .render(values, other=OTHER[language], sheet=f"/idp/{SHEET}", locale=f"{language}-CA")
    )
    # The form's answer leads the browser back to the application, which is another origin.
    policy = (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_origin}".strip()
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(html, status_code=status, media_type="text/html; charset=utf-8", headers=headers)
