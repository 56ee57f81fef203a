"""A use case, declared once.

``@use_case(permission=…, input=Struct, output=Struct)`` in a room's ``service.py`` is the
only place that says what may be done. The guard, the OpenAPI entry, the row of the
authorization matrix, the form and the error pointers are derived from it::

    @use_case(permission=CALL_WRITE, input=CallIn, output=CallOut, scopes={"program"})
    async def create_call(work: Work, data: CallIn) -> CallOut:
        '''Draft a call for nominations.'''
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

import msgspec

from core.context import Actor, Ctx, ScopeKind
from core.errors import Fault, Invalid, Refused
from core.text import Text, t
from core.use_cases.conflicts import note_touched, refuse_touched
from core.use_cases.step_up import require_step_up

if TYPE_CHECKING:
    from core.hooks.types import Transition
    from core.use_cases.work import Work

In = TypeVar("In", bound=msgspec.Struct)
Out = TypeVar("Out")

Body = Callable[["Work", In], Awaitable[Out]]
Before = Callable[[Ctx, In], Awaitable[Any]]
Describe = Callable[[Ctx, In, date], Awaitable["Transition | None"]]
Around = Callable[[Ctx], AbstractAsyncContextManager[Any]]
Checks = Callable[[Ctx, Mapping[str, Any]], Iterable[Fault]]
Cases = Callable[["Work", In, Any], Awaitable[Collection[UUID]]]

NOW, A_MONTH, A_YEAR, EVER = 0, 31, 366, 20_000
"""Days back: what is entered late, from paper or the field, and what is entered as history."""

BY_PERSON = t("A person does this, signed in: behind a program is whoever holds its token.")

DECLARED: dict[str, UseCase[Any, Any]] = {}
"""Every use case by ``room.name``; filled as the rooms are imported."""


class Nothing(msgspec.Struct, frozen=True):
    """The input or output of a use case that takes or gives none."""


class ById(msgspec.Struct, frozen=True):
    """The input of a use case that needs only the subject's id."""

    id: str


