"""The protocol is worked beside the loop, which answers everybody else meanwhile; only the database is asked on it."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from typing import Any

import pytest
from scim2_models import ScimFilter, SearchRequest
from sqlalchemy import select

from auth.scim import endpoints, protocol, storage
from auth.scim.models import ScimResource
from core.database.sessions import tenant_session
from tests.auth.rig import Rig
from tests.auth.scim.directory import GROUP, directory_of
from tests.auth.scim.test_disabling import OFF
from tests.standing_still import go_on

WORKED = [
    (endpoints, "eased"),
    (storage, "_resource"),
    (ScimFilter, "match"),
    (SearchRequest, "sort"),
    (protocol.Service, "publish"),
    (protocol.Service, "read_creation"),
    (protocol.Service, "apply_patch"),
    (protocol.Service, "search_response"),
]
"""What takes its time: of a page, of thousands that are searched, of a group of thousands."""


async def test_what_takes_its_time_is_not_done_on_the_loop(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = await directory_of(rig, await rig.platform.agency())
    threads: dict[str, set[threading.Thread]] = defaultdict(set)

    def watch(name: str, real: Any) -> Any:
        def watched(*args: Any, **kwargs: Any) -> Any:
            threads[name].add(threading.current_thread())
            return real(*args, **kwargs)

        return watched

    for place, name in WORKED:
        monkeypatch.setattr(place, name, watch(name, getattr(place, name)))
    user = await directory.add("ana")
    await directory.patch(user, OFF)
    await directory.send(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "g", "members": [{"value": user["id"]}]}
    )
    assert await directory.names('/Users?sortBy=title&filter=userName sw "a"') == ["ana"]
    assert threads.keys() == {name for _, name in WORKED}
    assert all(threading.current_thread() not in seen for seen in threads.values()), threads


async def test_a_request_that_is_broken_off_leaves_nothing_behind(rig: Rig) -> None:
    scope = await rig.platform.agency()
    directory = await directory_of(rig, scope)
    user = await directory.add("ana")
    async with tenant_session(rig.ctx(scope)) as session:
        await session.execute(select(ScimResource).where(ScimResource.tenant_id == scope.id).with_for_update())
        changing = asyncio.create_task(directory.patch(user, OFF))
        await go_on(rig.ctx(scope), changing)
        changing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await changing
    assert (await directory.send("GET", f"/Users/{user['id']}")).json()["active"] is True
    assert (await directory.patch(user, OFF)).json()["active"] is False
