"""States and transitions as data, and the one function that moves a row along them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec

from core.context import Actor
from core.errors import Fault, Forbidden, Invalid, Refused
from core.text import Text, t
from core.use_cases.authorizing import require_permit
from core.use_cases.fields import field
from core.use_cases.work import Work


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The input of every use case that moves a subject along its lifecycle."""

    id: str
    step: Annotated[str, field(t("Step"), widget="hidden", longest=40)]
    reason: Annotated[str | None, field(t("Reason"), widget="area", longest=2000)] = None


class Transition(msgspec.Struct, frozen=True):
    """One way from a state to another: who may (``permission``), and whether it needs a reason.

    ``also`` is another permission that is enough: of those outside the scope who may do it too.
    """

    name: str
    title: Text
    sources: frozenset[str]
    target: str
    permission: str
    needs_reason: bool = False
    allowed_when: Text | None = None
    """What must be true first, in words: part of the refusal and of the diagram."""
    also: str | None = None
    asks: bool = False
    """Plugins of the agency that takes it may refuse it (``authorize_transition``)."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """Each of which is enough."""
        return (self.permission, self.also) if self.also else (self.permission,)

    def open_to(self, actor: Actor, *, owner: UUID | None = None) -> bool:
        """Say whether ``actor`` has what the step asks for; ``owner`` is whom the row concerns."""
        return any(actor.may(one, owner=owner) for one in self.permissions)


LIFECYCLES: dict[str, Lifecycle] = {}
"""Every lifecycle by its subject; filled as the rooms are imported."""


class Lifecycle(msgspec.Struct, frozen=True):
    """The states of one kind of subject and the transitions between them."""

    subject: str
    states: Mapping[str, Text]
    initial: str
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        if LIFECYCLES.setdefault(self.subject, self) is not self:
            raise TypeError(f"the life of a {self.subject} is declared twice: rename one")

    def find(self, name: str) -> Transition:
        """Return the transition called ``name``; raise ``Invalid`` naming those there are."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        names = [transition.name for transition in self.transitions]
        raise Invalid([Fault("/step", t("Choose one of: %(choices)s.", choices=names))])

    def offered(self, state: str, actor: Actor, *, owner: UUID | None = None) -> list[Transition]:
        """Return what ``actor`` may do from ``state``, in the declared order."""
        return [
            transition
            for transition in self.transitions
            if state in transition.sources and transition.open_to(actor, owner=owner)
        ]

    def way_to(self, name: str) -> Text:
        """Say from which states the transition ``name`` is possible."""
        sources = self.find(name).sources
        return t(
            "It is possible from: %(states)s.", states=[text for state, text in self.states.items() if state in sources]
        )


async def move(
    work: Work,
    row: Any,
    lifecycle: Lifecycle,
    name: str,
    *,
    reason: str | None = None,
    owner: UUID | None = None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Move ``row`` by the transition ``name``: check, write, audit and emit, all in ``work``.

    The event is ``{subject}_changed``. Raises ``Forbidden``, ``Refused`` (with what would
    allow it), ``Invalid`` (a reason is missing), ``Conflict``, or ``Moved`` where plugins that may
    refuse the step were not asked about it as it is by now.
    """
    transition = lifecycle.find(name)
    if not transition.open_to(work.ctx.actor, owner=owner):
        raise Forbidden(transition.permission)
    work.check_version(row)
    if row.state not in transition.sources:
        raise Refused(
            t(
                "“%(step)s” is not possible now: the state is “%(state)s”.",
                step=transition.title,
                state=lifecycle.states[row.state],
            ),
            lifecycle.way_to(name),
        )
    if transition.asks and work.ctx.scope.kind == "agency":
        require_permit(work, (lifecycle.subject, row.id), name, source=row.state)
    if transition.needs_reason and not (reason or "").strip():
        raise Invalid([Fault("/reason", t("Fill this in. It is kept with the change."))])
    before = {"state": row.state} | {key: getattr(row, key) for key in changes or {}}
    row.state = transition.target
    for key, value in (changes or {}).items():
        setattr(row, key, value)
    await work.session.flush()
    subject = (lifecycle.subject, row.id)
    after = {"state": row.state, "on": work.on} | (changes or {})
    await work.audit(f"{lifecycle.subject}.{name}", subject, before=before, after=after, reason=reason)
    await work.emit(f"{lifecycle.subject}_changed", subject, tenant=row.tenant_id)
