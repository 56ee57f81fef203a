"""The dossier as a page of the handbook, in either language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from auth.break_glass import halves
from auth.dossier import facts
from auth.dossier.reading import classes_read_by, purposes, read_beyond, read_by, rooms_read_by, secret_columns
from auth.matrix.deriving import declared
from auth.matrix.page import KINDS
from auth.member import codes
from auth.roles import ROLES
from core.context import SCOPE_KINDS, Language
from core.database.roles import AGENCY, DEPARTMENT, HEALTH, IDENTITY, MISSION, PLATFORM, PROGRAM, PUBLIC, WORKER
from core.database.tables import DataClass, TableClass
from core.settings import Settings
from core.text import Text, t
from core.tokens import SECRET_BYTES
from core.web.i18n import say

FILES: Mapping[Language, str] = {"en": "dossier.md", "fr": "dossier.fr.md"}
IN: Mapping[Language, str] = {"en": "In English", "fr": "En français"}
FOR: Mapping[str, Text] = {
    AGENCY: t("seats of agencies"),
    PROGRAM: t("seats of IPOB"),
    DEPARTMENT: t("seats of departments"),
    MISSION: t("a mission’s commander"),
    PLATFORM: t("seats of the operator"),
    HEALTH: t("health’s use cases of agencies"),
    PUBLIC: t("the public pages"),
    IDENTITY: t("the sign-in, before it is known who comes"),
    WORKER: t("the worker: the queue, and the seals of the audit log"),
}
START = (
    t(
        "For an agency’s security officer. This page is written by %(command)s from the models, the grants and the "
        "matrix of "
        "who may do what; a test compares it with them, and what is new and not explained here fails the build."
    ),
    t(
        "Each agency’s data are behind a wall in the database ([how](../isolation.md)); who may do what is told "
        "address by "
        "address and field by field in [the matrix](../%(matrix)s)."
    ),
)
MATRIX: Mapping[Language, str] = {"en": "authorization.md", "fr": "authorization.fr.md"}


class Writer:
    """Writes the dossier in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        declared()

    def say(self, text: Text | str) -> str:
        return say(text, self.language)

    def page(self) -> str:
        """Return the page as Markdown."""
        named = {"command": "`contingent access dossier --write docs/security`", "matrix": MATRIX[self.language]}
        other: Language = "fr" if self.language == "en" else "en"
        parts = [
            f"# {self.say(t('Security dossier'))}\n",
            f"[{IN[other]}]({FILES[other]})\n",
            *(f"{self.say(Text(one.id, named))}\n" for one in START),
        ]
        parts += [self.ways(), self.secrets(), self.tables(), self.people(), self.kept(), self.settings()]
        return "\n".join([*parts, self.libraries()])

    def ways(self) -> str:
        rows = [(self.say(one.between), self.say(one.what), self.say(one.protected)) for one in facts.WAYS]
        return self.part(t("Which ways data go"), (), (t("between"), t("what goes"), t("what protects it")), rows)

    def secrets(self) -> str:
        text = t(
            "Sealed: AES-256-GCM with a key of the scope’s own, derived (HKDF-SHA-256) from the installation’s field "
            "key; a "
            "sealed value opens only in the scope, table, column and row that it was sealed for. Secrets that are "
            "handed out are shown once and kept as a digest. Links, tokens and cookies have %(secret)s random bits, "
            "each half of a break-glass account has %(half)s and each printed code of member access %(code)s.",
            secret=SECRET_BYTES * 8,
            half=_bits(halves.DRAWN, halves.ALPHABET),
            code=_bits(codes.LENGTH, codes.ALPHABET),
        )
        kept = {name: facts.SECRETS[name] for name in sorted(secret_columns())} | dict(facts.OUTSIDE)
        rows = [
            (f"`{name}`", self.say(one.how), self.say(one.life), self.say(one.renewed)) for name, one in kept.items()
        ]
        heads = (t("secret"), t("kept as"), t("lasts"), t("renewed"))
        return self.part(t("Keys and secrets"), (text,), heads, rows)

    def tables(self) -> str:
        text = (
            t(
                "Each login reads these rows and no others; a dash: it has no grant. *own rows*: of the scope that the "
                "session acts for; *rows shown to it*: what the other side has released or published; *all rows*: of "
                "every scope; *some rows*: by a condition of that table."
            ),
            t("The first table is by class of table, the second by class of column."),
        )
        by_table = [self.role(role, {of.value: rows for of, rows in read_by(role).items()}, TableClass) for role in FOR]
        heads = (t("login"), t("works for"))
        first = self.part(
            t("What each login of the database reads"), text, (*heads, *(one.value for one in TableClass)), by_table
        )
        columns = [
            self.role(role, {of.value: rows for of, rows in classes_read_by(role).items()}, DataClass) for role in FOR
        ]
        crossing = [f"`{role}` – {names(crossed)}" for role in FOR if (crossed := read_beyond(role))]
        text_beyond = self.say(
            t("Columns of class *agency* or *secret* that a login reads beyond its own scope’s rows:")
        )
        beyond = f"{text_beyond} {'; '.join(crossing)}."
        return f"{first}\n{beyond}\n\n{self.table((*heads, *(one.value for one in DataClass)), columns)}"

    def role(self, role: str, found: Mapping[str, Sequence[Text]], classes: Iterable[str]) -> tuple[str, ...]:
        cells = (", ".join(self.say(one) for one in found.get(of, ())) or "–" for of in classes)
        return f"`{role}`", self.say(FOR[role]), *cells

    def people(self) -> str:
        text = t(
            "By role: of which rooms somebody is given fields that stay inside the scope (*agency*), fields that are "
            "shared, "
            "and results of health. A member sees what is their own alone."
        )
        rows = []
        for kind in SCOPE_KINDS:
            for key in ROLES[kind]:
                rooms = [
                    ", ".join(rooms_read_by(kind, key, of)) or "–"
                    for of in (DataClass.AGENCY, DataClass.SHARED, DataClass.HEALTH)
                ]
                rows.append((self.say(KINDS[kind]), f"`{key}`", *rooms))
        heads = (t("scope"), t("role"), t("agency"), t("shared"), t("health"))
        return self.part(t("What each role reads"), (text,), heads, rows)

    def kept(self) -> str:
        text = t(
            "What is not named here has no end that the platform sets: officers’ files, nominations, tours, returns "
            "and "
            "the audit log stay until the agency and IPOB decide. No login may change or delete a line of the log."
        )
        none = self.say(t("until somebody disposes of it"))
        rows = [
            (self.say(title), self.say(t("%(days)s days", days=days)) if days else none) for title, days in purposes()
        ]
        return self.part(t("How long files are kept"), (text,), (t("file"), t("kept")), rows)

    def settings(self) -> str:
        fields = Settings.__dataclass_fields__
        rows = [
            (
                f"`{fields[name].metadata['variable']}`",
                f"`{fields[name].default}`" if fields[name].default != "" else "–",
                self.say(text),
            )
            for name, text in facts.SETTINGS.items()
        ]
        return self.part(t("Settings that matter"), (), (t("variable"), t("default"), t("meaning")), rows)

    def libraries(self) -> str:
        text = t("Every package is installed from one lock file with its digest; no other build is accepted.")
        rows = [(f"`{name}`", version(name), self.say(text)) for name, text in facts.LIBRARIES.items()]
        return self.part(t("Libraries for cryptography"), (text,), (t("package"), t("version"), t("for")), rows)

    def part(
        self, title: Text, texts: Iterable[Text], heads: Sequence[Text | str], rows: Iterable[Sequence[str]]
    ) -> str:
        return "\n".join([f"## {self.say(title)}\n", *(f"{self.say(one)}\n" for one in texts), self.table(heads, rows)])

    def table(self, heads: Sequence[Text | str], rows: Iterable[Sequence[str]]) -> str:
        lines = ["| " + " | ".join(self.say(one) for one in heads) + " |", "|" + "---|" * len(heads)]
        return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def names(words: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in words)


def dossier(language: Language) -> str:
    """Return the security dossier in one language."""
    return Writer(language).page()


def _bits(signs: int, alphabet: str) -> int:
    """Return how many random bits a text of so many signs has, drawn from an alphabet; rounded down."""
    return int(signs * math.log2(len(alphabet)))
