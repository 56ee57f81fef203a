"""The JSON API: each route is a use case with an address; nothing else is said of it.

``Route("POST", "/missions/{id}/step", move_mission)`` takes the parts of the path, the query
and the body's members as the use case's input, and answers with its output. ``ETag`` is the
output's ``version``, ``If-Match`` the version the caller saw, ``Idempotency-Key`` makes
repeating a call harmless.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from core.database.quick import quick_session
from core.database.sessions import tenant_session
from core.errors import Fault, Forbidden, NotFound, Unauthenticated
from core.limits.policies import FAILED_TOKEN, api_limit
from core.text import t
from core.use_cases.declaration import Nothing, UseCase
from core.use_cases.execution import execute
from core.use_cases.step_up import require_step_up
from core.use_cases.work import Work
from core.web.bodies import GIVEN_TWICE, escaped, gathered, read_json
from core.web.callers import StillIn
from core.web.forms_kinds import kinds_of
from core.web.forms_sent import Sent, true_from
from core.web.incoming import JSON_LIMIT, Incoming
from core.web.languages import preferred
from core.web.pages import PARAMETER
from core.web.problems import Malformed
from core.web.replies import JSON, PRIVATE, reply
from core.web.wording import holds_text, worded

if TYPE_CHECKING:
    from litestar.response.base import ASGIResponse
    from sqlalchemy.ext.asyncio import AsyncSession

    from core.context import Ctx
    from core.web.callers import Caller, Credential
    from core.web.site import Site

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
PREFIX = "/api/v1"
LINES = "application/x-ndjson"
VARY = ("vary", "Authorization, Accept-Language")
ETAG = re.compile(r'(?:W/)?"(\d{1,15})"\Z')


@dataclass(frozen=True, slots=True)
class Route:
    """A use case with an address below ``/api/v1``; ``status`` is that of its success."""

    method: Method
    pattern: str
    use_case: UseCase[Any, Any]
    status: int = 200
    quick: bool = False
    """The use case reads through ``core.database.reading`` alone and shows nothing whose reading is recorded."""
    limit: int = JSON_LIMIT
    """Bytes of a body."""
    lines: str = ""
    """The list in the output whose members are sent one a line to whoever takes ``application/x-ndjson``."""

    def __post_init__(self) -> None:
        named = {field.encode_name for field in msgspec.structs.fields(self.use_case.input)}
        unknown = set(PARAMETER.findall(self.pattern)) - named
        if unknown:
            raise TypeError(f"{self.pattern}: {self.use_case.key} has no input called {', '.join(sorted(unknown))}")
        if self.use_case.reads != (self.method == "GET"):
            raise TypeError(f"{self.method} {self.pattern}: GET is for what reads, and only that: {self.use_case.key}")


async def answer(site: Site, route: Route, incoming: Incoming) -> ASGIResponse:
    """Answer one call of the API. Raises the ``ContingentError`` that refuses it.

    A token that is refused counts for where it comes from, whatever was wrong with it: guessing has an end.
    """
    try:
        return await _answered(site, route, incoming)
    except Unauthenticated:
        if "authorization" in incoming.headers:
            incoming.note_allowance(await site.limiter.allow(FAILED_TOKEN, incoming.network))
        raise


async def _answered(site: Site, route: Route, incoming: Incoming) -> ASGIResponse:
    credential = site.callers.credential(incoming.headers, {}, None)
    if credential is None:
        raise Unauthenticated(t("Send a token: Authorization: Bearer ctg_…"))
    try:
        scope = await site.scope(credential.slug)
    except NotFound:
        raise Unauthenticated(t("This token is not valid, or has ended.")) from None
    incoming.note_scope(scope)
    ctx = site.before_caller(scope, preferred(incoming.headers.get("accept-language")), incoming.request_id)
    looks = route.use_case.records(scope.kind)
    if route.quick and not looks:
        async with quick_session(ctx) as quick:
            result = await _read(site, route, incoming, _work(ctx, quick), credential)
    elif route.use_case.reads and not route.use_case.health and not looks:
        async with tenant_session(ctx, read_only=True) as session:
            result = await _read(site, route, incoming, _work(ctx, session), credential)
    else:
        async with tenant_session(ctx, read_only=True) as session:
            caller = await _caller(site, ctx, session, credential)
        ctx = site.wire(replace(ctx, actor=caller.actor))
        await _let_in(site, route, incoming, ctx)
        sent = _asked(route, incoming) if route.use_case.reads else await _sent(route, incoming, ctx)
        data = sent.read(route.use_case, ctx)
        still = StillIn(site.callers, scope, credential, caller)
        result = await execute(route.use_case, ctx, data, on=sent.on, key=sent.key, expected=sent.version, still=still)
    return _made(route, incoming, result, ctx)


def _work(ctx: Ctx, session: Any) -> Work:
    return Work(ctx, session, ctx.today, ctx.clock.now())


async def _read(site: Site, route: Route, incoming: Incoming, work: Work, credential: Credential) -> Any:
    """Find the caller, check, and read: all in the one transaction of ``work``."""
    caller = await _caller(site, work.ctx, work.session, credential)
    work.ctx = site.wire(replace(work.ctx, actor=caller.actor))
    await _let_in(site, route, incoming, work.ctx)
    return await route.use_case(work, _asked(route, incoming).read(route.use_case, work.ctx))


async def _caller(site: Site, ctx: Ctx, session: AsyncSession, credential: Credential) -> Caller:
    caller = await site.callers.caller(session, ctx.scope, credential)
    if caller is None:
        raise Unauthenticated(t("This token is not valid, or has ended."))
    return caller


async def _let_in(site: Site, route: Route, incoming: Incoming, ctx: Ctx) -> None:
    """Check the caller and count the call, for all calls alike that come to an address of their scope's kind."""
    if ctx.scope.kind not in route.use_case.scopes:
        raise NotFound
    incoming.note_allowance(await site.limiter.allow(api_limit(site.settings), f"{ctx.scope.slug}/{ctx.actor.id}"))
    if not ctx.actor.may_at_all(route.use_case.permission):
        raise Forbidden(route.use_case.permission)
    require_step_up(ctx.actor, route.use_case.step_up)


