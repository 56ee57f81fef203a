"""Bodies: JSON for the API, forms for pages, and how their values meet an input struct."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from core.errors import Fault, Invalid
from core.text import t
from core.web.forms_kinds import kinds_of
from core.web.forms_nested import unfolded
from core.web.incoming import FORM_LIMIT, JSON_LIMIT, Incoming, Pairs, pairs_of
from core.web.problems import Malformed, WrongType

FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"
DEEPEST = 32
GIVEN_TWICE = t("This is given twice: once is enough.")


async def read_json(incoming: Incoming, faults: list[Fault], limit: int = JSON_LIMIT) -> dict[str, Any]:
    """Return the members of the JSON object in the body; an empty body has none.

    What no field may hold is added to ``faults``. Raises ``WrongType``, ``TooLarge``,
    ``Malformed`` or ``Invalid`` (not an object).
    """
    kind = incoming.content_type
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise WrongType(t("Send JSON, with the content type application/json."))
    body = await incoming.body(limit)
    if not body:
        return {}
    if not kind:
        raise WrongType(t("Send JSON, with the content type application/json."))
    try:
        made = msgspec.json.decode(body)
        # The strict reader above keeps the last of two members of one name and says nothing.
        members = json.loads(body, object_pairs_hook=_Members)
    except (msgspec.DecodeError, ValueError):
        raise Malformed(t("The body is not valid JSON.")) from None
    except RecursionError:
        raise Malformed(t("The body is nested too deeply.")) from None
    if not isinstance(made, dict):
        raise Invalid([Fault("/", t("Expected an object with named fields."))])
    _look_into(members, "", 1, faults)
    return made


class _Members(dict[str, Any]):
    """The members of a JSON object, and the names that it gives more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counted = Counter(name for name, _ in pairs) if len(pairs) > len(self) else {}
        self.twice = [name for name, count in counted.items() if count > 1]


def _look_into(value: Any, pointer: str, depth: int, faults: list[Fault]) -> None:
    """Find what no field may hold, however deep: PostgreSQL stores no NUL, and nesting has an end."""
    if isinstance(value, str):
        if "\x00" in value:
            faults.append(Fault(pointer, t("This contains a character that cannot be stored: type the text again.")))
    elif isinstance(value, (dict, list)):
        if depth > DEEPEST:
            raise Malformed(t("The body is nested too deeply."))
        if isinstance(value, _Members):
            faults += [Fault(f"{pointer}/{escaped(name)}", GIVEN_TWICE) for name in value.twice]
        items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            _look_into(inner, f"{pointer}/{escaped(key)}", depth + 1, faults)


def escaped(key: Any) -> str:
    """Return a key as a step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1").replace("\x00", "")


async def read_form(incoming: Incoming) -> Pairs:
    """Return the pairs of an urlencoded form. Raises ``WrongType``, ``TooLarge`` or ``Malformed``."""
    if incoming.content_type != FORM_TYPE:
        raise WrongType(t("Send the form as the page made it."))
    return pairs_of(await incoming.body(FORM_LIMIT))


def gathered(struct: type[msgspec.Struct], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the pairs by name as ``struct`` takes them: a list where the field is one, rows as objects.

    A name that comes twice for a single field stays a list, which the reader refuses.
    """
    pairs = list(pairs)
    if not pairs:
        return {}
    rows, pairs = unfolded(struct, pairs)
    kinds = kinds_of(struct)
    values: dict[str, Any] = dict(rows)
    for name, value in pairs:
        if name in kinds and kinds[name].plain is list:
            values.setdefault(name, [])
            if value.strip():
                values[name].append(value)
        elif name in values:
            given = values[name]
            values[name] = [*given, value] if isinstance(given, list) else [given, value]
        else:
            values[name] = value
    return values
