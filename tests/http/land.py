"""The whole application over a database in which every table is filled, for several tenants.

All rows of one tenant and variant have the same id, whatever their table: one try of that id
at an address is a try of every row that the address might mean.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import msgspec
from sqlalchemy import Table

from auth.callers import Signed
from core.context import Scope, ScopeKind
from core.database.rooms import load_models
from core.database.tables import TableClass
from core.use_cases.declaration import DECLARED, UseCase
from core.use_cases.fields import field_of, settled
from core.web.pages import PARAMETER, Page, Post
from core.web.routes import PREFIX, Route
from core.web.site import Site
from tests.http.ring import Ring
from tests.wall.rows import SHOWN, SHOWN_FROM, Land, Row, Tenant

NAMES = ("http-agency", "http-program", "http-department", "http-mission", "http-platform")
NOWHERE = UUID("00000000-0000-7000-8000-00000000dead")
"""An id that no row has."""


class OneId(Land):
    """Land whose rows share an id by tenant and variant, none of them shown to the other side."""

    @property
    def tables(self) -> list[Table]:
        # Facts are for both sides to read: nobody's rows of them are hidden.
        return [table for table in super().tables if table.info["class"] is not TableClass.FACT]

    def row(self, table: Table, tenant: Tenant, variant: int) -> Row | None:
        made = super().row(table, tenant, variant)
        if made is None:
            return None
        hidden = {name: None for name in SHOWN_FROM if name in made}
        return made | hidden | ({"id": self.id_of(tenant, variant)} if "id" in made else {})

    def id_of(self, tenant: Tenant, variant: int) -> UUID:
        return uuid5(NAMESPACE_URL, f"{tenant.slug}.{variant}")


def make_land(of: type[OneId] = OneId) -> OneId:
    """Return the tenants; their rows are made by ``tests.wall.rows.settle``."""
    return of(load_models(), [Tenant(uuid5(NAMESPACE_URL, name), name.split("-")[1], name) for name in NAMES])


@dataclass
class Whole:
    """The whole application, and whose rows there are."""

    ring: Ring
    land: OneId

    @property
    def site(self) -> Site:
        site = self.ring.app.state.site
        assert isinstance(site, Site)
        return site

    async def scope(self, kind: ScopeKind) -> Scope:
        """Return a scope of ``kind`` that has no row of its own."""
        return self.ring.platform.program if kind == "program" else await self.ring.platform.scope(kind)

    def browser(self, scope: Scope, *permissions: str) -> httpx.AsyncClient:
        """Return the browser of somebody signed in to ``scope`` at a provider."""
        details = Signed(NOWHERE, NOWHERE, "https://id.example/realm")
        return self.ring.browser(scope, *permissions, details=details)

    @property
    def foreign_ids(self) -> list[UUID]:
        """Return the ids of every row there is; all belong to others and are hidden from whoever tries."""
        return [self.land.id_of(tenant, SHOWN) for tenant in self.land.tenants]

    @property
    def permissions(self) -> list[str]:
        """Return every permission that some page or route asks for."""
        asked = {page.permission for room in self.site.pages for page in room.shown}
        asked |= {nav.permission for room in self.site.pages for nav in room.nav}
        asked |= {post.use_case.permission for room in self.site.pages for post in room.posted}
        asked |= {route.use_case.permission for route in self.site.routes}
        asked |= {case.permission for case in DECLARED.values()}
        return sorted(one for one in asked if one is not None)

    @property
    def pages(self) -> list[Page]:
        return [page for room in self.site.pages for page in room.shown]

    @property
    def posts(self) -> list[Post]:
        return [post for room in self.site.pages for post in room.posted]

    @property
    def routes(self) -> list[Route]:
        return list(self.site.routes)


def address(pattern: str, id: object) -> str:
    """Return the pattern with ``id`` for each of its parameters."""
    return PARAMETER.sub(str(id), pattern)


def page_address(scope: Scope, pattern: str, id: object = NOWHERE, language: str = "en") -> str:
    """Return where the page with this pattern stands in ``scope``."""
    return f"/{language}/{scope.slug}{address(pattern, id)}"


def route_address(pattern: str, id: object = NOWHERE) -> str:
    """Return where the route with this pattern stands."""
    return PREFIX + address(pattern, id)


def sample(case: UseCase[Any, Any], id: object, *, without: str = "") -> dict[str, Any]:
    """Return an input that the case's reader takes, with ``id`` wherever an identifier may stand.

    ``without`` is the pattern of an address whose parameters are left out.
    """
    whole = _sample(case.input, id)
    return {name: value for name, value in whole.items() if name not in PARAMETER.findall(without)}


def _sample(struct: type[msgspec.Struct], id: object) -> dict[str, Any]:
    made = {}
    for one in msgspec.structs.fields(struct):
        if one.required or _names_a_row(one.encode_name):
            about = field_of(one.type, one.name)
            if about.choices and get_origin(_bare(one.type)) is None:
                made[one.encode_name] = next(iter(about.choices))
            else:
                made[one.encode_name] = _value(settled(one.type), one.encode_name, id)
    return made


def _names_a_row(name: str) -> bool:
    """Say whether a field holds an identifier, or a cursor, which is one."""
    return name in ("id", "ids", "after", "before", "seat") or name.endswith(("_id", "_ids"))


def _bare(kind: Any) -> Any:
    if hasattr(kind, "__metadata__"):
        return _bare(get_args(kind)[0])
    present = [one for one in get_args(kind) if one is not type(None)]
    return _bare(present[0]) if len(present) == 1 and type(None) in get_args(kind) else kind


_count = itertools.count(1)


def _text(schema: dict[str, Any]) -> str:
    """Return a text of a good length; two are never the same where there is room, so that none is a duplicate."""
    if schema.get("maxLength", 9) == 2:
        return "XX"
    return f"x{next(_count)}".ljust(schema.get("minLength", 2), "x")[: schema.get("maxLength", 99)]


def _value(kind: Any, name: str, id: object) -> Any:
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return _sample(bare, id)
    if get_origin(bare) is Literal:
        return get_args(bare)[0]
    if get_origin(bare) in (list, tuple, set, frozenset):
        return [_value(get_args(bare)[0], name, id)]
    if get_origin(bare) is Union:
        return _value(get_args(bare)[0], name, id)
    if bare in (str, datetime) and (bare is datetime or _names_a_row(name)):
        return str(id) if bare is str else "2026-11-01T09:00:00Z"
    schema = msgspec.json.schema(settled(kind))
    schema = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    by_type = {
        "string": {"date": "2026-12-01", "date-time": "2026-12-01T09:00:00Z", "uuid": str(id)}.get(
            schema.get("format", ""), _text(schema)
        ),
        "integer": schema.get("minimum", 1),
        "number": schema.get("minimum", 1),
        "boolean": True,
        "object": {},
    }
    return by_type.get(schema.get("type", ""), "x")
