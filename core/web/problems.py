"""Errors as RFC 9457 problem documents, and the errors that only the edge can meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from litestar.exceptions import HTTPException

from core.errors import ContingentError, Fault, Forbidden, Invalid, NotFound, TooLarge, TooMany, Unauthenticated
from core.text import Text, t
from core.use_cases.fields import declared_field

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"


class Malformed(ContingentError):
    """The body or address cannot be read at all."""

    status = 400
    slug = "malformed"


class TooSlow(ContingentError):
    """The body did not come to its end in the time there is for it; ``minutes`` says how long that is."""

    status = 408
    slug = "too-slow"

    def __init__(self, minutes: int) -> None:
        super().__init__(
            t("What you sent had not arrived in full after %(minutes)s minutes. Nothing was saved.", minutes=minutes),
            t("Send it once more where the connection is better, or make the file smaller."),
        )


class WrongMethod(ContingentError):
    """The address exists, the method does not."""

    status = 405
    slug = "wrong-method"

    def __init__(self, allowed: str) -> None:
        super().__init__(t("This address does not take this method. It takes: %(methods)s.", methods=allowed))
        self.allowed = allowed


class WrongType(ContingentError):
    """The body has a content type that this address does not read."""

    status = 415
    slug = "wrong-content-type"


class WrongHost(ContingentError):
    """The request names a host that this is not."""

    status = 421
    slug = "wrong-host"

    def __init__(self) -> None:
        super().__init__(t("This server does not answer under that name."))


class StaleForm(ContingentError):
    """The form's token is missing, or belongs to another session."""

    status = 403
    slug = "stale-form"

    def __init__(self) -> None:
        super().__init__(
            t("This form is not valid any more: it belongs to another session, or was not made here."),
            t("Open the page again and send it once more. Nothing was saved."),
        )


class Internal(ContingentError):
    """Something failed that should not: what is shown says nothing of it."""

    status = 500
    slug = "internal"

    def __init__(self) -> None:
        super().__init__(
            t("Something failed on our side. Nothing was saved."),
            t("Try again; if it fails again, give the request number to the operator."),
        )


TITLES = {
    "changed-meanwhile": t("It changed in the meantime"),
    "internal": t("Something failed on our side"),
    "invalid-input": t("The input cannot be accepted"),
    "malformed": t("The request cannot be read"),
    "not-found": t("Not found"),
    "not-permitted": t("Your roles do not allow this"),
    "not-signed-in": t("Sign in first"),
    "refused": t("A rule forbids this now"),
    "stale-form": t("The form is not valid any more"),
    "step-up-needed": t("Prove once more who you are"),
    "too-large": t("Too large"),
    "too-many-requests": t("Too many requests"),
    "too-slow": t("Too slow in coming"),
    "unavailable": t("Something this needs does not answer"),
    "wrong-content-type": t("Wrong content type"),
    "wrong-host": t("Wrong host name"),
    "wrong-method": t("Wrong method"),
}
"""The stable title of each kind of problem, by slug."""


MEANINGS = {
    "changed-meanwhile": t(
        "Somebody changed the record after you read it, or the idempotency key was used for another request. "
        "Read it again and repeat what is still right."
    ),
    "internal": t("A fault of the platform. Nothing was saved; the operator finds it by the request number."),
    "invalid-input": t(
        "At least one field is wrong. “errors” names every fault at its JSON pointer; nothing was saved."
    ),
    "malformed": t(
        "The body or the address is not what it claims to be: broken JSON, text that is not UTF-8, a cut-off upload."
    ),
    "not-found": t("There is nothing at this address, or it belongs to somebody else: the two are never told apart."),
    "not-permitted": t("The caller is known and lacks the permission that “permission” names."),
    "not-signed-in": t("No token was sent, or it has ended or was withdrawn."),
    "refused": t("The state of things does not allow this step now. “remedy” says what would."),
    "stale-form": t("The form’s one-time token is missing or belongs to another session."),
    "step-up-needed": t(
        "The service asks that a person has just proved who they are before this is done: it is done on the page."
    ),
    "too-large": t("The body or file is over its limit. It was not read to its end."),
    "too-many-requests": t("The caller asked too often. “Retry-After” says in how many seconds to ask again."),
    "too-slow": t("The body took longer to arrive than there is time for. Nothing was saved."),
    "unavailable": t("Something this needs is not answering. Ask again in a moment."),
    "wrong-content-type": t("The address does not read bodies of this content type."),
    "wrong-host": t("The request names a host that this server does not serve."),
    "wrong-method": t("The address does not take this method; “Allow” lists those it takes."),
}
"""What each kind of problem means, by slug."""


