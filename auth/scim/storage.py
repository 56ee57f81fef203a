"""Where a directory's accounts and groups are kept: PostgreSQL, in the open transaction of one tenant."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

from scim2_models import (
    InvalidFilterException,
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    SearchRequest,
    TooManyException,
    UniquenessException,
)
from scim2_server.storage import AsyncScimStorage, SearchPage
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from auth.scim.description import ENTERPRISE, POLICY, describe
from auth.scim.feeding import Change, feed, told_of
from auth.scim.filters import Narrowing, exact, folded, key
from auth.scim.members import keep_members, members_of, write_members
from auth.scim.models import ScimResource
from auth.scim.numbers import forget_account
from core.use_cases.work import Work

MOST_SEARCHED = 10_000
"""How many resources one search looks at, beyond what the database narrowed down."""
LONGEST = 500
"""Characters of what a resource is looked for by: an entry of an index has 2,700 bytes, and a character up to four."""
LONGEST_FILTER = 10_000
"""Characters: each comparison may be a parameter, of which a statement has 32,767."""
FURTHEST = 2**31
"""Beyond every resource there can be, and a number that the database can read."""
USERS = "User"


class Storage(AsyncScimStorage):
    """The resources of ``work``'s scope, and no other's.

    ``writes``: what is read is about to be changed, so nobody else may change it meanwhile.
    """

    def __init__(self, work: Work, *, writes: bool = True) -> None:
        self._work = work
        self._writes = writes

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Return a resource; a group's members only where the answer shows them."""
        row = await self._row(resource_type, resource_id)
        return (await self._resources([row], members=keep_members(response_parameters)))[0]

    async def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """Return one page of what matches, in the order that was asked for, else as it was made."""
        kinds = [cast("str", one.name) for one in resource_types]
        wanted: list[ColumnElement[bool]] = [
            ScimResource.tenant_id == self._work.ctx.scope.id,
            ScimResource.kind.in_(kinds),
        ]
        start, count = min(search_request.start_index_0 or 0, FURTHEST), search_request.count
        members = keep_members(search_request)
        if len(str(search_request.filter)) > LONGEST_FILTER:
            raise InvalidFilterException(detail=f"A filter has at most {LONGEST_FILTER} characters: ask several times.")
        if search_request.filter is None and search_request.sort_by is None:
            total = await self._work.session.scalar(select(func.count()).select_from(ScimResource).where(*wanted))
            page = select(ScimResource).where(*wanted).order_by(ScimResource.id).offset(start).limit(count)
            rows = (await self._work.session.scalars(page)).all()
            return SearchPage(total, await self._resources(rows, members=members))
        found = await self._matching(wanted, search_request.filter, kinds)
        if search_request.sort_by is not None:
            found = await asyncio.to_thread(search_request.sort, found)
        shown = found[start : None if count is None else start + count]
        return SearchPage(len(found), shown)

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Keep a new resource."""
        row = ScimResource(
            tenant_id=self._work.ctx.scope.id,
            id=self._work.new_id(),
            kind=cast("str", resource_type.name),
            created_at=self._work.now,
        )
        self._work.session.add(row)
        return await self._write(row, resource, Change("add"))

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Replace a resource."""
        row = await self._row(resource_type, cast("str", resource.id), expected_version)
        return await self._write(row, resource, Change("change", before=told_of(row)))

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Forget a resource and that it was in groups."""
        row = await self._row(resource_type, resource_id, expected_version)
        await write_members(self._work, row.id, (), also_elsewhere=True)
        change = Change("remove", before=told_of(row), given_up=await forget_account(self._work, row))
        await self._work.session.delete(row)
        await self._work.session.flush()
        await feed(self._work, row, change)

    async def _row(self, resource_type: ResourceType, resource_id: str, version: str | None = None) -> ScimResource:
        try:
            key = UUID(resource_id)
        except ValueError:
            raise _unknown(resource_type) from None
        chosen = select(ScimResource).where(
            ScimResource.tenant_id == self._work.ctx.scope.id,
            ScimResource.id == key,
            ScimResource.kind == resource_type.name,
        )
        if self._writes:
            chosen = chosen.with_for_update().execution_options(populate_existing=True)
        row = (await self._work.session.scalars(chosen)).one_or_none()
        if row is None:
            raise _unknown(resource_type)
        if version is not None and version != version_of(row):
            raise PreconditionFailedException
        return row

    async def _write(self, row: ScimResource, resource: Resource[Any], change: Change) -> Resource[Any]:
        """Put ``resource`` into ``row``, with what follows from it, and return what is kept."""
        given: Any = resource
        body = await asyncio.to_thread(resource.model_dump)
        for name in ("id", "meta", "members"):
            body.pop(name, None)
        row.body, row.keys = body, keys_of(body)
        row.external_id = None if given.external_id is None else exact(given.external_id)
        row.changed_at = self._work.now
        # A group of which members alone change gets a new version all the same.
        flag_modified(row, "changed_at")
        if row.kind == USERS:
            row.name_key = folded(given.user_name)
            row.employee_number = (_number(body) or "").strip() or None
            if given.active is not None:
                row.active = given.active
            elif change.before is None:
                # Nobody said that a new account is closed. Of an older one this stays as it was said last.
                row.active, row.body = True, body | {"active": True}
        else:
            row.name_key, row.active = folded(given.display_name or ""), True
        _check_lengths(row)
        try:
            await self._work.session.flush()
        except IntegrityError as error:
            raise UniquenessException(detail=f"There is another account called {given.user_name}.") from error
        if row.kind != USERS:
            await write_members(self._work, row.id, given.members or ())
        await feed(self._work, row, change)
        return (await self._resources([row]))[0]

    async def _matching(
        self, wanted: list[ColumnElement[bool]], asked: ScimFilter[Any] | None, kinds: list[str]
    ) -> list[Resource[Any]]:
        narrowed = None if asked is None else Narrowing().visit(asked.ast)
        if narrowed is not None:
            wanted = [*wanted, narrowed]
        chosen = select(ScimResource).where(*wanted).order_by(ScimResource.id).limit(MOST_SEARCHED + 1)
        rows = (await self._work.session.scalars(chosen)).all()
        if len(rows) > MOST_SEARCHED:
            raise TooManyException(detail="Too many resources to search: ask for a userName, an externalId or an id.")
        found = await self._resources(rows)
        if asked is None:
            return found
        if not asked.models:
            models: Any = tuple(describe().model_for(kind) for kind in kinds)
            asked = cast("Any", ScimFilter)[models[0] if len(models) == 1 else models[0] | models[1]](str(asked))
        return await asyncio.to_thread(lambda: [one for one in found if asked.match(one)])

    async def _resources(self, rows: Sequence[ScimResource], *, members: bool = True) -> list[Resource[Any]]:
        """Return rows as the protocol's resources, without their addresses, which the service knows."""
        groups = [row.id for row in rows if row.kind != USERS] if members else []
        inside = await members_of(self._work, groups)
        return await asyncio.to_thread(lambda: [_resource(row, inside.get(row.id, ())) for row in rows])


