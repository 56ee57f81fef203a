"""Another agency's token is nobody's, and nothing of an agency is another's."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select

from auth.models import ApiToken
from auth.scim.leniency import DEEPEST
from auth.tokens import create_token
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import Invalid
from core.limits.buckets import Limit
from core.limits.policies import FAILED_TOKEN
from core.tokens import read_token, write_token
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, GROUP, PATCH, USER, Directory, directory_of, token_of

WAYS = [
    ("GET", "/Users", None),
    ("GET", "/ServiceProviderConfig", None),
    ("GET", "/Users/{id}", None),
    ("POST", "/Users", {"schemas": [USER], "userName": "intruder"}),
    ("POST", "/Users/.search", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}),
    ("PUT", "/Users/{id}", {"schemas": [USER], "userName": "intruder"}),
    ("PATCH", "/Users/{id}", {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False}}]}),
    ("DELETE", "/Users/{id}", None),
    ("GET", "/nowhere", None),
]


def told(answer: httpx2.Response) -> tuple[int, bytes, dict[str, str]]:
    """Return all of an answer but its number and the count of calls."""
    counted = {"x-request-id", "ratelimit"}
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k not in counted}


async def ended(rig: Rig, scope: Scope) -> str:
    token = await token_of(rig, scope)
    async with tenant_session(rig.ctx(scope)) as session:
        for row in await session.scalars(select(ApiToken)):
            row.revoked_at = rig.platform.clock.now()
    return token


async def test_no_wrong_foreign_and_ended_tokens_are_one_answer_on_every_way_in(rig: Rig) -> None:
    mine, other, gone = [await rig.agency() for _ in range(3)]
    own = await directory_of(rig, mine)
    user = await own.add("mine")
    foreign = await token_of(rig, other)
    read = read_token(foreign)
    assert read is not None
    wrong = {
        "none": "",
        "nonsense": "abc",
        "another agency's": foreign,
        "another agency's under this one's name": write_token(mine.slug, read[1]),
        "for the API": await token_of(rig, mine, "api", ("administrator",)),
        "ended": (await ended(rig, gone)).replace(gone.slug, mine.slug),
    }
    bare = Directory(own.client, "")
    for method, path, body in WAYS:
        rig.platform.clock.advance(timedelta(minutes=1))  # refused tokens are counted, and this is not about that
        where = path.replace("{id}", user["id"])
        nothing = told(await own.client.request(method, where))
        assert nothing[0] == 401
        assert nothing[2]["www-authenticate"].startswith("Bearer")
        for name, token in wrong.items():
            bare.token = token
            assert told(await bare.send(method, where, body)) == nothing, f"{method} {path}: {name}"
    assert await own.names() == ["mine"]


async def test_guessing_has_an_end_that_is_the_same_for_every_wrong_token(rig: Rig) -> None:
    mine, other = await rig.agency(), await rig.agency()
    own = await directory_of(rig, mine)
    wrong = [Directory(own.client, token) for token in ("", await token_of(rig, other), f"{own.token[:-4]}AAAA")]
    for count in range(FAILED_TOKEN.quota):
        answer = await wrong[count % 3].send("GET", "/Users")
        assert answer.status_code == 401
        assert answer.headers["ratelimit"].startswith(f'"failed-token";r={FAILED_TOKEN.quota - 1 - count};')
    refused = [await one.send("GET", "/Users") for one in wrong]
    assert {told(one)[:2] for one in refused} == {(429, refused[0].content)}
    assert int(refused[0].headers["retry-after"]) > 0
    assert (await own.send("GET", "/Users")).status_code == 200, "who has the token goes on"


async def test_a_directory_that_asks_too_often_waits_and_is_told_how_long(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auth.scim.endpoints.DIRECTORY", Limit("directory", quota=2))
    first, second = await directory_of(rig, await rig.agency()), await directory_of(rig, await rig.agency())
    answers = [await first.send("GET", "/Users") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"directory";r=1;')
    assert answers[2].headers["content-type"] == "application/scim+json"
    assert answers[2].json()["status"] == "429"
    assert (await second.send("GET", "/Users")).status_code == 200, "another agency has a bucket of its own"
    rig.platform.clock.advance(timedelta(seconds=int(answers[2].headers["retry-after"])))
    assert (await first.send("GET", "/Users")).status_code == 200


async def test_an_agency_that_is_not_there_answers_like_one_that_is(rig: Rig) -> None:
    scope = await rig.agency()
    token = await token_of(rig, scope)
    there = await directory_of(rig, scope, f"{token[:-4]}AAAA")
    nowhere = Directory(there.client, token.replace(scope.slug, "x"))
    address = "http://localhost:8000/t/x/scim/v2/Users"
    assert told(await there.send("GET", "/Users")) == told(await nowhere.send("GET", address))


async def test_a_token_ends_on_its_day_and_its_use_is_noted(rig: Rig) -> None:
    scope = await rig.agency()
    directory = await directory_of(rig, scope)
    assert await directory.names() == []
    await rig.parts.renewals.write(rig.platform.database)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        assert (await session.scalars(select(ApiToken.last_used_at))).one() == rig.platform.clock.now()
    rig.platform.clock.advance(timedelta(days=30))
    assert (await directory.send("GET", "/Users")).status_code == 401


async def test_a_directorys_token_opens_nothing_else(rig: Rig) -> None:
    scope = await rig.agency()
    directory = await directory_of(rig, scope)
    assert (await directory.send("GET", "http://localhost:8000/api/v1/seats")).status_code == 401


async def test_a_token_for_a_directory_has_no_role_and_is_an_agencys(rig: Rig) -> None:
    agency = await rig.platform.agency()
    for scope, roles, pointers in ((agency, ["auditor"], {"/roles"}), (rig.platform.program, [], {"/kind"})):
        async with tenant_session(rig.ctx(scope)) as session:
            with pytest.raises(Invalid) as refused:
                await create_token(session, rig.platform.clock, scope, name="x", roles=roles, days=1, kind="scim")
        assert {fault.pointer for fault in refused.value.faults} == pointers


async def test_another_agencys_account_is_one_that_never_was(rig: Rig) -> None:
    mine, other = await rig.agency(), await rig.agency()
    here, there = await directory_of(rig, mine), await directory_of(rig, other)
    user = await there.add("theirs", externalId="ext")
    never = "00000000-0000-7000-8000-00000000abcd"
    for method, path, body in WAYS:
        if "{id}" in path:
            asked = [await here.send(method, path.replace("{id}", key), body) for key in (user["id"], never)]
            assert asked[0].status_code == 404
            assert told(asked[0]) == told(asked[1])
    refused = [
        await here.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "g", "members": [{"value": key}]})
        for key in (user["id"], never)
    ]
    assert refused[0].status_code == 400
    assert refused[0].text.replace(user["id"], never) == refused[1].text
    assert await here.names('/Users?filter=externalId eq "ext"') == []
    assert (await here.add("theirs"))["userName"] == "theirs", "a name is taken within an agency only"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"schemas": ["%s"], "userName": "a\\u0000b"}' % USER.encode(), 400),
        (b'{"schemas": ["%s"], "userName": "a\\ud800"}' % USER.encode(), 400),
        (b'{"userName": ' + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1) + b"}", 400),
        (b"[" * 200_000, 400),
        (b"not json", 400),
        (b"\xff\xfe", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b'{"schemas": ["%s"]}' % USER.encode(), 400),
        (b'{"userName": "' + b"x" * 2**20 + b'"}', 413),
    ],
)
async def test_a_body_that_cannot_be_taken_is_refused_as_scim_says_it(rig: Rig, body: bytes, status: int) -> None:
    scope = await rig.agency()
    directory = await directory_of(rig, scope)
    answer = await directory.send("POST", "/Users", body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.json()["status"] == str(status)
    assert await directory.names() == []


@pytest.mark.parametrize(
    "asked",
    [
        'userName eq "\\u0000"',
        'userName eq "\\ud800"',
        'id eq "nonsense"',
        'id eq "00000000-0000-7000-8000-00000000abcd" or userName eq "nobody"',
        'displayName eq "nobody" and not (userName eq "ana")',
    ],
)
async def test_a_filter_that_matches_nothing_says_so(rig: Rig, asked: str) -> None:
    directory = await directory_of(rig, await rig.agency())
    await directory.add("ana")
    answer = await directory.client.get(
        "/Users", params={"filter": asked}, headers={"Authorization": f"Bearer {directory.token}"}
    )
    assert (answer.status_code, answer.json().get("totalResults")) == (200, 0)


@pytest.mark.parametrize(
    "asked",
    [
        'userName eq "ANA.Ünal@police.example"',
        'externalId eq "ext"',
        'displayName eq "ana ÜNAL"',
        'emails eq "ANA@police.example"',
        'emails.value eq "ana@police.example"',
        'emails[type eq "work"].value eq "Ana@police.example"',
        'emails[type eq "work" and value eq "ana@police.example"] and active eq true',
        f'{ENTERPRISE}:employeeNumber eq "e-1"',
    ],
)
async def test_whom_a_filter_names_exactly_is_found_among_any_number(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    directory = await directory_of(rig, await rig.agency())
    for place in range(3):
        await directory.add(f"other-{place}", displayName=f"Other {place}")
    await directory.add(
        "ana.ünal@police.example",
        schemas=[USER, ENTERPRISE],
        externalId="ext",
        displayName="Ana Ünal",
        emails=[{"type": "work", "value": "Ana@police.example"}],
        **{ENTERPRISE: {"employeeNumber": "E-1"}},
    )
    monkeypatch.setattr("auth.scim.storage.MOST_SEARCHED", 1)
    parameters = {"filter": asked}
    headers = {"Authorization": f"Bearer {directory.token}"}
    answer = await directory.client.get("/Users", params=parameters, headers=headers)
    assert (answer.status_code, answer.json().get("totalResults")) == (200, 1), answer.text
    broad = await directory.client.get("/Users", params={"filter": "userName pr"}, headers=headers)
    assert (broad.status_code, broad.json()["scimType"]) == (400, "tooMany")


async def test_the_same_name_at_the_same_moment_is_given_once(rig: Rig) -> None:
    scope = await rig.agency()
    directory = await directory_of(rig, scope)
    bodies = [{"schemas": [USER], "userName": name} for name in ("Ana", "ANA", "ana")]
    answers = await asyncio.gather(*(directory.send("POST", "/Users", body) for body in bodies))
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(AuditLine).where(AuditLine.action == "scim_user.add")
        assert len(list(await session.scalars(chosen))) == 1


async def test_members_added_at_the_same_moment_are_all_in(rig: Rig) -> None:
    directory = await directory_of(rig, await rig.agency())
    users = [(await directory.add(f"member-{place}"))["id"] for place in range(4)]
    group = (await directory.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"})).json()["id"]
    added = [
        {"schemas": [PATCH], "Operations": [{"op": "add", "path": "members", "value": [{"value": user}]}]}
        for user in users
    ]
    answers = await asyncio.gather(*(directory.send("PATCH", f"/Groups/{group}", body) for body in added))
    assert [one.status_code for one in answers] == [200] * 4
    kept = (await directory.send("GET", f"/Groups/{group}")).json()
    assert {one["value"] for one in kept["members"]} == set(users)
    assert kept["meta"]["version"] == 'W/"5"'
    await directory.send("DELETE", f"/Users/{users[0]}")
    kept = (await directory.send("GET", f"/Groups/{group}")).json()
    assert {one["value"] for one in kept["members"]} == set(users[1:])


async def test_who_saw_an_older_version_changes_nothing(rig: Rig) -> None:
    directory = await directory_of(rig, await rig.agency())
    user = await directory.add("ana")
    version = user["meta"]["version"]
    changed = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"title": "Sergeant"}}]}
    path = f"/Users/{user['id']}"
    assert (await directory.send("PATCH", path, changed, If_Match=version)).status_code == 200
    assert (await directory.send("DELETE", path, If_Match=version)).status_code == 412
    assert await directory.names() == ["ana"]


def test_a_process_that_no_directory_calls_has_not_loaded_pydantic() -> None:
    asked = "import sys, auth.parts, auth.commands; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
