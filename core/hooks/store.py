"""``ctx.store``: JSON documents of one plugin in one tenant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol, TypeAlias

import msgspec

from core.hooks.manifest import Manifest

LARGEST_DOCUMENT = 64 * 1024
"""Bytes of one document as JSON."""
MOST_DOCUMENTS = 100_000
"""Documents of one plugin in one tenant."""
LONGEST_KEY = 200
"""Characters of a key, and of a text that is searched by."""
MOST_FOUND = 1_000
"""Documents in one answer of ``find``."""
DEEPEST = 32
"""Lists and objects within one another in a document."""
WHOLE = range(-(2**63), 2**63)
"""Whole numbers that can be kept, and searched by."""

Value: TypeAlias = str | int | date


class Document(msgspec.Struct, frozen=True):
    """A stored document and its key."""

    key: str
    value: dict[str, Any]


class StoreRefused(Exception):
    """The store does not take or look for this; the message says why and what it takes."""


class Store(Protocol):
    """Documents by key. Deciding hooks may only read: ``put`` and ``delete`` raise ``StoreRefused`` there."""

    async def get(self, key: str) -> dict[str, Any] | None:
        """Return the document, or ``None``."""
        ...

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Write the document, replacing the one that has this key. At most 64 KB as JSON."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the document if there is one."""
        ...

    async def find(
        self,
        field: str | None = None,
        *,
        equals: Value | None = None,
        prefix: str | None = None,
        at_least: Value | None = None,
        below: Value | None = None,
        limit: int = 100,
    ) -> list[Document]:
        """Return documents whose ``field`` fits, by that field and then by key.

        ``field`` is one that the manifest declares in ``store_fields``; ``None`` searches by
        key. Give ``equals``, or ``prefix`` (text), or a range (``at_least``, ``below`` or
        both), or nothing for all that have the field. At most 1,000.
        """
        ...


class Query(msgspec.Struct, frozen=True):
    """A checked call of ``find``: a range from ``low`` on, up to ``high`` or below it."""

    field: str | None
    low: Value | None
    high: Value | None
    inclusive: bool
    """The range contains ``high``."""
    limit: int


KINDS: Mapping[str, type] = {"text": str, "int": int, "date": date}
"""What a field that the manifest declares as such a kind holds."""


def check_sought(
    field: str | None,
    *,
    equals: Value | None,
    prefix: str | None,
    at_least: Value | None,
    below: Value | None,
    limit: int,
) -> None:
    """Raise ``StoreRefused`` for what no search could be by, whatever the manifest declares."""
    if not (field is None or is_text(field)):
        raise StoreRefused("a field is named by text")
    for value in (equals, prefix, at_least, below):
        if value is None or type(value) is date:
            continue
        if type(value) is int:
            if value not in WHOLE:
                raise StoreRefused("a whole number to search by has at most 64 bits")
        elif not isinstance(value, str) or not is_text(value):
            raise StoreRefused(f"a store is searched by text, whole number or date, got {type(value).__name__}")
        elif len(value) > LONGEST_KEY:
            raise StoreRefused(f"a text to search by has at most {LONGEST_KEY} characters")
    if prefix is not None and not is_text(prefix):
        raise StoreRefused("what a text begins with is text")
    if type(limit) is not int:
        raise StoreRefused(f"a limit is a whole number, got {type(limit).__name__}")


def check_query(
    manifest: Manifest,
    field: str | None,
    *,
    equals: Value | None,
    prefix: str | None,
    at_least: Value | None,
    below: Value | None,
    limit: int,
) -> Query:
    """Return what to look for; raise ``StoreRefused`` for an undeclared field or a value of another kind."""
    check_sought(field, equals=equals, prefix=prefix, at_least=at_least, below=below, limit=limit)
    if field is not None and field not in manifest.store_fields:
        declared = ", ".join(manifest.store_fields) or "none"
        raise StoreRefused(f"field {field!r} is not in the manifest's store_fields ({declared})")
    kind = str if field is None else KINDS[manifest.store_fields[field]]
    for value in (equals, prefix, at_least, below):
        if value is not None and type(value) is not kind:
            raise StoreRefused(f"field {field or 'key'!r} is searched by {kind.__name__}, got {type(value).__name__}")
    if sum([equals is not None, prefix is not None, at_least is not None or below is not None]) > 1:
        raise StoreRefused("give one of equals, prefix and a range")
    limit = max(1, min(limit, MOST_FOUND))
    if equals is not None:
        return Query(field, equals, equals, inclusive=True, limit=limit)
    if prefix is not None:
        return Query(field, prefix, after_prefix(prefix), inclusive=False, limit=limit)
    return Query(field, at_least, below, inclusive=False, limit=limit)