def _resource(row: ScimResource, members: Collection[dict[str, Any]]) -> Resource[Any]:
    body = row.body | ({"members": list(members)} if members else {})
    model = cast("type[Resource[Any]]", describe().model_for(row.kind))
    resource = model.model_validate(body, scim_policy=POLICY)
    resource.id = str(row.id)
    resource.meta = Meta(
        resource_type=row.kind, created=row.created_at, last_modified=row.changed_at, version=version_of(row)
    )
    return resource


def _check_lengths(row: ScimResource) -> None:
    name = "userName" if row.kind == USERS else "displayName"
    for attribute, kept in (
        (name, row.name_key),
        ("externalId", row.external_id),
        ("employeeNumber", row.employee_number),
    ):
        if kept is not None and len(kept) > LONGEST:
            raise InvalidValueException(detail=f"{attribute} has at most {LONGEST} characters, and this has more.")


def keys_of(body: dict[str, Any]) -> list[str]:
    """Return by which values a resource is looked for, besides its name and ids."""
    found = [("displayname", body.get("displayName")), ("employeenumber", _number(body))]
    found += [("emails.value", one.get("value")) for one in body.get("emails") or ()]
    return sorted({key(name, value) for name, value in found if value})


def _number(body: dict[str, Any]) -> str | None:
    number: str | None = (body.get(ENTERPRISE) or {}).get("employeeNumber")
    return number


def version_of(row: ScimResource) -> str:
    """Return the entity tag of a row."""
    return f'W/"{row.version}"'


def _unknown(resource_type: ResourceType) -> NotFoundException:
    return NotFoundException(detail=f"There is no such {resource_type.name}.")
