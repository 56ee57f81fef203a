"""An agency's monitoring reads who signed in and who was let in: each line once, each line provable."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

import auth
from auth.accounts.schemas import AccountIn
from auth.accounts.service import TOKEN_MANAGE, add_account
from auth.security_events.service import ABOUT
from core.audit.chain import GENESIS
from core.audit.sealing import seal_all
from core.context import Scope
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.rig import Rig

ADDRESS = "/api/v1/security/events"
LINES = "application/x-ndjson"
SEARCHED = re.compile(r"""(?:\baudit\(|\brecord\w*\(|_move\()[^"\n]*?f?"([a-z_]+)\.[a-z_{]""")


async def token(rig: Rig, scope: Scope, role: str = "monitor") -> str:
    ctx = rig.platform.ctx(scope, TOKEN_MANAGE, seat=await rig.seat(scope, "administrator"))
    asked = AccountIn(name=f"SIEM {role}", kind="api", role=role, days=90, reason="for the watch")
    return (await execute(add_account, ctx, asked)).text


async def write(rig: Rig, scope: Scope, *actions: str, database: Database | None = None) -> None:
    """Write one line for each action, in one transaction."""
    ctx = replace(rig.platform.ctx(scope), database=database or rig.platform.database)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        for action in actions:
            await work.audit(action, (action.split(".")[0], uuid4()), after={"name": "Zoé"}, reason="Because.")


async def seal(rig: Rig) -> None:
    await seal_all(rig.platform.database, rig.platform.clock)


async def pull(rig: Rig, secret: str, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    """Return the lines after a sequence, as a monitoring program reads them."""
    header = {"Authorization": f"Bearer {secret}", "Accept": LINES}
    answer = await rig.browser().get(f"{ADDRESS}?after={after}&limit={limit}", **header)
    assert (answer.status_code, answer.headers["content-type"]) == (200, LINES)
    assert {"Accept", "Authorization"} <= {
        one.strip() for part in answer.headers.get_list("vary") for one in part.split(",")
    }
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_each_line_proves_itself_with_nothing_but_json_and_sha_256(rig: Rig) -> None:
    scope = await rig.agency()
    secret = await token(rig, scope)
    await write(rig, scope, "session.begin", "officer.change", "seat.grant")
    await seal(rig)
    events = await pull(rig, secret)
    assert {"session.begin", "seat.grant"} <= {one["action"] for one in events}
    for one in events:
        spelled = json.dumps(one["line"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        tenant = UUID(one["line"]["tenant_id"]).bytes
        parts = (one["previous"].encode(), tenant, str(one["sequence"]).encode(), spelled.encode())
        assert hashlib.sha256(b"\n".join(parts)).hexdigest() == one["hash"]
        assert one["line"]["tenant_id"] == str(scope.id)
        assert (one["line"]["actor_name"], one["line"]["action"]) == (one["actor"], one["action"])
    by_place = {one["sequence"]: one for one in events}
    assert all(
        one["previous"] == by_place[place - 1]["hash"] for place, one in by_place.items() if place - 1 in by_place
    )
    assert all(one["previous"] == GENESIS for place, one in by_place.items() if place == 1)


async def test_only_what_is_about_access_is_told_and_the_cursor_goes_past_the_rest(rig: Rig) -> None:
    scope = await rig.agency()
    secret = await token(rig, scope)
    await write(rig, scope, "officer.change", "nomination.submit", "session.end", "tour.order", "officer.change")
    await seal(rig)
    header = {"Authorization": f"Bearer {secret}"}
    whole = (await rig.browser().get(ADDRESS, **header)).json()
    assert {one["action"].split(".")[0] for one in whole["events"]} <= ABOUT
    assert "session.end" in {one["action"] for one in whole["events"]}
    assert whole["next"] > max(one["sequence"] for one in whole["events"])
    rest = (await rig.browser().get(f"{ADDRESS}?after={whole['next']}", **header)).json()
    assert rest == {"events": [], "next": whole["next"]}


async def test_who_may_read_the_audit_log_is_told_all_of_it(rig: Rig) -> None:
    scope = await rig.agency()
    secret = await token(rig, scope, "auditor")
    await write(rig, scope, "session.begin", "approval.decide", "officer.change")
    await seal(rig)
    header = {"Authorization": f"Bearer {secret}"}
    whole = (await rig.browser().get(f"{ADDRESS}?about=all", **header)).json()
    assert [one["action"] for one in whole["events"]][-3:] == ["session.begin", "approval.decide", "officer.change"]
    places = [one["sequence"] for one in whole["events"]]
    assert places == list(range(places[0], places[-1] + 1)), "a line was left out"
    assert {one["line"]["tenant_id"] for one in whole["events"]} == {str(scope.id)}
    access = (await rig.browser().get(f"{ADDRESS}?about=access", **header)).json()
    assert access == (await rig.browser().get(ADDRESS, **header)).json()
    assert [one for one in whole["events"] if one["action"].split(".")[0] in ABOUT] == access["events"]


@pytest.mark.parametrize("accept", ["application/json", LINES])
async def test_all_of_the_audit_log_is_refused_to_whom_it_is_closed(rig: Rig, accept: str) -> None:
    scope = await rig.agency()
    header = {"Authorization": f"Bearer {await token(rig, scope)}", "Accept": accept}
    await write(rig, scope, "approval.decide")
    await seal(rig)
    answer = await rig.browser().get(f"{ADDRESS}?about=all", **header)
    assert answer.status_code == 403
    assert "audit.read" in answer.json()["detail"]
    assert (await rig.browser().get(f"{ADDRESS}?about=some", **header)).status_code == 422


async def test_pages_of_two_lines_make_up_the_whole(rig: Rig) -> None:
    scope = await rig.agency()
    secret = await token(rig, scope)
    await write(rig, scope, *["session.begin", "officer.change"] * 5)
    await seal(rig)
    found, after = list[int](), 0
    while page := await pull(rig, secret, after, 2):
        assert len(page) <= 2
        found += [one["sequence"] for one in page]
        after = found[-1]
    assert found == [one["sequence"] for one in await pull(rig, secret)]
    assert len(found) == len(set(found)) > 5


async def test_pulls_miss_and_double_no_line_while_others_write_and_seal(rig: Rig) -> None:
    scope, lines = await rig.agency(), 40
    secret = await token(rig, scope)
    other = Database(rig.platform.database.target, rig.platform.database.settings)

    async def writer(name: str) -> None:
        for _ in range(lines):
            await write(rig, scope, f"session.{name}", "officer.change", database=other)
            await seal_all(other, rig.platform.clock)

    seen: list[tuple[int, str]] = []
    writers = asyncio.gather(writer("begin"), writer("end"))
    try:
        while not writers.done():
            seen += [(one["sequence"], one["action"]) for one in await pull(rig, secret, seen[-1][0] if seen else 0, 7)]
        await writers
        await seal_all(other, rig.platform.clock)
        while page := await pull(rig, secret, seen[-1][0] if seen else 0, 7):
            seen += [(one["sequence"], one["action"]) for one in page]
    finally:
        await other.close()
    actions = [action for _, action in seen]
    assert (actions.count("session.begin"), actions.count("session.end")) == (lines, lines)
    assert [place for place, _ in seen] == sorted({place for place, _ in seen})
    assert seen == [(one["sequence"], one["action"]) for one in await pull(rig, secret)]


async def test_nobody_reads_what_happened_in_another_scope(rig: Rig) -> None:
    own, foreign = await rig.agency(), await rig.agency()
    secrets = {scope.id: await token(rig, scope) for scope in (own, foreign)}
    await write(rig, foreign, "session.begin")
    await seal(rig)
    for scope in (own, foreign):
        events = await pull(rig, secrets[scope.id])
        assert events
        assert {one["line"]["tenant_id"] for one in events} == {str(scope.id)}


@pytest.mark.parametrize(
    ("role", "status"),
    [("monitor", 200), ("administrator", 200), ("auditor", 200), ("coordinator", 403), ("privacy", 403)],
)
async def test_the_roles_that_watch_read_and_no_other(rig: Rig, role: str, status: int) -> None:
    header = {"Authorization": f"Bearer {await token(rig, await rig.agency(), role)}"}
    assert (await rig.browser().get(ADDRESS, **header)).status_code == status


async def test_who_watches_reads_nothing_else(rig: Rig) -> None:
    header = {"Authorization": f"Bearer {await token(rig, await rig.agency())}"}
    for address in ("/api/v1/seats", "/api/v1/service-accounts", "/api/v1/claim-rules", "/api/v1/step-up"):
        assert (await rig.browser().get(address, **header)).status_code == 403


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=1001", "after=9007199254740993"])
async def test_a_cursor_that_is_none_is_refused(rig: Rig, query: str) -> None:
    header = {"Authorization": f"Bearer {await token(rig, await rig.agency())}"}
    assert (await rig.browser().get(f"{ADDRESS}?{query}", **header)).status_code == 422


async def test_the_description_names_both_forms(rig: Rig) -> None:
    described = (await rig.browser().get("/api/openapi.json")).json()["paths"][ADDRESS]["get"]
    content = described["responses"]["200"]["content"]
    assert content[LINES]["schema"] == {"$ref": "#/components/schemas/SecurityEvent"}
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/SecurityEvents"}
    assert {one["name"] for one in described["parameters"]} == {"after", "limit", "about"}


def test_whatever_the_rooms_of_access_log_is_told() -> None:
    found = {
        name
        for path in Path(auth.__file__).parent.rglob("*.py")
        for name in SEARCHED.findall(re.sub(r"\(\s+", "(", path.read_text(encoding="utf-8")))
    }
    assert {"session", "seat", "api_token", "claim_rule"} <= found
    assert found <= ABOUT, "name these in auth/security_events/service.py"
