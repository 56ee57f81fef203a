"""The handbook's page of who may do what, written from the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from auth.matrix.cells import Address, Surface
from auth.matrix.deriving import addresses, cells, declared, kinds_of, steps
from auth.matrix.entrances import ENTRANCES
from auth.roles import BY_LINK, EVERYBODY, ROLES
from core.context import SCOPE_KINDS, ScopeKind
from core.use_cases.declaration import DECLARED
from core.use_cases.lifecycle import LIFECYCLES, Lifecycle, Transition
from core.web.site import Addresses

KINDS: dict[ScopeKind, str] = {
    "agency": "An agency",
    "program": "IPOB",
    "department": "A department",
    "mission": "A mission's commander",
    "platform": "The operator",
}
SURFACES: dict[Surface, str] = {"api": "API", "page": "page", "form": "form"}
START = """\
# Who may do what

This page is written by `contingent access matrix --write docs/authorization.md`; a test compares the two. It is derived
from the use cases, the pages and the roles that the code declares. Another test asks the whole application for every
cell: what the guard answers over HTTP, what the use case of a route or form answers when it is called without it, and
as whom and for whose rows the database is asked. They agree with this page.

**How to read it.** A role stands for all there is in its scope; *own* after it means only what belongs to the
officer in the seat, and that somebody else's is refused or is not there. An address of another kind of scope is not
there for anybody. Another scope's rows are not there either: that is [the wall](isolation.md), and no role reaches
through it. Whoever is not signed in is sent to sign in by a page and answered 401 by the API. A token has the roles
that it was given. Nobody acts for IPOB on a case that they, as the same person in another seat, worked on for a
service, or that is about them: where that may come up, the last column says so.
"""


def page() -> str:
    """Return the page as Markdown."""
    site = declared()
    parts = [START, *(_of_kind(site, kind) for kind in SCOPE_KINDS), _health(), _lives(), _entrances(), _count(site)]
    return "\n".join(parts)


def _of_kind(site: Addresses, kind: ScopeKind) -> str:
    roles = ", ".join(f"{role.title.id} (`{key}`)" for key, role in ROLES[kind].items())
    lines = [f"## {KINDS[kind]}\n", f"Roles: {roles}.\n"]
    here = sorted((one for one in addresses(site) if kind in one.scopes), key=lambda one: one.room)
    for room, group in groupby(here, key=lambda one: one.room):
        rows = [_row(one, kind) for one in group]
        lines.append(f"### {room.replace('_', ' ').replace('-', ' ').capitalize()}\n")
        lines.append(_table(("where", "address", "permission", "who"), rows))
    return "\n".join(lines)


def _row(address: Address, kind: ScopeKind) -> tuple[str, str, str, str]:
    who = _who(kind, address.permission)
    narrowed = f"; {address.narrowed}" if address.narrowed else ""
    if address.apart and kind == "program":
        narrowed += "; not on a case that they worked on for a service"
    place = f"`{address.method} {address.pattern.removeprefix('/{language}/{scope}') or '/'}`"
    return SURFACES[address.surface], place, f"`{address.permission}`" if address.permission else "–", who + narrowed


def _who(kind: ScopeKind, permission: str | None) -> str:
    if permission is None or permission in EVERYBODY:
        return "whoever is signed in"
    if permission in BY_LINK:
        return "whoever has come by a link, for that one thing"
    named = []
    for key, role in ROLES[kind].items():
        if permission in role.permissions:
            named.append(f"`{key}`")
        elif f"{permission}:own" in role.permissions:
            named.append(f"`{key}` *own*")
    return ", ".join(named) or "nobody"


def _health() -> str:
    cases = sorted((case for case in DECLARED.values() if case.health), key=lambda case: case.key)
    rows = [(f"`{case.key}`", case.summary, f"`{case.permission}`", _who("agency", case.permission)) for case in cases]
    text = (
        "## Health's side\n\n"
        "These alone run on the database's role for health, which alone has a grant on tables with results of health. "
        "Nothing else has a way to those rows, whatever role asks.\n"
    )
    return f"{text}\n{_table(('use case', 'what it does', 'permission', 'who'), rows)}"


def _lives() -> str:
    lines = [
        "## Steps of a life\n",
        "Each step is possible from these states and for these roles; else it is refused, with what would allow it.\n",
    ]
    for subject, life in sorted(LIFECYCLES.items()):
        rows = [row for one in life.transitions for row in _step(life, one)]
        lines.append(f"### {subject.replace('_', ' ').capitalize()}\n")
        lines.append(_table(("step", "from", "to", "permission", "who"), rows))
    return "\n".join(lines)


def _step(life: Lifecycle, one: Transition) -> Iterator[tuple[str, ...]]:
    sources = ", ".join(str(text.id) for state, text in life.states.items() if state in one.sources)
    who = "; ".join(f"{KINDS[kind]}: {_who(kind, one.permission)}" for kind in kinds_of(one))
    yield one.title.id, sources, life.states[one.target].id, f"`{one.permission}`", who


def _entrances() -> str:
    rows = [
        (f"`{one.pattern}`", ", ".join(one.methods) if len(one.methods) < 5 else "all", one.who, one.why)
        for one in ENTRANCES
    ]
    return (
        "## Addresses that are no use case\n\nNo role is asked for here, for the reason that stands beside each.\n\n"
        + _table(("address", "methods", "who comes", "why no role is asked for"), rows)
    )


def _count(site: Addresses) -> str:
    made, lives = list(cells(site)), list(steps())
    kinds = ", ".join(f"{sum(cell.kind == kind for cell in made)} {kind}" for kind in SCOPE_KINDS)
    return (
        "## How much that is\n\n"
        f"{len(addresses(site))} addresses and {len(ENTRANCES)} entrances; {len(made)} cells of address, role and "
        f"relation ({kinds}), of which {sum(cell.allowed for cell in made)} allow; {len(lives)} cells of step, state, "
        f"role and relation, of which {sum(step.allowed for step in lives)} allow.\n"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
