"""Whatever settings are supported: the form gives back what it showed, and loses nothing that was typed."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Secret, field, t
from core.context import Actor, Ctx, Scope
from core.errors import Invalid
from core.extensions.settings_drawing import gather_settings
from core.extensions.settings_plain import plain
from core.hooks.settings_schema import unsupported
from core.hooks.settings_values import read_struct, stored
from core.use_cases import intake
from core.web.forms import Form, build_form
from tests.core.extensions.browsing import Pairs, sent

SIGNS = string.ascii_letters + string.digits + "éÉœ’«»<>&\"'/\\%{}:;,.-_"
WORDS = ("alpha", "beta", "gamma")
NAMES = ("one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Made:
    """A field: its annotation, its default, and the values that it may have."""

    annotation: Any
    default: Any
    values: st.SearchStrategy[Any]


def texts(most: int = 30) -> st.SearchStrategy[str]:
    return st.text(SIGNS + " ", min_size=1, max_size=most).map(str.strip).filter(bool)


@st.composite
def numbers(draw: st.DrawFn) -> Made:
    least = draw(st.integers(-1000, 1000))
    most = draw(st.integers(least, least + 1000))
    bounded = Annotated[int, field(t("Number"), least=least, most=most)]
    within = st.integers(least, most)
    if draw(st.booleans()):
        return Made(bounded | None, None, st.none() | within)
    return Made(bounded, draw(within), within)


@st.composite
def lines(draw: st.DrawFn) -> Made:
    longest = draw(st.integers(1, 30))
    line = Annotated[str, field(t("Line"), longest=longest)]
    if draw(st.booleans()):
        return Made(line | None, None, st.none() | texts(longest))
    return Made(line, "", st.just("") | texts(longest))


@st.composite
def lists(draw: st.DrawFn) -> Made:
    kinds: list[tuple[Any, st.SearchStrategy[Any]]] = [
        (str, texts()),
        (int, st.integers(-(2**40), 2**40)),
        (date, DAYS),
        (UUID, st.uuids()),
    ]
    item, values = draw(st.sampled_from(kinds))
    kind: Any = draw(st.sampled_from([list, tuple, frozenset]))
    annotation: Any = kind[item, ...] if kind is tuple else kind[item]
    return Made(annotation, msgspec.field(default_factory=kind), st.lists(values, max_size=4))


DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
SOME_WORDS = st.sets(st.sampled_from(WORDS)).map(lambda chosen: [one for one in WORDS if one in chosen])
AREAS = st.lists(texts(), min_size=1, max_size=3).map("\n".join)
FIXED = (
    Made(bool, False, st.booleans()),
    Made(bool, True, st.booleans()),
    Made(Annotated[str, field(t("Area"), widget="area")], "", st.just("") | AREAS),
    Made(date, date(2026, 1, 1), DAYS),
    Made(date | None, None, st.none() | DAYS),
    Made(UUID | None, None, st.none() | st.uuids()),
    Made(Literal["alpha", "beta", "gamma"], "beta", st.sampled_from(WORDS)),
    Made(Literal["alpha", "beta", "gamma"] | None, None, st.none() | st.sampled_from(WORDS)),
    Made(list[Literal["alpha", "beta", "gamma"]], msgspec.field(default_factory=lambda: ["beta"]), SOME_WORDS),
)
SCALARS = st.sampled_from(FIXED) | numbers() | lines() | lists()
SECRET = st.just(Made(Annotated[Secret, field(t("Secret"))] | None, None, st.none()))


def struct(name: str, made: Mapping[str, Made], *more: Any) -> type[msgspec.Struct]:
    fields: list[Any] = [*more, *((key, one.annotation, one.default) for key, one in made.items())]
    return msgspec.defstruct(name, fields, frozen=True, kw_only=True)


def values_of(made: Mapping[str, Made]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({key: one.values for key, one in made.items()})


@st.composite
def groups(draw: st.DrawFn) -> Made:
    made = draw(st.dictionaries(st.sampled_from(NAMES), SCALARS | SECRET, min_size=1, max_size=3))
    kind = struct("Group", made)
    return Made(kind, msgspec.field(default_factory=kind), values_of(made))


@st.composite
def rows(draw: st.DrawFn) -> Made:
    made = draw(st.dictionaries(st.sampled_from(NAMES), SCALARS, max_size=3))
    entry = struct("Entry", made, ("key", str))
    entries = st.builds(lambda key, rest: {"key": key} | rest, texts(), values_of(made))
    return Made(list[entry], msgspec.field(default_factory=list), st.lists(entries, max_size=3))  # type: ignore[valid-type]


@st.composite
def settings(draw: st.DrawFn) -> tuple[type[msgspec.Struct], dict[str, Any]]:
    """Return any settings that are supported, and values of them as they are kept."""
    made = draw(st.dictionaries(st.sampled_from(NAMES), SCALARS | SECRET | groups() | rows(), min_size=1, max_size=5))
    kind = struct("Settings", made)
    values = msgspec.to_builtins(draw(values_of(made)))
    return kind, stored(read_struct(kind, values))


def context(kind: type[msgspec.Struct]) -> Ctx:
    manifest = SimpleNamespace(settings=kind)
    hooks = SimpleNamespace(registry=SimpleNamespace(plugins={"mine": SimpleNamespace(manifest=manifest)}))
    scope = Scope(UUID(int=1), "agency", "alpha", "Alpha", "Alpha")
    return Ctx(scope, Actor(UUID(int=2), ""), cast("Any", None), hooks=cast("Any", hooks))


def gathered(kind: type[msgspec.Struct], pairs: Pairs) -> dict[str, Any]:
    values: dict[str, Any] = gather_settings(context(kind), {"name": "mine"}, pairs)["settings"]
    return values


def form_of(kind: type[msgspec.Struct], values: Mapping[str, Any]) -> Form:
    return build_form(plain(kind), values, explains=True)


@given(settings())
def test_a_form_that_nobody_changed_changes_nothing(made: tuple[type[msgspec.Struct], dict[str, Any]]) -> None:
    kind, kept = made
    assert unsupported(kind) is None
    values = gathered(kind, sent(form_of(kind, kept)))
    assert stored(intake.read(kind, values)) == kept


@given(settings(), st.data())
def test_nothing_that_was_typed_is_lost_where_the_form_is_refused(
    made: tuple[type[msgspec.Struct], dict[str, Any]], data: st.DataObject
) -> None:
    kind, kept = made
    junk = texts(40).map(lambda text: text.replace(",", "").replace("\\", ""))
    before = [
        (name, data.draw(junk) if _is_typed(form_of(kind, kept), name) and data.draw(st.booleans()) else value)
        for name, value in sent(form_of(kind, kept))
    ]
    assert sent(form_of(kind, gathered(kind, before))) == before


def _is_typed(form: Form, name: str) -> bool:
    """Say whether somebody types into the field of this name, outside of rows, whose empty ones go."""
    return any(one.name == name and one.widget in ("line", "number", "date", "area") for one in form.single)


class Bounded(msgspec.Struct, frozen=True):
    port: Annotated[int, field(t("Port"), least=1, most=65535)] = 443
    host: Annotated[str, field(t("Host"), shortest=3, longest=9)] | None = None


class Entry(msgspec.Struct, frozen=True):
    key: Annotated[str, field(t("Key"), longest=4)]
    day: date | None = None


class Everything(msgspec.Struct, frozen=True):
    server: Annotated[Bounded, field(t("Server"))] = Bounded()
    entries: Annotated[list[Entry], field(t("Entries"), longest=2)] = []
    numbers: Annotated[list[Annotated[int, msgspec.Meta(ge=1)]], field(t("Numbers"), longest=3)] = []
    word: Annotated[Literal["alpha", "beta"], field(t("Word"))] = "alpha"


def test_every_fault_is_told_at_its_field_at_once() -> None:
    given = {
        "server": {"port": "0", "host": "ab"},
        "entries": [{"key": "lengthy", "day": "2026-02-30"}, {"key": ""}],
        "numbers": ["1", "x", "0"],
        "word": "gamma",
    }
    with pytest.raises(Invalid) as wrong:
        intake.read(Everything, given)
    told = {fault.pointer: str(fault.text) for fault in wrong.value.faults}
    assert told == {
        "/server/port": "Enter a number of at least 1.",
        "/server/host": "Use at least 3 characters.",
        "/entries/0/key": "Use at most 4 characters.",
        "/entries/0/day": "Enter a date that exists, as year-month-day: 2026-03-01.",
        "/entries/1/key": "Fill this in.",
        "/numbers/1": "Enter a whole number.",
        "/numbers/2": "Enter a number of at least 1.",
        "/word": "Choose one of: alpha, beta.",
    }
    form = build_form(plain(Everything), given, wrong.value.faults)
    assert [one.name for one in form.faulty] == [
        "server/port",
        "server/host",
        "entries/0/key",
        "entries/0/day",
        "entries/1/key",
        "numbers",
        "word",
    ]


@pytest.mark.parametrize(("name", "count"), [("entries", 3), ("numbers", 4)])
def test_a_list_that_is_too_long_is_told_in_entries(name: str, count: int) -> None:
    entries = {"entries": [{"key": "k"}] * count, "numbers": [1] * count}
    with pytest.raises(Invalid) as wrong:
        intake.read(Everything, {name: entries[name]})
    (fault,) = wrong.value.faults
    assert (fault.pointer, str(fault.text)) == (f"/{name}", f"Enter at most {count - 1} entries.")


def test_every_bound_is_said_beside_its_field() -> None:
    form = build_form(plain(Everything), explains=True)
    said = {one.name: [str(words) for words in one.limits] for one in form.single}
    assert said["server/port"] == ["From 1 to 65535."]
    assert said["server/host"] == ["From 3 to 9 characters."]
    assert said["entries"] == ["At most 2 entries."]
    assert said["numbers"] == ["At most 3 entries.", "Each entry is a whole number.", "Of each entry: At least 1."]
    assert str(form["entries"].rows[0].shown[0].limits[0]) == "At most 4 characters."
