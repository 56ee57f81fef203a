"""Settings as they are kept, and as a plugin reads them: what is secret is kept apart, and put in where it is read.

A secret is named by its path, as its field in the form is: ``password``, or ``server/password`` within a group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from core.hooks.settings_schema import apart
from core.secret import Secret, made_of, withheld

Struct = type[msgspec.Struct]


@cache
def secret_paths(struct: Struct | None) -> tuple[str, ...]:
    """Return the path of each secret of a settings struct, in the order of its fields."""
    return tuple(_paths(struct, "")) if struct is not None else ()


def _paths(struct: Struct, above: str) -> Iterator[str]:
    for one in msgspec.structs.fields(struct):
        kind = apart(one.type).plain
        if kind is Secret:
            yield f"{above}{one.encode_name}"
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct) and not above:
            yield from _paths(kind, f"{one.encode_name}/")


def found_at(values: Any, path: str) -> tuple[bool, Any]:
    """Say whether ``values`` (by name) has something at ``path``, and what."""
    for step in path.split("/"):
        if not isinstance(values, Mapping) or step not in values:
            return False, None
        values = values[step]
    return True, values


def put_at(values: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return ``values`` with ``value`` at ``path``; what is no object on the way there stays as it is."""
    step, _, rest = path.partition("/")
    if not rest:
        return {**values, step: value}
    within = values.get(step, {})
    return {**values, step: put_at(within, rest, value) if isinstance(within, Mapping) else within}


def drop_at(values: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return ``values`` without what is at ``path``."""
    step, _, rest = path.partition("/")
    if not rest:
        return {name: value for name, value in values.items() if name != step}
    within = values.get(step)
    return {**values, step: drop_at(within, rest)} if isinstance(within, Mapping) else dict(values)


def without_secrets(struct: Struct | None, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept without what is a secret by now: an older version may have kept it as a setting."""
    shown = dict(kept)
    for path in secret_paths(struct):
        shown = drop_at(shown, path)
    return shown


def stored(settings: msgspec.Struct) -> dict[str, Any]:
    """Return settings as they are kept and shown: by name, and without anything secret."""
    kept: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=lambda _: None, order="deterministic")
    return without_secrets(type(settings), kept)


def read_struct(struct: Struct, kept: Mapping[str, Any], secrets: Mapping[str, Secret] | None = None) -> Any:
    """Return the struct made of what is kept, and of its secrets by path; raise ``msgspec.ValidationError``.

    Only tests have a secret among ``kept`` itself: they give it as text.
    """
    for path in secret_paths(struct):
        if secrets and path in secrets:
            kept = put_at(kept, path, secrets[path])
    return msgspec.convert(kept, struct, dec_hook=_as_secret)


def _as_secret(kind: Any, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return made_of(value)
    if kind is Secret and isinstance(value, Secret):
        return value
    raise ValueError("expected text")


def packed(settings: Any) -> bytes:
    """Return settings as they travel to a sandbox: of a secret, that it is set."""
    return msgspec.msgpack.encode(settings, enc_hook=_marked)


def unpacked(struct: Struct, travelled: bytes) -> Any:
    """Return settings as a plugin in a sandbox has them: a secret refuses to be revealed."""
    return msgspec.msgpack.decode(travelled, type=struct, dec_hook=lambda _kind, _mark: withheld())


def _marked(value: Any) -> bool:
    if isinstance(value, Secret):
        return True
    raise NotImplementedError(f"settings hold a {type(value).__name__}")
