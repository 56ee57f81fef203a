"""From a source's own columns to the canonical worker record; what is not mapped is dropped and counted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from core.agencies import Rank
from core.database.folding import fold
from core.text import Text, t

HEADINGS: dict[str, tuple[str, ...]] = {
    "employee_number": ("employee number", "employee no", "employee id", "badge", "matricule", "numero d employe",
                        "no d employe"),
    "external_id": ("external id", "hr id", "identifiant externe", "identifiant rh"),
    "given_name": ("given name", "first name", "prenom"),
    "family_name": ("family name", "last name", "surname", "nom", "nom de famille"),
    "preferred_name": ("preferred name", "prenom usuel"),
    "language": ("language", "langue"),
    "email": ("email", "e mail", "courriel"),
    "status": ("status", "statut", "etat"),
    "rank_code": ("rank", "rank code", "grade"),
    "unit": ("unit", "unite"),
    "post": ("position", "post", "poste", "fonction"),
    "supervisor_number": ("supervisor", "supervisor number", "superviseur", "matricule du superviseur"),
    "hire_date": ("hire date", "date of hire", "hired on", "date d embauche", "embauche"),
}  # fmt: skip
"""Headings by field, folded: lower case, no accents, words parted by one space."""

LABELS: dict[str, Text] = {
    "employee_number": t("Employee number"),
    "external_id": t("Number in the HR system"),
    "given_name": t("Given name"),
    "family_name": t("Family name"),
    "preferred_name": t("Name in use"),
    "language": t("Language"),
    "email": t("E-mail at work"),
    "status": t("Status"),
    "rank_code": t("Rank"),
    "unit": t("Unit"),
    "post": t("Post"),
    "supervisor_number": t("Employee number of the supervisor"),
    "hire_date": t("Hired on"),
}
"""What a reader calls each field."""

STATUSES = {
    "active": "active", "actif": "active", "active duty": "active", "en service": "active",
    "leave": "leave", "on leave": "leave", "conge": "leave", "en conge": "leave",
    "seconded": "seconded", "detache": "seconded", "detachee": "seconded",
    "suspended": "suspended", "suspendu": "suspended", "suspendue": "suspended",
    "retired": "retired", "retraite": "retired", "retraitee": "retired",
    "left": "left", "quitte": "left", "parti": "left", "partie": "left",
}  # fmt: skip
LANGUAGES = {"en": "en", "english": "en", "anglais": "en", "fr": "fr", "french": "fr", "francais": "fr"}
DEFAULTS = {"language": "en", "status": "active"}
"""What somebody new has where the file does not say; whoever is known keeps what they have."""

REQUIRED = ("employee_number", "given_name", "family_name", "rank_code")
LONGEST = 200
LONGEST_NUMBER = 40

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
_NUMBER = re.compile(r"[\w.\-/ ]{1,40}")


def folded(heading: str) -> str:
    """Return a heading in lower case, without accents, its words parted by one space."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", fold(heading)).split())


def columns_by_field(headings: Iterable[str]) -> dict[str, str]:
    """Return the source's column for each canonical field, by the names it may have."""
    known = {folded(heading): heading for heading in headings}
    found: dict[str, str] = {}
    for field, names in HEADINGS.items():
        for name in (field.replace("_", " "), *names):
            if folded(name) in known:
                found[field] = known[folded(name)]
                break
    return found


def employee_number(text: str | None) -> str:
    """Return a number as it is compared and stored: words parted by one space, nothing unprintable, not too long."""
    return " ".join(printable(text or "").split())[:LONGEST_NUMBER]


def printable(text: str) -> str:
    """Return a text of a file without what a database cannot keep, at most ``LONGEST`` characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST]


def read_record(
    raw: Mapping[str, str | None], ranks: Mapping[str, Rank], on: date
) -> tuple[dict[str, Any], list[Text]]:
    """Return the canonical values of one record, and every reason why it cannot be taken.

    ``on``: nobody was hired after this day.
    """
    values: dict[str, Any] = {}
    reasons: list[Text] = []
    for field, text in raw.items():
        plain = " ".join((text or "").split())
        if not plain:
            continue
        reason = _unusable(plain)
        if reason is not None:
            reasons.append(t("%(field)s: %(reason)s", field=LABELS[field], reason=reason))
            continue
        value, reason = _convert(field, plain, ranks)
        if field == "hire_date" and value is not None and value > on:
            reason = t("%(field)s: this day is in the future.", field=LABELS[field])
        if reason is not None:
            reasons.append(reason)
        else:
            values[field] = value
    said = {field for field in raw if (raw[field] or "").strip()}
    reasons += [t("%(field)s is missing.", field=LABELS[field]) for field in REQUIRED if field not in said]
    return values, reasons


def _unusable(text: str) -> Text | None:
    if len(text) > LONGEST:
        return t("longer than %(most)s characters.", most=LONGEST)
    if text[0] in "=@" or (text[0] in "+-" and not text[1:].replace(" ", "").isdigit()):
        return t("looks like a spreadsheet formula.")
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        return t("contains a control character.")
    if "�" in text:
        return t("contains a character in the wrong encoding: save the file as UTF-8.")
    return None


def _convert(field: str, text: str, ranks: Mapping[str, Rank]) -> tuple[Any, Text | None]:
    if field == "hire_date":
        return _date(text)
    if field == "status":
        status = STATUSES.get(folded(text))
        return status, None if status else t("The status “%(text)s” is unknown.", text=text)
    if field == "language":
        language = LANGUAGES.get(folded(text))
        return language, None if language else t("The language “%(text)s” is not English or French.", text=text)
    if field == "rank_code":
        return _rank(text, ranks)
    if field in ("employee_number", "supervisor_number") and not _NUMBER.fullmatch(text):
        return None, t("“%(text)s” is not an employee number.", text=text)
    return text, None


def _date(text: str) -> tuple[date | None, Text | None]:
    match = _ISO.fullmatch(text)
    if match:
        try:
            found = datetime(int(match[1]), int(match[2]), int(match[3])).date()  # noqa: DTZ001 - a civil date
        except ValueError:
            found = None
        if found and found.year >= 1940:
            return found, None
    return None, t("“%(text)s” is not a date: expected year-month-day.", text=text)


def _rank(text: str, ranks: Mapping[str, Rank]) -> tuple[str | None, Text | None]:
    wanted = folded(text)
    for code, rank in ranks.items():
        titles = (code, rank.title_en, rank.title_fr_masculine, rank.title_fr_feminine)
        if wanted in {folded(title) for title in titles}:
            return code, None
    return None, t("The rank “%(text)s” is not on your service’s ladder.", text=text)
