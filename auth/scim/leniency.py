"""Bodies before the library reads them: what cannot be stored is refused, what Entra writes its own way is eased."""

from __future__ import annotations

import json
from typing import Any

from core.errors import Fault, Invalid, TooLarge
from core.text import t

DEEPEST = 16
MOST_OPERATIONS = 1000
"""Of one change: each looks at the whole resource."""
_SURROGATES = range(0xD800, 0xE000)


def storable(value: str) -> bool:
    """Say whether PostgreSQL can hold ``value``: no NUL, and no half of a surrogate pair."""
    return "\0" not in value and not any(ord(one) in _SURROGATES for one in value)


def eased(body: bytes) -> bytes:
    """Return ``body`` as the library understands it; what is no JSON stays as it is, for the library to refuse.

    Entra takes a member out of a group by ``{"$ref": null, "value": "…"}``
    (https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups,
    "Remove Members"); the library would look for a member without ``$ref``, find none and leave them in.

    Raises ``Invalid`` for text that cannot be stored and for nesting beyond all need, ``TooLarge`` for a change of
    too many operations.
    """
    try:
        document = json.loads(body)
    except ValueError:
        return body
    except RecursionError:
        raise _too_deep() from None
    _look_into(document, 1)
    operations = _operations(document)
    if len(operations) > MOST_OPERATIONS:
        raise TooLarge(t("One change has at most %(most)s operations: send these in several.", most=MOST_OPERATIONS))
    removals = [one for one in operations if str(one.get("op")).lower() == "remove"]
    for one in removals:
        if isinstance(one.get("value"), list):
            one["value"] = [_without_nothing(entry) for entry in one["value"]]
    return json.dumps(document).encode() if removals else body


def _operations(document: Any) -> list[dict[str, Any]]:
    found = document.get("Operations") if isinstance(document, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _without_nothing(entry: Any) -> Any:
    return {key: value for key, value in entry.items() if value is not None} if isinstance(entry, dict) else entry


def _look_into(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if not storable(value):
            raise Invalid([Fault("/", t("This contains a character that cannot be stored: type the text again."))])
    elif isinstance(value, (dict, list)):
        if depth > DEEPEST:
            raise _too_deep()
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _look_into(str(key), depth + 1)
            _look_into(inner, depth + 1)


def _too_deep() -> Invalid:
    return Invalid([Fault("/", t("The body is nested too deeply."))])
