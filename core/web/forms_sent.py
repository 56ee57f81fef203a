"""A form that came in: its token checked first, then its values, version and file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from core.context import Ctx
from core.errors import Fault, Invalid
from core.text import t
from core.use_cases import intake
from core.use_cases.declaration import UseCase
from core.web import protection
from core.web.bodies import MULTIPART_TYPE, gathered, read_form
from core.web.forms_kinds import kinds_of
from core.web.incoming import Incoming, Pairs
from core.web.problems import StaleForm
from core.web.uploads import read_upload

if TYPE_CHECKING:
    from core.documents.storing import Again
    from core.web.pages import Post

TOKEN = "_token"  # noqa: S105 - the name of a field
VERSION = "_version"
ON = "_on"
LONGEST_VERSION = 15
EARLIEST = date(1989, 1, 1)
"""Before the first mission nothing was true."""

In = TypeVar("In", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form held.

    ``values`` by field, the ``key`` that makes a double click harmless, the ``version`` that
    was seen, ``faults`` that were met on the way, and the civil date from which it is true. ``pairs``
    is all of it as it came, a file as its document's id, what must not be seen concealed.
    """

    values: dict[str, Any]
    key: str | None = None
    version: int | None = None
    faults: tuple[Fault, ...] = ()
    on: date | None = None
    pairs: Pairs = field(default_factory=list)

    def read(self, case: UseCase[In, Any], ctx: Ctx) -> In:
        """Return the use case's input.

        Raises ``Invalid`` with these faults and all that are found, of what could be read too, in the form's order.
        """
        found: list[Iterable[Fault]] = [self.faults]
        try:
            made = intake.read(case.input, self.values)
        except Invalid as invalid:
            found.append(invalid.faults)
        else:
            if not self.faults:
                return made
        if case.checks is not None:
            found.append(case.checks(ctx, intake.readable(case.input, self.values)))
        faults: list[Fault] = []
        for told in found:
            known = {fault.pointer for fault in faults}
            faults += [fault for fault in told if fault.pointer not in known]
        raise Invalid(intake.in_order(case.input, faults), case.input)


async def read_sent(post: Post, incoming: Incoming, ctx: Ctx, secret: bytes, again: Again) -> Sent:
    """Return what a form held; its file is kept by whoever the sender is ``again`` once it has come.

    Raises ``StaleForm``, ``TooLarge``, ``Malformed`` or ``WrongType``.
    """
    if incoming.headers.get("sec-fetch-site") == "cross-site":
        raise StaleForm
    if incoming.content_type == MULTIPART_TYPE and post.upload is not None:
        pairs, faults = await read_upload(post, incoming, ctx, lambda token: _nonce(secret, token), again)
    else:
        pairs, faults = await read_form(incoming), []
    nonce = _nonce(secret, next((value for name, value in pairs if name == TOKEN), ""))
    struct = post.use_case.input
    fields = [(name, value) for name, value in pairs if not name.startswith("_")]
    values = typed(struct, fields) if post.gather is None else dict(post.gather(ctx, incoming.params, fields))
    # The address names the scope one acts for; a field may be called so too and is not meant by it.
    values.update(
        {name: value for name, value in incoming.params.items() if name != "scope" and name in kinds_of(struct)}
    )
    key = protection.form_key(nonce, post.use_case.key, incoming.path)
    version, on = _version(pairs, faults), true_from(_first(pairs, ON), f"/{ON}", faults, post.use_case, ctx)
    kept = pairs if post.conceal is None else post.conceal(ctx, incoming.params, pairs)
    return Sent(values, key, version, tuple(faults), on, kept)


def _nonce(secret: bytes, token: str) -> bytes:
    nonce = protection.check_token(secret, token)
    if nonce is None:
        raise StaleForm
    return nonce


def true_from(given: str, pointer: str, faults: list[Fault], case: UseCase[Any, Any], ctx: Ctx) -> date | None:
    """Return the civil date from which a change is true, where the sender says one; a wrong one is a fault.

    A day ahead of everybody's today is wrong too: what has not happened is not true yet.
    """
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        faults.append(Fault(pointer, t("Enter a date that exists, as year-month-day: 2026-03-01.")))
        return None
    if case.undated and day != ctx.today:
        faults.append(Fault(pointer, t("This is true from today: another day cannot be given.")))
    elif not (earliest := earliest_of(case, ctx)) <= day <= ctx.today + timedelta(days=1):
        faults.append(Fault(pointer, t("Enter a day that has come, and not before %(day)s.", day=earliest)))
    return day


def earliest_of(case: UseCase[Any, Any], ctx: Ctx) -> date:
    """Return the first day from which somebody may say today that ``case`` became true."""
    return max(EARLIEST, ctx.today - timedelta(days=case.backdated))


def _first(pairs: Pairs, name: str) -> str:
    return next((value.strip() for key, value in pairs if key == name), "")


def _version(pairs: Pairs, faults: list[Fault]) -> int | None:
    given = _first(pairs, VERSION)
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST_VERSION):
        faults.append(Fault("/", t("The form's version is not a number: open the page again.")))
        return None
    return int(given)


def typed(struct: type[msgspec.Struct], fields: Pairs) -> dict[str, Any]:
    """Return a form's fields by name as ``struct`` takes them; a box that is not ticked is a no."""
    values = gathered(struct, fields)
    return values | _unticked(struct, values)


def _unticked(struct: type[msgspec.Struct], values: dict[str, Any]) -> dict[str, bool]:
    """A browser sends nothing for a box that is not ticked: that is a no, whatever the default is."""
    boxes = [name for name, kind in kinds_of(struct).items() if kind.plain is bool]
    return {name: values.get(name) in ("on", "true", "1") for name in boxes}