@dataclass(frozen=True, slots=True)
class UseCase(Generic[In, Out]):
    """What a person or a token can do.

    ``scopes``: the kinds of scope whose seats may do it. ``reads``: it changes nothing and
    runs in a read-only transaction. ``looks``: the kinds of scope whose readers leave a record of
    what they were shown (``record_look`` with another scope, ``Work.saw`` in one's own), so that its transaction
    may write that. ``quiet``: it changes only what
    nobody but the actor ever sees, and needs no line in the log. ``health``: it runs on the
    health role's pool.
    ``backdated``: how many days back somebody outside may say that it became true: ``NOW`` for
    what is true from the moment it is done, as a vote or a deadline met is.
    ``narrowed``: in words, what else must hold where the permission alone is not enough to be let in.
    ``step_up``: the action before which a scope may ask its people to prove anew who they are
    (``core.use_cases.step_up``).
    ``in_person``: only a person does it, for it opens a way in or is a word that somebody stands behind: behind a
    program is whoever holds its token. In words, where a person does it. It has no address on the API.
    ``shown_once``: its answer holds a secret that is shown this once, so that no answer is stored for a repeated call:
    that one is refused, and told in these words what to do instead.
    ``forgets``: it keeps nothing of what it is told and answers, not even a digest under the call's idempotency key:
    sent again, it answers anew.
    ``cases``: which cases it is about (``core.use_cases.conflicts``), told from the input, and in an agency from
    the output, too.
    ``checks``: what is wrong with single fields, told from those that could be read (by name, with what the others
    are where nothing is given). It is asked where the input cannot be read whole, so that whoever sent it is told
    every fault at once; the body raises the same, with what it finds besides.
    ``before``: asks hooks with no transaction open; what it returns is ``work.decided`` in the body. It is asked
    once for a call with an idempotency key, however often that is sent, unless the body raises ``Moved``.
    ``transition``: tells which step of a lifecycle it would take, so that plugins may refuse it first
    (``core.use_cases.authorizing``); ``None`` where the step is not possible, which the body says. Steps that
    ask plugins (``Transition.asks``) can be taken by no other use case of an agency.
    ``around``: what is open around the transaction, ``work.around`` in the body: it ends once the transaction is
    committed, and learns of it if that fails.
    """

    name: str
    room: str
    permission: str
    input: type[In]
    output: Any
    body: Body[In, Out]
    scopes: frozenset[ScopeKind]
    reads: bool = False
    looks: frozenset[ScopeKind] = frozenset()
    quiet: bool = False
    health: bool = False
    backdated: int = A_MONTH
    narrowed: Text | None = None
    step_up: str | None = None
    in_person: Text | None = None
    shown_once: Text | None = None
    forgets: bool = False
    cases: Cases[In] | None = None
    checks: Checks | None = None
    before: Before[In] | None = None
    transition: Describe[In] | None = None
    around: Around | None = None

    @property
    def undated(self) -> bool:
        """Whether nobody can say another day than today."""
        return self.backdated == NOW

    @property
    def key(self) -> str:
        """The use case's name across rooms: ``missions.create_call``."""
        return f"{self.room}.{self.name}"

    def records(self, kind: ScopeKind) -> bool:
        """Say whether a caller in a scope of ``kind`` leaves a record of having read."""
        return kind in self.looks

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (self.body.__doc__ or self.name).strip().splitlines()[0]

    def require_person(self, actor: Actor) -> None:
        """Raise ``Refused`` for a program where only a person may."""
        if self.in_person is not None and actor.kind != "person":
            raise Refused(BY_PERSON, self.in_person)

    async def __call__(self, work: Work, data: In) -> Out:
        """Run inside ``work``'s open transaction, once permission, step-up and conflicts of interest are checked."""
        work.require(self.permission, at_all=True)
        self.require_person(work.ctx.actor)
        work.assurance = require_step_up(work.ctx.actor, self.step_up) or work.assurance
        kind = work.ctx.scope.kind
        if self.cases is not None and kind == "program":
            await refuse_touched(work, await self.cases(work, data, None))
        try:
            result = await self.body(work, data)
        except Invalid as wrong:
            wrong.about = wrong.about or self.input
            raise
        if self.cases is not None and kind == "agency":
            await note_touched(work, await self.cases(work, data, result))
        return result


def use_case(
    *,
    permission: str,
    input: type[In],  # noqa: A002 - reads as what it is at every declaration
    output: Any,
    scopes: set[ScopeKind] | frozenset[ScopeKind] = frozenset({"agency"}),
    reads: bool = False,
    looks: set[ScopeKind] | frozenset[ScopeKind] = frozenset(),
    quiet: bool = False,
    health: bool = False,
    backdated: int = A_MONTH,
    narrowed: Text | None = None,
    step_up: str | None = None,
    in_person: Text | None = None,
    shown_once: Text | None = None,
    forgets: bool = False,
    cases: Cases[In] | None = None,
    checks: Checks | None = None,
    before: Before[In] | None = None,
    transition: Describe[In] | None = None,
    around: Around | None = None,
) -> Callable[[Body[In, Out]], UseCase[In, Out]]:
    """Declare a use case; see the module's docstring."""

    def declare(body: Body[In, Out]) -> UseCase[In, Out]:
        room = body.__module__.split(".")[-2]
        made = UseCase(
            name=body.__name__,
            room=room,
            permission=permission,
            input=input,
            output=output,
            body=body,
            scopes=frozenset(scopes),
            reads=reads or bool(looks),
            looks=frozenset(looks),
            quiet=quiet,
            health=health,
            backdated=backdated,
            narrowed=narrowed,
            step_up=step_up,
            in_person=in_person,
            shown_once=shown_once,
            forgets=forgets,
            cases=cases,
            checks=checks,
            before=before,
            transition=transition,
            around=around,
        )
        if DECLARED.setdefault(made.key, made) is not made:
            raise TypeError(f"use case {made.key} is declared twice: rename one")
        return made

    return declare
