"""A settings struct without its plugin's code: the same fields, types and words, no check and no default of its own.

Pages that must open whatever a plugin does read and show its settings through this.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from core.hooks.settings_schema import LISTS
from core.hooks.settings_values import without_secrets


@cache
def plain(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return the twin of ``struct``. A field whose default must be computed is ``None`` where it is not given."""
    fields = msgspec.structs.fields(struct)
    return msgspec.defstruct(
        struct.__name__,
        [_field(one) for one in fields],
        kw_only=True,
        frozen=True,
        rename={one.name: one.encode_name for one in fields},
        forbid_unknown_fields=struct.__struct_config__.forbid_unknown_fields,
    )


def fits(struct: type[msgspec.Struct] | None, stored: Any) -> bool:
    """Say whether what is stored can be read as ``struct``, as far as its types and bounds go."""
    if struct is None:
        return True
    try:
        msgspec.convert(stored, plain(struct))
    except msgspec.ValidationError:
        return False
    return True


def usual_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the settings that a plugin begins with, as far as they are known without its code, and no secret."""
    return without_secrets(struct, msgspec.to_builtins(plain(struct)(), enc_hook=lambda _: None))


def item_of(struct: type[msgspec.Struct] | None, name: str) -> type[msgspec.Struct] | None:
    """Return the struct of the entries of the list ``name``, if it is a list of structs."""
    for one in msgspec.structs.fields(struct) if struct else ():
        if one.encode_name == name:
            return _item(one.type)
    return None


def _item(annotation: Any) -> type[msgspec.Struct] | None:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    inner = get_args(annotation)[:1] if hasattr(annotation, "__metadata__") else get_args(annotation)
    return next((found for found in map(_item, inner) if found), None)


def _field(one: Any) -> tuple[Any, ...]:
    kind = _plain(one.type)
    if one.default is not msgspec.NODEFAULT:
        return (one.name, kind, one.default)
    if one.default_factory in LISTS:  # what makes an empty one is no code of the plugin's
        return (one.name, kind, msgspec.field(default_factory=one.default_factory))
    return (one.name, kind) if one.required else (one.name, kind | None, None)


def _plain(annotation: Any) -> Any:
    if hasattr(annotation, "__metadata__"):
        return Annotated[(_plain(get_args(annotation)[0]), *annotation.__metadata__)]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return Union[tuple(_plain(one) for one in arguments)]  # noqa: UP007 - made of values, not written
    if origin in LISTS:
        return origin[tuple(one if one is Ellipsis else _plain(one) for one in arguments)]
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return plain(annotation)
    return annotation
