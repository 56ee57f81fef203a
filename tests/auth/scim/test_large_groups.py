"""A group of more members than one statement can name is changed like any other."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text

from auth.scim.models import ScimMember
from core.context import Scope
from core.database.sessions import tenant_session
from tests.auth.rig import Rig
from tests.auth.scim.directory import GROUP, PATCH, Directory, directory_of

MANY = 32_800
"""More than the 32,767 parameters that a statement can have."""
GROUP_ID, FIRST = UUID(int=1), 0x1000


async def large(rig: Rig, scope: Scope) -> Directory:
    """Return the directory of an agency with a group of ``MANY`` accounts, and one account more."""
    now = rig.platform.clock.now()
    async with tenant_session(rig.ctx(scope)) as session:
        made = text("""
            INSERT INTO scim_resource
                (tenant_id, id, kind, name_key, keys, active, body, changed_at, version, created_at)
            SELECT :tenant, lpad(to_hex(:first + n), 32, '0')::uuid, 'User', 'person-' || n, '[]', true,
                   jsonb_build_object('schemas', jsonb_build_array('urn:ietf:params:scim:schemas:core:2.0:User'),
                                      'userName', 'person-' || n), :now, 1, :now
            FROM generate_series(0, :many) AS n
        """)
        await session.execute(made, {"tenant": scope.id, "first": FIRST, "many": MANY, "now": now})
        group = text("""
            INSERT INTO scim_resource
                (tenant_id, id, kind, name_key, keys, active, body, changed_at, version, created_at)
            VALUES (:tenant, :group, 'Group', 'all staff', '[]', true, CAST(:body AS jsonb), :now, 1, :now)
        """)
        body = f'{{"schemas": ["{GROUP}"], "displayName": "All staff"}}'
        await session.execute(group, {"tenant": scope.id, "group": GROUP_ID, "body": body, "now": now})
        members = text("""
            INSERT INTO scim_member (tenant_id, id, group_id, member_id)
            SELECT :tenant, lpad(to_hex(:first + n), 32, '0')::uuid, :group, lpad(to_hex(:first + n), 32, '0')::uuid
            FROM generate_series(0, :many - 1) AS n
        """)
        # A connection remembers how it looked up members when there were none: by reading all accounts for each.
        await session.execute(text("DISCARD PLANS"))
        values = {"tenant": scope.id, "first": FIRST, "many": MANY, "group": GROUP_ID}
        await session.execute(members, values)
    return await directory_of(rig, scope)


def person(place: int) -> str:
    return str(UUID(int=FIRST + place))


async def inside(rig: Rig, scope: Scope) -> set[str]:
    """Return who is in the group."""
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return set(map(str, await session.scalars(select(ScimMember.member_id))))


async def test_one_more_one_less_and_all_replaced_by_one(rig: Rig) -> None:
    scope = await rig.platform.agency()
    directory = await large(rig, scope)
    path = f"/Groups/{GROUP_ID}?excludedAttributes=members"
    operations = [
        {"op": "add", "path": "members", "value": [{"value": person(MANY)}]},
        {"op": "remove", "path": "members", "value": [{"value": person(3)}]},
    ]
    answer = await directory.send("PATCH", path, {"schemas": [PATCH], "Operations": operations})
    assert answer.status_code == 200, answer.text
    assert await inside(rig, scope) == {person(place) for place in range(MANY + 1)} - {person(3)}
    body = {"schemas": [GROUP], "displayName": "All staff", "members": [{"value": person(3)}]}
    assert (await directory.send("PUT", path, body)).status_code == 200
    assert await inside(rig, scope) == {person(3)}
