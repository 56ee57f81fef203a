"""Settings that a built-in plugin takes break none of its hooks: what would is refused where it is typed."""

from __future__ import annotations

import typing
from datetime import date
from functools import cache
from typing import Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contingent import Secret
from contingent.kit.checks import Subject
from core.hooks.registry import Registry
from core.hooks.settings_schema import LISTS, apart
from core.hooks.settings_values import read_struct

installed = cache(lambda: Registry().load())

TYPED = st.sampled_from(["", " ", "My sleep!", "sleep", "é", "0", "2026", "x" * 40])
"""What people type, paste and leave empty."""
LINE = st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"])
"""What can be seen of what is typed into one line."""
FORMED = st.sampled_from(["whsec_" + "A" * 32, "https://api.example.org/x", "chief", "412.50", "mail.example.org"])


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Return what the form may send for a field of this type, within the bounds that the schema states."""
    plain, optional, metas = apart(annotation)
    bounds = {name: getattr(one, name) for one in metas for name in ("ge", "le", "max_length") if getattr(one, name)}
    if typing.get_origin(plain) is Literal:
        found: st.SearchStrategy[Any] = st.sampled_from(typing.get_args(plain))
    elif typing.get_origin(plain) in LISTS:
        found = st.lists(values(typing.get_args(plain)[0]), max_size=25)
    elif isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        found = structs(plain)
    elif plain in (str, Secret):
        found = TYPED | FORMED | st.text(LINE, max_size=min(60, bounds.get("max_length", 60)))
        found = found.map(lambda text: text[: bounds.get("max_length", 500)])
    elif plain is int:
        found = st.integers(bounds.get("ge", -(2**53)), bounds.get("le", 2**53))
    elif plain is bool:
        found = st.booleans()
    else:
        found = {date: st.dates().map(str), UUID: st.uuids().map(str)}[plain]
    return st.none() | found if optional else found


def structs(struct: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {one.encode_name: (values(one.type), one.required) for one in msgspec.structs.fields(struct)}
    needed = {name: strategy for name, (strategy, required) in fields.items() if required}
    return st.fixed_dictionaries(
        needed, optional={name: one for name, (one, required) in fields.items() if not required}
    )


def failures(plugin: str, taken: dict[str, Any]) -> list[str]:
    subject = Subject(installed(), plugin, taken, {})
    trial = subject.trial()

    async def run() -> list[str]:
        outcomes = [
            (hook.name, outcome.failure) async for hook, outcome in subject.answers(trial, trial.tenant("alpha"))
        ]
        return [f"{name}: {one.cause} {one.error}" for name, one in outcomes if one and one.cause != "nothing"]

    return trial.run(run)


@pytest.mark.parametrize("plugin", sorted(name for name, one in installed().plugins.items() if not one.beside))
@settings(max_examples=30)
@given(st.data())
def test_what_the_form_takes_breaks_no_hook(plugin: str, data: st.DataObject) -> None:
    struct = installed().plugins[plugin].manifest.settings
    assert struct is not None
    sent = data.draw(structs(struct))
    try:
        read_struct(struct, sent)
    except (msgspec.ValidationError, ValueError):
        return
    assert not failures(plugin, sent)


URGENT = {"urgent_en": "Call 9-1-1.", "urgent_fr": "Composez le 9-1-1."}


def question(key: str) -> dict[str, Any]:
    return {"key": key, "title_en": "Well?", "title_fr": "Bien\N{NO-BREAK SPACE}?"}


@pytest.mark.parametrize(
    ("plugin", "sent"),
    [
        ("wellbeing_check_in", {"questions": [question("My sleep!")]}),
        ("wellbeing_check_in", {"questions": [question(f"q{number}") for number in range(25)]}),
        ("wellbeing_check_in", {"questions": [question("sleep"), question("sleep")]}),
        ("wellbeing_check_in", URGENT | {"urgent_en": ""}),
        ("wellbeing_check_in", URGENT | {"urgent_fr": " "}),
        ("webhooks", {"secret": "notasecret"}),
        ("webhooks", {"next_secret": "whsec_c2hvcnQ="}),
        ("notify_email", {"authority": "garbage"}),
        ("hr_rest", {"address": "the HR system"}),
        ("approval_chain", {"steps": [{"key": " ", "title_en": "Chief", "title_fr": "Direction"}]}),
    ],
)
def test_what_would_break_a_hook_is_refused_where_it_is_typed(plugin: str, sent: dict[str, Any]) -> None:
    struct = installed().plugins[plugin].manifest.settings
    assert struct is not None
    with pytest.raises(msgspec.ValidationError):
        read_struct(struct, sent)
