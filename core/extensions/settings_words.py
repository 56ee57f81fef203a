"""Settings in words: what they are, and what a change changed. No plugin's code is run for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from core.context import Language
from core.extensions.settings_plain import item_of
from core.text import Text, t
from core.use_cases.fields import Field, field_of

Struct = type[msgspec.Struct] | None
Words = Text | str

SECRETS = {
    (False, True): t("%(setting)s: set, and kept out of sight"),
    (True, True): t("%(setting)s: replaced by another"),
    (True, False): t("%(setting)s: taken away"),
}
"""What became of a secret: whether it was set, and is."""


def described(struct: Struct, settings: Mapping[str, Any], language: Language) -> list[tuple[Words, Words | list[str]]]:
    """Return each setting's label and value; of a list of entries, what each is called."""
    found: list[tuple[Words, Words | list[str]]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            inner, group = described(item_of(struct, name), value, language), _about(struct, name).label
            found += [(t("%(group)s: %(field)s", group=group, field=label), one) for label, one in inner]
        elif _entries(value):
            found.append((_about(struct, name).label, [_called(one, language) for one in value]))
        else:
            found.append((_about(struct, name).label, _value(struct, name, value, language)))
    return found


def label_of(struct: Struct, path: str) -> Words:
    """Return what the setting at ``path`` is called, its group before it."""
    name, _, rest = path.partition("/")
    label = _about(struct, name).label
    return t("%(group)s: %(field)s", group=label, field=label_of(item_of(struct, name), rest)) if rest else label


def changes(struct: Struct, difference: Mapping[str, Any], language: Language) -> list[Words]:
    """Return what a change changed, a sentence each. ``difference``: by setting, the value before and after."""
    return [line for name, change in difference.items() for line in _lines(struct, name, change, language)]


def _lines(struct: Struct, name: str, change: Any, language: Language) -> Iterator[Words]:
    if isinstance(change, Mapping):
        yield Text(SECRETS[tuple(change["secret"])].id, {"setting": label_of(struct, name)})
    else:
        before, after = change
        yield from _line(struct, name, before, after, language)


def _line(  # noqa: PLR0917 - a setting, its two values, and for whom
    struct: Struct, name: str, before: Any, after: Any, language: Language, group: Words | None = None
) -> Iterator[Words]:
    label = _about(struct, name).label
    setting = label if group is None else t("%(group)s: %(field)s", group=group, field=label)
    if _entries(before) or _entries(after):
        yield from _of_entries(struct, name, before or [], after or [], language)
        return
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = before or {}, after or {}
        for inner in [*new, *(gone for gone in old if gone not in new)]:
            if old.get(inner) != new.get(inner):
                yield from _line(item_of(struct, name), inner, old.get(inner), new.get(inner), language, label)
        return
    was, is_now = _value(struct, name, before, language), _value(struct, name, after, language)
    if before is None and (after is False or is_now == t("(empty)")):
        return  # Switched on, it has this setting now, in which nothing stands.
    yield t(
        "%(setting)s: %(before)s → %(after)s",
        setting=setting,
        before=was,
        after=is_now,
    )


def _of_entries(struct: Struct, name: str, before: Any, after: Any, language: Language) -> Iterator[Words]:
    setting, item = _about(struct, name).label, item_of(struct, name)
    old, new = _by_key(before, language), _by_key(after, language)
    for key, entry in new.items():
        called = _called(entry, language)
        if key not in old:
            yield t("%(setting)s: “%(entry)s” added", setting=setting, entry=called)
            continue
        for inner in {**old[key], **entry}:
            if old[key].get(inner) != entry.get(inner):
                yield t(
                    "%(setting)s, “%(entry)s”, %(field)s: %(before)s → %(after)s",
                    setting=setting,
                    entry=called,
                    field=_about(item, inner).label,
                    before=_value(item, inner, old[key].get(inner), language),
                    after=_value(item, inner, entry.get(inner), language),
                )
    for key, entry in old.items():
        if key not in new:
            yield t("%(setting)s: “%(entry)s” removed", setting=setting, entry=_called(entry, language))
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield t("%(setting)s: in another order", setting=setting)


def _entries(value: Any) -> bool:
    return isinstance(value, Sequence) and bool(value) and isinstance(value[0], Mapping)


def _by_key(entries: Sequence[Any], language: Language) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Return the entries by what each is called, and which of those that are called so it is."""
    found, counted = dict[tuple[str, int], Mapping[str, Any]](), Counter[str]()
    for one in entries:
        if isinstance(one, Mapping):
            called = str(one.get("key") or _called(one, language))
            found[called, counted[called]] = one
            counted[called] += 1
    return found


def _called(entry: Any, language: Language) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    names = (entry.get(name) for name in (f"title_{language}", "title", f"name_{language}", "name", "key"))
    return str(next((name for name in names if name), next(iter(entry.values()), "")))


def _about(struct: Struct, name: str) -> Field:
    for one in msgspec.structs.fields(struct) if struct else ():
        if one.encode_name == name:
            return field_of(one.type, one.name)
    return Field(Text(name.replace("_", " ")))


def _value(struct: Struct, name: str, value: Any, language: Language) -> Words:
    if value is None or value in ("", []):
        return t("(empty)")
    if isinstance(value, bool):
        return t("Yes") if value else t("No")
    if _entries(value):
        return ", ".join(_called(one, language) for one in value)
    if isinstance(value, (list, tuple)):
        return Text("%(all)s", {"all": [_value(struct, name, one, language) for one in value]})
    return (_about(struct, name).choices or {}).get(str(value), str(value))