def _asked(route: Route, incoming: Incoming) -> Sent:
    """Return the input of a GET: the query and the path's parts."""
    faults: list[Fault] = []
    values = _merged(gathered(route.use_case.input, incoming.query), incoming, faults)
    return Sent(values, key=_key(incoming), version=_expected(incoming), faults=tuple(faults))


async def _sent(route: Route, incoming: Incoming, ctx: Ctx) -> Sent:
    """Return the input of a change: the query, the body and the path's parts.

    The reserved member ``on`` is the civil date from which the change is true.
    """
    faults: list[Fault] = []
    query = gathered(route.use_case.input, incoming.query)
    body = await read_json(incoming, faults, route.limit)
    faults += [Fault(f"/{escaped(name)}", GIVEN_TWICE) for name in body if name in query]
    values = _merged(query | body, incoming, faults)
    given = None if takes_on(route) else values.pop("on", None)
    on = true_from("" if given is None else str(given), "/on", faults, route.use_case, ctx)
    return Sent(values, _key(incoming), _expected(incoming), tuple(faults), on)


def _merged(values: dict[str, Any], incoming: Incoming, faults: list[Fault]) -> dict[str, Any]:
    for name, value in incoming.params.items():
        if name in values and values[name] != value:
            faults.append(Fault(f"/{name}", t("The address gives another value: leave it out of the body.")))
        values[name] = value
    return values


def takes_on(route: Route) -> bool:
    """Say whether the input itself has a field ``on``; elsewhere that member is the day a change is true from."""
    return "on" in kinds_of(route.use_case.input)


def _key(incoming: Incoming) -> str | None:
    return incoming.headers.get("idempotency-key") or None


def _expected(incoming: Incoming) -> int | None:
    given = incoming.headers.get("if-match", "").strip()
    if not given or given == "*":
        return None
    found = ETAG.match(given)
    if found is None:
        raise Malformed(t('If-Match takes the ETag of an earlier answer, such as "3".'))
    return int(found[1])


def takes_lines(accept: str) -> bool:
    """Say whether a caller names the media type of lines among what it takes."""
    return any(one.split(";")[0].strip().lower() == LINES for one in accept.split(","))


def _made(route: Route, incoming: Incoming, result: Any, ctx: Ctx) -> ASGIResponse:
    headers = [("cache-control", PRIVATE), VARY]
    version = getattr(result, "version", None)
    if isinstance(version, int):
        headers.append(("etag", f'"{version}"'))
    if result is None or isinstance(result, Nothing):
        status = 204 if route.status == 200 else route.status
        return reply(incoming, b"", JSON, status=status, headers=headers)
    if holds_text(route.use_case.output):
        result = worded(result, ctx.language, ctx.scope.zone)
    if route.lines:
        headers.append(("vary", "Accept"))
        if takes_lines(incoming.headers.get("accept", "")):
            body = b"".join(msgspec.json.encode(one) + b"\n" for one in getattr(result, route.lines))
            return reply(incoming, body, LINES, headers=headers)
    return reply(incoming, msgspec.json.encode(result), JSON, status=route.status, headers=headers)
