"""Turning what came in (a form, JSON, a query) into an input struct: every fault at once."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec

from core.errors import Fault, Invalid
from core.secret import LONGEST_SECRET, Secret, made_of
from core.text import Text, t
from core.use_cases.fields import declared_field, settled

S = TypeVar("S", bound=msgspec.Struct)

LARGEST_NUMBER = 2**53 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Nobody was born before the one or plans beyond the other; days outside are slips of the hand."""
LONGEST_TEXT = 20_000
LONGEST_KEY = 80
LISTS = (list, tuple, frozenset, set)

_INSTANT = t("Enter an instant with its offset: 2026-03-01T09:00:00Z.")
_LENGTH = re.compile(r"length (<=|>=) (\d+)")
_BOUND = re.compile(r"`(?:int|float)` (<=|>=) (-?\d+)")


_OUT_OF_BOUNDS: dict[tuple[str, str], Text] = {
    ("characters", "<="): t("Use at most %(most)s characters."),
    ("characters", ">="): t("Use at least %(least)s characters."),
    ("entries", "<="): t("Enter at most %(most)s entries."),
    ("entries", ">="): t("Enter at least %(least)s entries."),
    ("number", "<="): t("Enter a number of at most %(most)s."),
    ("number", ">="): t("Enter a number of at least %(least)s."),
}


def read(struct: type[S], values: Mapping[str, Any]) -> S:
    """Return ``struct`` made from ``values``.

    Text is stripped, and an empty text counts as not given. Unknown keys are faults.
    Raises ``Invalid`` with all faults, each at its JSON pointer; nothing is half-made.
    """
    faults: list[Fault] = []
    made = _struct(struct, values, "", faults)
    if faults:
        raise Invalid(faults, struct)
    return made  # type: ignore[no-any-return]


