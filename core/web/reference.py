"""Pages of the web layer itself: the first address, the API's description and reference, what each problem means."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from core.context import Language
from core.errors import NotFound
from core.text import Text, t
from core.web.handlers import handler
from core.web.languages import preferred
from core.web.openapi import SCOPES, input_schema, openapi
from core.web.problems import MEANINGS, TITLES, TYPE_PREFIX, kinds
from core.web.public_pages import PublicPages, PublicView
from core.web.replies import JSON, redirect, reply
from core.web.routes import PREFIX, Route
from core.web.tables import Column, Link, Table
from core.web.view import Answer

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse

    from core.web.incoming import Incoming
    from core.web.site import Site

public = PublicPages("web")
DOCUMENT = "/api/openapi.json"


def own_handlers(site: Site) -> list[HTTPRouteHandler]:
    """Return the handlers of the addresses without a language: ``/``, the OpenAPI document, problem types."""

    @cache
    def document(language: Language) -> bytes:
        made = openapi(site.routes, language, server=site.settings.address, version=site.version)
        return msgspec.json.encode(made)

    async def first(incoming: Incoming) -> ASGIResponse:
        return redirect(f"/{_language(incoming)}/", headers=[("vary", "Accept-Language")])

    async def described(incoming: Incoming) -> ASGIResponse:
        language = _language(incoming)
        headers = [("vary", "Accept-Language"), ("content-language", language), ("cache-control", "no-cache")]
        return reply(incoming, document(language), JSON, headers=headers)

    async def problem(incoming: Incoming) -> ASGIResponse:
        if incoming.params["slug"] not in TITLES:
            raise NotFound
        address = f"/{_language(incoming)}{TYPE_PREFIX}{incoming.params['slug']}"
        return redirect(address, headers=[("vary", "Accept-Language")])

    return [
        handler("GET", ["/"], first, "GET /"),
        handler("GET", [DOCUMENT], described, f"GET {DOCUMENT}"),
        handler("GET", [TYPE_PREFIX + "{slug:str}"], problem, "GET /problems"),
    ]


def _language(incoming: Incoming) -> Language:
    return preferred(incoming.headers.get("accept-language"))


@public.get("/problems/{slug}")
async def problem_page(view: PublicView) -> Answer:
    """Say what one kind of problem means."""
    slug = view.params["slug"]
    kind = next((one for one in kinds() if one.slug == slug), None)
    if kind is None or slug not in TITLES:
        raise NotFound
    return view.render("problem.html", title=TITLES[slug], meaning=MEANINGS[slug], code=kind.status)


@public.get("/api")
async def reference(view: PublicView) -> Answer:
    """List everything the API offers, by room."""
    rooms = dict.fromkeys(route.use_case.room for route in view.site.routes)
    return view.render("reference.html", tables=[_overview(view, room) for room in rooms], document=DOCUMENT)


@public.get("/api/{room}")
async def room_reference(view: PublicView) -> Answer:
    """Describe each operation of one room."""
    room = view.params["room"]
    routes = [route for route in view.site.routes if route.use_case.room == room]
    if not routes:
        raise NotFound
    operations = [_operation(route, number, view.language) for number, route in enumerate(routes, 1)]
    return view.render("reference_room.html", room=room, operations=operations)


def _overview(view: PublicView, room: str) -> Table:
    routes = [route for route in view.site.routes if route.use_case.room == room]
    return Table(
        name=f"api-{room}",
        caption=room.replace("_", " ").capitalize(),
        caption_shown=True,
        columns=[
            Column("address", t("Address"), heads=True),
            Column("summary", t("What it does"), language="en"),
            Column("scopes", t("For whom")),
            Column("permission", t("Permission")),
        ],
        rows=[
            {
                "address": Link(f"{route.method} {PREFIX}{route.pattern}", f"/api/{room}#op-{number}"),
                "summary": route.use_case.summary,
                "scopes": Text("%(scopes)s", {"scopes": _scopes(route)}),
                "permission": route.use_case.permission,
            }
            for number, route in enumerate(routes, 1)
        ],
    )


def _operation(route: Route, number: int, language: Language) -> dict[str, Any]:
    whole = input_schema(route, language)
    rows = [
        {
            "name": name,
            "meaning": schema.get("description") or schema.get("title", ""),
            "place": _place(route, name),
            "kind": kind_of(schema),
            "required": t("Yes") if name in whole["required"] else t("No"),
        }
        for name, schema in whole["properties"].items()
    ]
    return {
        "id": f"op-{number}",
        "address": f"{route.method} {PREFIX}{route.pattern}",
        "summary": route.use_case.summary,
        "permission": route.use_case.permission,
        "scopes": _scopes(route),
        "output": getattr(route.use_case.output, "__struct_fields__", ()),
        "table": Table(
            name=f"in-{number}",
            caption=t("Input of %(address)s", address=f"{route.method} {route.pattern}"),
            columns=[
                Column("name", t("Field"), heads=True),
                Column("kind", t("Kind")),
                Column("place", t("Place")),
                Column("required", t("Required")),
                Column("meaning", t("Meaning")),
            ],
            rows=rows,
            empty=t("It takes no input."),
        ),
    }


def _scopes(route: Route) -> list[Text]:
    return [title for kind, title in SCOPES.items() if kind in route.use_case.scopes]


def _place(route: Route, name: str) -> Text:
    if f"{{{name}}}" in route.pattern:
        return t("in the address")
    return t("in the query") if route.method == "GET" else t("in the body")


def kind_of(schema: dict[str, Any]) -> str:
    """Return a schema's kind in the words of JSON Schema, with its bounds: ``string ≤ 200``."""
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(kind_of(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    name = str(schema.get("format") or schema.get("type") or "any")
    if name == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    least = schema.get("minimum", schema.get("minLength"))
    most = schema.get("maximum", schema.get("maxLength"))
    return name + (f" ≥ {least}" if least is not None else "") + (f" ≤ {most}" if most is not None else "")