def kinds() -> list[type[ContingentError]]:
    """Return every kind of problem there is, by slug."""
    found: dict[str, type[ContingentError]] = {}
    waiting = list(ContingentError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.setdefault(kind.slug, kind)
    return [found[slug] for slug in sorted(found)]


def problem_of(error: Exception) -> ContingentError:
    """Return the error a person may see for whatever was raised."""
    if isinstance(error, ContingentError):
        return error
    if isinstance(error, HTTPException):
        return _from_http(error)
    return Internal()


def _from_http(error: HTTPException) -> ContingentError:
    if error.status_code == NotFound.status:
        return NotFound()
    if error.status_code == WrongMethod.status:
        return WrongMethod((error.headers or {}).get("allow", ""))
    if error.status_code == TooLarge.status:
        return TooLarge(t("This is larger than what is accepted here."))
    if error.status_code < Internal.status:
        return Malformed(t("The request cannot be read."))
    return Internal()


def document(error: ContingentError, translate: Callable[[str], str], request_id: str = "") -> dict[str, Any]:
    """Return ``error`` as the members of a problem document, in the language of ``translate``."""
    made: dict[str, Any] = {
        "type": TYPE_PREFIX + error.slug,
        "title": TITLES[error.slug].render(translate),
        "status": error.status,
        "detail": error.text.render(translate),
    }
    if error.remedy is not None:
        made["remedy"] = error.remedy.render(translate)
    if isinstance(error, Invalid):
        made["errors"] = [{"pointer": one.pointer, "detail": one.text.render(translate)} for one in error.faults]
    if isinstance(error, Forbidden):
        made["permission"] = error.permission
    if request_id and error.status >= Internal.status:
        made["request"] = request_id
    return made


def named(faults: Sequence[Fault], struct: type[msgspec.Struct] | None) -> list[Text]:
    """Return what each fault says, with what the entry of ``struct`` is called that it is about."""
    fields = {one.encode_name: declared_field(one.type) for one in msgspec.structs.fields(struct)} if struct else {}
    said = []
    for fault in faults:
        about = fields.get(fault.pointer.strip("/").partition("/")[0])
        said.append(fault.text if about is None else t("%(field)s: %(fault)s", field=about.label, fault=fault.text))
    return said


def encoded(error: ContingentError, translate: Callable[[str], str], request_id: str = "") -> bytes:
    """Return the problem document as JSON."""
    return msgspec.json.encode(document(error, translate, request_id))


def headers_of(error: ContingentError) -> Mapping[str, str]:
    """Return the headers that belong to this kind of problem."""
    if isinstance(error, WrongMethod) and error.allowed:
        return {"allow": error.allowed}
    if isinstance(error, TooMany):
        return {"retry-after": str(error.retry_after), **error.limits}
    if isinstance(error, Unauthenticated):
        return {"www-authenticate": 'Bearer realm="contingent"'}
    if isinstance(error, TooSlow):
        return {"connection": "close"}  # What is left of the body is nobody's next request.
    return {}


def too_large(limit: int) -> TooLarge:
    """Return the refusal of a body over ``limit`` bytes."""
    megabytes = f"{limit / 2**20:g}"
    return TooLarge(t("This is larger than the %(limit)s MB that are accepted here.", limit=megabytes))
