"""The handbook's page of who may do what, written from the matrix, in either language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import get_args

from auth.matrix.cells import SEATED, Address, Cell, Surface
from auth.matrix.deriving import addresses, cells, declared, in_order, kinds_of, state_cells, steps
from auth.matrix.entrances import ENTRANCES
from auth.matrix.exceptions import APART, HANDED_OUT, WITHHELD
from auth.matrix.fields import Field, class_in, field_cells, fields, givers
from auth.matrix.who import SCREENS, WAYS, held
from auth.roles import BY_LINK, EVERYBODY, ROLES
from core.context import SCOPE_KINDS, Language, ScopeKind
from core.database.tables import DataClass
from core.text import Text, t
from core.use_cases.declaration import DECLARED
from core.use_cases.lifecycle import LIFECYCLES, Lifecycle, Transition
from core.web.i18n import say
from core.web.routes import PREFIX
from core.web.site import Addresses

KINDS: dict[ScopeKind, Text] = {
    "agency": t("An agency"),
    "program": t("IPOB"),
    "department": t("A department"),
    "mission": t("A mission’s commander"),
    "platform": t("The operator"),
}
APART_FROM = t("not on a case that they worked on for a service")
COMMAND = {"en": "docs/authorization.md", "fr": "docs/authorization.fr.md --language fr"}
START = (
    t(
        "This page is written by %(command)s; a test compares the two. It is derived from the use cases, the pages "
        "and the roles that the code declares. Other tests ask the whole application for every cell: what the guard "
        "answers over HTTP, what the use case answers when it is called without it, as whom and for whose rows the "
        "database is asked, in each state of a life, and what stands in each field of the answers. They agree with "
        "this page."
    ),
    t(
        "A role stands for all there is in its scope; *own* after it means only what belongs to the officer in the "
        "seat: somebody else’s is refused or is not there. An address of another kind of scope is not there for "
        "anybody. Another scope’s rows are not there either: that is [the wall](isolation.md), and no role reaches "
        "through it. Whoever is not signed in is sent to sign in by a page and answered 401 by the API. A token has "
        "the roles that it was given and no seat: nothing is its own, and what “whoever is signed in” may is not for "
        "it. Nobody acts for IPOB on a case that they, as the same person in another seat, worked on for a service, or "
        "that is about them: where that may come up, the column says so. Addresses of the API stand below %(prefix)s, "
        "pages and forms below %(inside)s."
    ),
)
FIELDS = (
    t(
        "Each column of the database has a class, and a field that is given out has the class of the column it comes "
        "from; one without a class fails the build. *Public* fields are not named here: keys, states, days and what "
        "is published. *Shared* goes to IPOB under the sharing contract. *Agency* stays inside the scope whose rows "
        "they are: outside it the field is empty or not there. *Health* leaves through health’s own use "
        "cases alone. A *secret* is handed out to whoever makes or delivers it, and to nobody who reads."
    ),
    t(
        "A test fills every table with values that name their column, lets each role read every address, and follows "
        "each value to the field in which it arrives."
    ),
)


WAYS_IN = (
    t(
        "The tables above are of people who have signed in, on pages and in forms, and of programs with a token, on "
        "the API. Here stands what a token of each role opens, and what is open to whoever has no role or has come in "
        "otherwise than by signing in. Tests let each of them really come, compare what they hold with this page, and "
        "try every address as each of them."
    ),
    t(
        "What only a person does, such as deciding on a case or inviting somebody, has no address on the API. Of what "
        "has one, a rule may keep single things from a program, such as giving a role in which roles are given: the "
        "answer says where a person does it."
    ),
)


class Writer:
    """Writes one page in one language."""

    def __init__(self, site: Addresses, language: Language) -> None:
        self.site, self.language = site, language
        self.made = list(cells(site))

    def say(self, text: Text | str) -> str:
        return say(text, self.language)

    def page(self) -> str:
        """Return the page as Markdown."""
        command, inside = f"`contingent access matrix --write {COMMAND[self.language]}`", "`/{language}/{scope}`"
        start = [
            self.say(Text(one.id, {"command": command, "prefix": f"`{PREFIX}`", "inside": inside})) for one in START
        ]
        parts = [f"# {self.say(t('Who may do what'))}\n", *(f"{one}\n" for one in start)]
        parts += [self.kind(kind) for kind in SCOPE_KINDS]
        parts += [self.ways(), self.health(), self.fields(), self.lives(), self.entrances(), self.count()]
        return "\n".join(parts)

    def kind(self, kind: ScopeKind) -> str:
        """Return what is read and done in scopes of ``kind``: one line for each room and permission."""
        roles = ", ".join(f"{self.say(role.title)} (`{key}`)" for key, role in ROLES[kind].items())
        here = [one for one in addresses(self.site) if kind in one.scopes]

        def line(one: Address) -> tuple[str, str, str]:
            limits = [self.say(Text(one.narrowed))] if one.narrowed else []
            limits += [self.say(APART_FROM)] if one.apart and kind == "program" else []
            return one.room.replace("_", "-"), one.permission or "", "; ".join(limits)

        rows = []
        for (room, permission, narrowed), group in groupby(sorted(here, key=line), key=line):
            found = list(group)
            who = self.who(kind, permission or None)
            if narrowed and who != self.say(t("nobody")):
                who = f"{who}; {narrowed}"
            api = [place(one) for one in found if one.surface == "api"]
            screens = [place(one) for one in found if one.surface != "api"]
            named = f"`{permission}`" if permission else "–"
            rows.append((room, named, who, "<br>".join(api) or "–", "<br>".join(screens) or "–"))
        heads = (t("room"), t("permission"), t("who"), t("API"), t("pages and forms"))
        title = f"## {self.say(KINDS[kind])}\n\n{self.say(t('Roles'))} – {roles}\n\n"
        return title + self.table(heads, rows)

    def who(self, kind: ScopeKind, *permissions: str | None) -> str:
        """Name the roles that one of ``permissions`` lets in."""
        if None in permissions or not EVERYBODY.isdisjoint(permissions):
            return self.say(t("whoever is signed in"))
        if not BY_LINK.isdisjoint(permissions):
            return self.say(t("whoever has come by a link, for that one thing"))
        named = []
        for key, role in ROLES[kind].items():
            if not role.permissions.isdisjoint(permissions):
                named.append(f"`{key}`")
            elif any(f"{one}:own" in role.permissions for one in permissions):
                named.append(f"`{key}` *{self.say(t('own'))}*")
        return ", ".join(named) or self.say(t("nobody"))

    def ways(self) -> str:
        """Return what a token of each role opens, and each way in without a role."""
        parts = [f"## {self.say(t('Tokens and other ways in'))}\n", *(f"{self.say(one)}\n" for one in WAYS_IN)]
        heads = (t("scope"), t("role"), t("a read-only token reads with"), t("any other token also changes with"))
        tokens = [self.token(kind, who) for kind in SCOPE_KINDS for who in ROLES[kind]]
        others = [self.way(SEATED, t("signed in, with no role"), kind) for kind in SCOPE_KINDS]
        screens = [(key, way) for key, way in WAYS.items() if way.surfaces == SCREENS]
        others += [self.way(key, way.title, kind) for key, way in screens for kind in in_order(way.kinds)]
        columns = (t("way in"), t("scope"), t("pages"), t("forms"))
        return "\n".join([*parts, self.table(heads, tokens), self.table(columns, others)])

    def token(self, kind: ScopeKind, who: str) -> tuple[str, ...]:
        """Return a line: with which permissions a token of the role reads, and with which it changes something."""
        open_ones = [cell.address for cell in self.opened(kind, who, "api")]
        reads = {str(one.permission) for one in open_ones if one.method == "GET"}
        changes = {str(one.permission) for one in open_ones if one.method != "GET"}
        return self.say(KINDS[kind]), f"`{who}`", codes(sorted(reads)) or "–", codes(sorted(changes)) or "–"

    def way(self, who: str, title: Text, kind: ScopeKind) -> tuple[str, ...]:
        """Return a line: to which pages and forms the way leads; where it gives what a role gives, to how many."""
        role = next((key for key in ROLES[kind] if held(kind, key) == held(kind, who)), None)
        found = []
        for surface in get_args(Surface)[1:]:
            own = f" *{self.say(t('own'))}*"
            cells_open = self.opened(kind, who, surface)
            named = [f"{place(one.address)}{own if one.relation == 'own' else ''}" for one in cells_open]
            text = t("what `%(role)s` may: %(number)s", role=role, number=len(named))
            found.append(self.say(text) if role else "<br>".join(named) or "–")
        return self.say(title), self.say(KINDS[kind]), *found

    def opened(self, kind: ScopeKind, who: str, surface: Surface) -> list[Cell]:
        """Return the cells that let ``who`` in on one surface."""
        return [
            one for one in self.made if one.allowed and (one.kind, one.who, one.address.surface) == (kind, who, surface)
        ]

    def health(self) -> str:
        cases = sorted((case for case in DECLARED.values() if case.health), key=lambda case: case.key)
        rows = [(f"`{case.key}`", f"`{case.permission}`", self.who("agency", case.permission)) for case in cases]
        text = t(
            "These alone run on the database’s role for health, which alone has a grant on tables with results of "
            "health. Nothing else has a way to those rows, whatever role asks."
        )
        heads = (t("use case"), t("permission"), t("who"))
        return f"## {self.say(t('Health’s side'))}\n\n{self.say(text)}\n\n{self.table(heads, rows)}"

    def fields(self) -> str:
        parts = [f"## {self.say(t('Fields'))}\n", *(f"{self.say(one)}\n" for one in FIELDS)]
        rows = []
        for output, group in groupby(fields(), key=lambda one: one.output):
            found = list(group)
            columns = [self.of_class(found, one) for one in (DataClass.AGENCY, DataClass.SHARED)]
            closed = self.of_class(found, DataClass.HEALTH, DataClass.SECRET)
            if any((*columns, closed)):
                cases = givers()[output]
                given = {case.permission for case in cases if case.reads} or {case.permission for case in cases}
                rows.append((output, codes(sorted(given)), *(one or "–" for one in (*columns, closed))))
        heads = (t("output"), t("read with"), t("agency"), t("shared"), t("health, secret"))
        parts.append(self.table(heads, rows))
        parts.append(self.say(t("What says something of health though its column does not:")) + "\n")
        apart = [(f"`{key}`", f"`{one.permission}`", codes(sorted(one.values))) for key, one in sorted(APART.items())]
        parts.append(self.table((t("field"), t("permission"), t("values that nobody else is given")), apart))
        parts.append(self.say(t("What names people or is in their words, and is empty for everybody else:")) + "\n")
        withheld = [(f"`{key}`", f"`{permission}`") for key, permission in sorted(WITHHELD.items())]
        parts.append(self.table((t("field"), t("permission")), withheld))
        return "\n".join(parts)

    def of_class(self, found: Sequence[Field], *classes: DataClass) -> str:
        """Name the fields of some classes; in italics those that are of another class outside agencies."""
        named = []
        for one in found:
            if one.data_class in classes:
                elsewhere = class_in(one, "program")
                crossing = f" (*{self.say(t('IPOB'))}*: {elsewhere})" if elsewhere is not one.data_class else ""
                once = f" (*{self.say(t('told to its maker'))}*)" if one.key in HANDED_OUT else ""
                named.append(f"{one.name}{crossing}{once}")
        return ", ".join(named)

    def lives(self) -> str:
        text = t(
            "Each step is possible from these states and for these roles; else it is refused, with what would allow it."
        )
        parts = [f"## {self.say(t('Steps of a life'))}\n\n{self.say(text)}\n"]
        for subject, life in sorted(LIFECYCLES.items()):
            rows = [row for one in life.transitions for row in self.step(life, one)]
            heads = (t("step"), t("from"), t("to"), t("permission"), t("who"))
            parts.append(f"### `{subject}`\n\n{self.table(heads, rows)}")
        return "\n".join(parts)

    def step(self, life: Lifecycle, one: Transition) -> Iterator[tuple[str, ...]]:
        sources = ", ".join(self.say(text) for state, text in life.states.items() if state in one.sources)
        who = "; ".join(f"{self.say(KINDS[kind])} – {self.who(kind, *one.permissions)}" for kind in kinds_of(one))
        yield self.say(one.title), sources, self.say(life.states[one.target]), codes(one.permissions), who

    def entrances(self) -> str:
        everything = self.say(t("all"))
        rows = [
            (
                f"`{one.pattern}`",
                ", ".join(one.methods) if len(one.methods) < 5 else everything,
                self.say(one.who),
                self.say(one.why),
            )
            for one in ENTRANCES
        ]
        text = t("No role is asked for here, for the reason that stands beside each.")
        heads = (t("address"), t("methods"), t("who comes"), t("why no role is asked for"))
        return f"## {self.say(t('Addresses that are no use case'))}\n\n{self.say(text)}\n\n{self.table(heads, rows)}"

    def count(self) -> str:
        made, lives, given = self.made, list(steps()), list(field_cells())
        rows = [
            (self.say(t("addresses, and entrances besides")), str(len(addresses(self.site))), str(len(ENTRANCES))),
            (
                self.cells(t("address, role or way in, and relation")),
                str(len(made)),
                str(sum(one.allowed for one in made)),
            ),
            (self.cells(t("step, state, role and relation")), str(len(lives)), str(sum(one.allowed for one in lives))),
            (self.cells(t("address and state of what it is about")), *self.states()),
            (self.cells(t("field and role")), str(len(given)), str(sum(one.allowed for one in given))),
        ]
        heads = (t("what"), t("how many"), t("of which allow"))
        return f"## {self.say(t('How much that is'))}\n\n{self.table(heads, rows)}"

    def states(self) -> tuple[str, str]:
        found = list(state_cells(self.site))
        return str(len(found)), str(sum(one.cell.allowed for one in found))

    def cells(self, what: Text) -> str:
        return self.say(t("cells of %(what)s", what=what))

    def table(self, heads: Sequence[Text], rows: Iterable[Sequence[str]]) -> str:
        lines = ["| " + " | ".join(self.say(one) for one in heads) + " |", "|" + "---|" * len(heads)]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join(lines) + "\n"


def page(language: Language = "en") -> str:
    """Return the handbook's page of who may do what."""
    return Writer(declared(), language).page()


def codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in words)


def place(address: Address) -> str:
    """Return method and address, without what all addresses of its surface begin with."""
    pattern = address.pattern.removeprefix(PREFIX).removeprefix("/{language}/{scope}")
    return f"`{address.method} {pattern or '/'}`"