def readable(struct: type[msgspec.Struct], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return of ``values`` what can be read, by field, and what a field that was not given is without.

    What cannot be read, and what must be given and is not, is left out.
    """
    given: dict[str, Any] = {}
    for key, field in _fields(struct).items():
        raw = _stripped(values.get(key))
        if raw is not None:
            faults: list[Fault] = []
            made = _value(field.type, raw, f"/{key}", faults)
            if not faults:
                given[field.name] = made
        elif field.default is not msgspec.NODEFAULT:
            given[field.name] = field.default
    return given


def in_order(struct: type[msgspec.Struct], faults: Iterable[Fault]) -> list[Fault]:
    """Return faults in the order of the struct's fields, which is that of its form; what is no field's comes first."""
    places = {key: place for place, key in enumerate(_fields(struct))}
    return sorted(faults, key=lambda fault: places.get(fault.pointer.strip("/").partition("/")[0], -1))


def refuse(faults: Iterable[Fault], struct: type[msgspec.Struct]) -> None:
    """Raise ``Invalid`` if there are faults, which are named in the order of the struct's fields."""
    if found := in_order(struct, faults):
        raise Invalid(found, struct)


def _struct(struct: type[Any], values: Any, pointer: str, faults: list[Fault]) -> Any:
    if not isinstance(values, Mapping):
        faults.append(Fault(pointer or "/", t("Expected an object with named fields.")))
        return None
    fields = _fields(struct)
    faults += [
        Fault(f"{pointer}/{_escaped(key)}", t("There is no such field here: remove it."))
        for key in values
        if key not in fields
    ]
    given: dict[str, Any] = {}
    for key, field in fields.items():
        raw = values.get(key)
        raw = raw if _plain(field.type) is Secret else _stripped(raw)
        if raw is None:
            if field.required:
                faults.append(Fault(f"{pointer}/{key}", _unticked(field.type) or t("Fill this in.")))
            continue
        given[field.name] = _value(field.type, raw, f"{pointer}/{key}", faults)
    if faults:
        return None
    try:
        return struct(**given)
    except Invalid as invalid:
        faults += [Fault(pointer + fault.pointer, fault.text) for fault in invalid.faults]
        return None
    except (ValueError, TypeError) as error:
        faults.append(Fault(pointer or "/", Text(str(error))))
        return None


_known: dict[type[Any], dict[str, msgspec.structs.FieldInfo]] = {}


def _fields(struct: type[Any]) -> dict[str, msgspec.structs.FieldInfo]:
    if struct not in _known:
        _known[struct] = {
            field.encode_name: msgspec.structs.replace(field, type=settled(field.type))
            for field in msgspec.structs.fields(struct)
        }
    return _known[struct]


def _escaped(key: Any) -> str:
    """Return a key as a step of a JSON pointer (RFC 6901), whatever was sent as a key."""
    sent = str(key)[:LONGEST_KEY].encode("utf-8", "replace").decode()
    return sent.replace("~", "~0").replace("/", "~1")


def _stripped(raw: Any) -> Any:
    if isinstance(raw, str):
        raw = raw.strip()
        return raw or None
    return raw


def _value(kind: Any, raw: Any, pointer: str, faults: list[Fault]) -> Any:
    plain = _plain(kind)
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        return _struct(plain, raw, pointer, faults)
    if plain is Secret:
        return _secret(raw, pointer, faults)
    if get_origin(plain) in LISTS and isinstance(raw, list):
        before = len(faults)
        raw = [_value(get_args(plain)[0], one, f"{pointer}/{index}", faults) for index, one in enumerate(raw)]
        if len(faults) > before:
            return None
        kind = _of_any(kind)
    unstorable = _unstorable(raw)
    if unstorable is not None:
        faults.append(Fault(pointer, unstorable))
        return None
    try:
        made = msgspec.convert(raw, kind, strict=not isinstance(raw, str))
    except msgspec.ValidationError as error:
        faults.append(Fault(pointer, _explain(plain, str(error))))
        return None
    naive = isinstance(made, datetime) and made.tzinfo is None
    fault = _INSTANT if naive else _unticked(kind) if made is False else _unstorable(made)
    if fault is not None:
        faults.append(Fault(pointer, fault))
    return made


def _secret(raw: Any, pointer: str, faults: list[Fault]) -> Secret | None:
    """Return a secret as it is, or made of the text that was given, of which not even a space is taken away."""
    if isinstance(raw, Secret):
        return raw
    if not isinstance(raw, str):
        faults.append(Fault(pointer, t("Enter this once more: it could not be read.")))
    elif len(raw) > LONGEST_SECRET:
        faults.append(Fault(pointer, t("Use at most %(most)s characters.", most=LONGEST_SECRET)))
    elif unstorable := _unstorable(raw):
        faults.append(Fault(pointer, unstorable))
    else:
        return made_of(raw)
    return None


def _unticked(kind: Any) -> Text | None:
    """Return what to say of a box that is not ticked, if it has to be."""
    about = declared_field(kind)
    return None if about is None else about.unticked


def _plain(kind: Any) -> Any:
    """Return the type without ``Annotated`` and ``| None``."""
    if hasattr(kind, "__metadata__"):
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        present = [argument for argument in get_args(kind) if argument is not type(None)]
        if len(present) == 1:
            return _plain(present[0])
    return kind


def _of_any(kind: Any) -> Any:
    """Return the type of a list without that of its entries, which are made one by one: left are its own bounds."""
    if hasattr(kind, "__metadata__"):
        return Annotated[(_of_any(get_args(kind)[0]), *kind.__metadata__)]
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return Union[tuple(_of_any(one) for one in get_args(kind))]  # noqa: UP007 - made of values, not written
    if origin in LISTS:
        return tuple[Any, ...] if origin is tuple else origin[Any]
    return kind


def _unstorable(raw: Any) -> Text | None:
    if isinstance(raw, str):
        if len(raw) > LONGEST_TEXT:
            return t("Use at most %(most)s characters.", most=LONGEST_TEXT)
        if "\x00" in raw or any(0xD800 <= ord(character) <= 0xDFFF for character in raw):
            return t("This contains a character that cannot be stored: type the text again.")
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and not abs(raw) <= LARGEST_NUMBER:
        return t("This number is too large.")  # nan and infinity too: they compare with nothing
    if isinstance(raw, date) and not FIRST_YEAR <= raw.year <= LAST_YEAR:
        return t("Enter a date from %(first)s to %(last)s.", first=str(FIRST_YEAR), last=str(LAST_YEAR))
    if isinstance(raw, Mapping):
        raw = [*raw.keys(), *raw.values()]
    if isinstance(raw, (list, tuple, set, frozenset)):
        return next((fault for fault in map(_unstorable, raw) if fault), None)
    return None


def _explain(kind: Any, message: str) -> Text:
    if match := _LENGTH.search(message) or _BOUND.search(message):
        of = "number" if match.re is _BOUND else "entries" if get_origin(kind) in LISTS else "characters"
        bound = int(match[2])
        return Text(_OUT_OF_BOUNDS[of, match[1]].id, {"most" if match[1] == "<=" else "least": bound})
    if get_origin(kind) is not None and all(isinstance(choice, str) for choice in get_args(kind)):
        return t("Choose one of: %(choices)s.", choices=", ".join(get_args(kind)))
    return {
        date: t("Enter a date that exists, as year-month-day: 2026-03-01."),
        datetime: _INSTANT,
        int: t("Enter a whole number."),
        bool: t("Answer yes or no."),
        UUID: t("This is not an identifier."),
        str: t("Expected text."),
    }.get(kind, t("This is not what is expected here."))