def after_prefix(prefix: str) -> str | None:
    """Return the first text, by code points, after all that begin with ``prefix``; ``None``: there is none."""
    kept = prefix.rstrip(chr(0x10FFFF))
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)


def is_text(value: object) -> bool:
    """Say whether this is text that can be kept and sent: neither null characters nor halves of characters can."""
    if type(value) is not str or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_key(key: str) -> None:
    """Raise ``StoreRefused`` for a key that is empty, too long or not storable."""
    if not is_text(key) or not 0 < len(key) <= LONGEST_KEY:
        raise StoreRefused(f"a key is text of 1 to {LONGEST_KEY} characters")


def check_writable(*, writable: bool) -> None:
    """Raise ``StoreRefused`` in a hook that decides."""
    if not writable:
        raise StoreRefused("a hook that decides may only read the store")


def check_room(documents: int) -> None:
    """Raise ``StoreRefused`` where a plugin that keeps so many documents may not keep another."""
    if documents >= MOST_DOCUMENTS:
        raise StoreRefused(f"the store is full: at most {MOST_DOCUMENTS} documents")


def encode(value: Mapping[str, Any]) -> bytes:
    """Return the document as JSON; raise ``StoreRefused`` if it is none or too large.

    What JSON has no kind of becomes what stands for it there: a date its text, a struct an object.
    """
    try:
        plain = msgspec.to_builtins(value)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise StoreRefused(f"a document is JSON: {type(error).__name__}") from error
    if not isinstance(plain, dict):
        raise StoreRefused("a document is an object with names")
    _check_plain(plain, DEEPEST)
    encoded = msgspec.json.encode(plain)
    if len(encoded) > LARGEST_DOCUMENT:
        raise StoreRefused(f"the document has {len(encoded)} bytes, at most {LARGEST_DOCUMENT}")
    return encoded


def _check_plain(value: Any, deep: int) -> None:
    """Raise ``StoreRefused`` for what would not come back as it was given, or not from a sandbox."""
    if isinstance(value, dict | list | tuple):
        if not deep:
            raise StoreRefused(f"a document has at most {DEEPEST} lists and objects within one another")
        if isinstance(value, dict) and not all(map(is_text, value)):
            raise StoreRefused("a document is an object with names: every key is text, without null characters")
        for one in value.values() if isinstance(value, dict) else value:
            _check_plain(one, deep - 1)
    elif isinstance(value, str):
        if not is_text(value):
            raise StoreRefused("a document holds text without null characters and half characters")
    elif type(value) is int and value not in WHOLE:
        raise StoreRefused("a whole number in a document has at most 64 bits")


def decode(encoded: bytes) -> dict[str, Any]:
    """Return the document as it is kept."""
    return msgspec.json.decode(encoded, type=dict[str, Any])


def indexed(manifest: Manifest, value: Mapping[str, Any]) -> dict[str, Value]:
    """Return the declared fields that the document, as it is kept, has; raise ``StoreRefused`` for one of another kind.

    Text is searched by its first 200 characters.
    """
    found: dict[str, Value] = {}
    for name, kind in manifest.store_fields.items():
        given: Any = value.get(name)
        if given is None:
            continue
        if kind == "date" and isinstance(given, str):
            try:
                given = date.fromisoformat(given)
            except ValueError as error:
                raise StoreRefused(f"field {name!r} is declared as date, got {given!r}") from error
        fits = type(given) is KINDS[kind]
        if not fits:
            raise StoreRefused(f"field {name!r} is declared as {kind}, got {type(given).__name__}")
        found[name] = given[:LONGEST_KEY] if isinstance(given, str) else given
    return found
