"""Which settings a form can show, kind by kind; what it cannot is refused with the path."""

from __future__ import annotations

import decimal
import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar
from uuid import UUID

import msgspec
import pytest

from contingent import Secret, field, t
from core.hooks.settings_schema import unsupported
from tests.core.hooks.workshop import manifest

T = TypeVar("T")


class Colour(enum.Enum):
    RED = "red"


class Named(NamedTuple):
    name: str = ""


class Typed(TypedDict):
    name: str


@dataclass
class Classic:
    name: str = ""


class Of(msgspec.Struct, Generic[T]):
    value: T


class Server(msgspec.Struct, frozen=True):
    host: Annotated[str, field(t("Host"), longest=200)] = ""
    port: Annotated[int, field(t("Port"), least=1, most=65535)] = 443
    password: Annotated[Secret, field(t("Password"))] | None = None
    tags: list[str] = []


class Entry(msgspec.Struct, frozen=True):
    key: str
    days: int | None = None


class Recursive(msgspec.Struct, frozen=True):
    name: str
    more: list[Recursive] = []


class Empty(msgspec.Struct, frozen=True):
    name: str = ""


class Tick(msgspec.Struct, frozen=True):
    on: bool
    tags: list[str]


class Deep(msgspec.Struct, frozen=True):
    server: Server = Server()


class WithRows(msgspec.Struct, frozen=True):
    rows: list[Entry] = []


class InGroup(msgspec.Struct, frozen=True):
    bad: float = 1.0


class InEntry(msgspec.Struct, frozen=True):
    key: str
    bad: float = 1.0


class Hiding(msgspec.Struct, frozen=True):
    key: str
    password: Secret | None = None


class Tagged(msgspec.Struct, frozen=True, tag="kind"):
    name: str = ""


class Placed(msgspec.Struct, frozen=True, array_like=True):
    name: str = ""


def struct(annotation: Any, default: Any = None, **config: Any) -> type[msgspec.Struct]:
    """Return settings of one field, ``it``."""
    return msgspec.defstruct("Settings", [("it", annotation, default)], frozen=True, **config)


WORDS = {"one": t("One"), "two": t("Two")}
LIST: Any = msgspec.field(default_factory=list)


def told(one: Any) -> str:
    """Return the start of what ``one`` prints as, the same in every process: without where it is in memory."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(one))[:60]


SUPPORTED: Sequence[tuple[Any, Any]] = [
    (str, ""),
    (Annotated[str, field(t("Text"), longest=9, widget="area")], ""),
    (Annotated[str, field(t("Text"), shortest=2, longest=9)] | None, None),
    (Annotated[str, field(t("Mail"), widget="email")], ""),
    (int, 0),
    (Annotated[int, field(t("Days"), least=1, most=9)], 5),
    (Annotated[int, field(t("Days"), least=1, widget="number")] | None, None),
    (bool, False),
    (Annotated[bool, field(t("On"), widget="checkbox")], True),
    (date, date(2026, 1, 1)),
    (Annotated[date, field(t("Day"), widget="date")] | None, None),
    (UUID | None, None),
    (Literal["one", "two"], "one"),
    (Literal["one", "two"] | None, None),
    (Annotated[Literal["one", "two"], field(t("Word"), choices=WORDS)], "two"),
    (list[str], LIST),
    (list[Annotated[str, msgspec.Meta(max_length=9)]], LIST),
    (Annotated[list[int], field(t("Numbers"), longest=3)], LIST),
    (tuple[date, ...], ()),
    (frozenset[UUID], frozenset()),
    (list[Literal["one", "two"]], LIST),
    (Annotated[list[Literal["one", "two"]], field(t("Words"), widget="choices", choices=WORDS)], LIST),
    (list[Entry], LIST),
    (Annotated[list[Entry], field(t("Entries"), longest=3)], LIST),
    (Server, Server()),
    (Annotated[Server, field(t("Server"))], Server()),
    (Secret | None, None),
    (Annotated[Secret, field(t("Password"))] | None, None),
    (Annotated[Secret, field(t("Key"), widget="area")] | None, None),
]


@pytest.mark.parametrize(("annotation", "default"), SUPPORTED, ids=told)
def test_what_a_form_can_show_is_supported(annotation: Any, default: Any) -> None:
    assert unsupported(struct(annotation, default)) is None
    assert manifest("sound", settings=struct(annotation, default)).settings is not None


REFUSED: Sequence[tuple[Any, Any, str]] = [
    # kinds that no form shows
    (float, 1.0, "cannot be shown"),
    (decimal.Decimal, decimal.Decimal(1), "cannot be shown"),
    (bytes, b"", "cannot be shown"),
    (datetime | None, None, "cannot be shown"),
    (time | None, None, "cannot be shown"),
    (timedelta | None, None, "cannot be shown"),
    (Any, None, "cannot be shown"),
    (object, None, "cannot be shown"),
    (dict[str, str], msgspec.field(default_factory=dict), "cannot be shown"),
    (Mapping[str, int], msgspec.field(default_factory=dict), "cannot be shown"),
    (set[str], msgspec.field(default_factory=set), "cannot be shown"),
    (list, LIST, "cannot be shown"),
    (Colour, Colour.RED, "cannot be shown"),
    (Named, Named(), "cannot be shown"),
    (Typed, msgspec.field(default_factory=dict), "cannot be shown"),
    (Classic, msgspec.field(default_factory=Classic), "cannot be shown"),
    (Of[int], msgspec.field(default_factory=lambda: Of(1)), "cannot be shown"),
    (None, None, "cannot be shown"),
    (msgspec.Raw, msgspec.Raw(), "cannot be shown"),
    # choices
    (int | str, 1, "a choice between types"),
    (int | str | None, None, "a choice between types"),
    (Server | Entry, Server(), "a choice between types"),
    (str | msgspec.UnsetType, msgspec.UNSET, "a choice between types"),
    (Literal[1, 2], 1, "must be words"),
    (Literal["", "one"], "one", "must be words"),
    (Literal[" one"], " one", "must be words"),
    (Annotated[str, field(t("Word"), choices=WORDS)], "one", "write its choices as Literal"),
    (Annotated[Literal["one"], field(t("Word"), choices=WORDS)], "one", "differ: two"),
    (Annotated[list[str], field(t("Words"), widget="choices", choices=WORDS)], LIST, "write its choices as Literal"),
    # what may be nothing
    (bool | None, None, "leave out None"),
    (list[str] | None, None, "leave out None"),
    (Server | None, None, "leave out None"),
    (str | None, "word", "its default is None"),
    (Annotated[int, field(t("Days"))] | None, 1, "its default is None"),
    # defaults that nobody could enter
    (Annotated[int, field(t("Days"), least=1)], 0, "its default 0 does not fit"),
    (Annotated[str, field(t("Word"), shortest=3)], "", "does not fit"),
    (Literal["one", "two"], "three", "does not fit"),
    # bounds that no form says
    (Annotated[int, msgspec.Meta(gt=1)], 2, "cannot show gt"),
    (Annotated[int, msgspec.Meta(lt=1)], 0, "cannot show lt"),
    (Annotated[int, msgspec.Meta(multiple_of=5)], 5, "cannot show multiple_of"),
    (Annotated[str, msgspec.Meta(pattern="a+")] | None, None, "cannot show pattern"),
    (Annotated[str | None, field(t("Word"), longest=9)], None, "write a bound inside"),
    (Annotated[date, field(t("Day"), least=1)] | None, None, "cannot be read"),
    # lists
    (list[list[str]], LIST, "a list of lists"),
    (list[tuple[int, ...]], LIST, "a list of lists"),
    (tuple[int, str], (1, ""), "a tuple of several kinds"),
    (tuple[int], (1,), "a tuple of several kinds"),
    (list[bool], LIST, "a list holds"),
    (list[str | None], LIST, "a list holds"),
    (list[Secret], LIST, "a list holds"),
    (list[float], LIST, "cannot be shown"),
    (list[int | str], LIST, "a choice between types"),
    (list[dict[str, str]], LIST, "cannot be shown"),
    (tuple[Entry, ...], (), "write list[Entry]"),
    (frozenset[Entry], frozenset(), "write list[Entry]"),
    (list[Empty], LIST, "an entry is lost when it is empty"),
    (list[Tick], LIST, "an entry is lost when it is empty"),
    # how it is shown
    (Annotated[str, field(t("Word"), widget="secret")], "", "a secret is a contingent.Secret"),
    (Annotated[str, field(t("Word"), widget="hidden")], "", "cannot be shown as 'hidden'"),
    (Annotated[str, field(t("Word"), widget="file")], "", "cannot be shown as 'file'"),
    (Annotated[str, field(t("Word"), widget="number")], "", "cannot be shown as 'number'"),
    (Annotated[int, field(t("Days"), widget="checkbox")], 1, "cannot be shown as 'checkbox'"),
    (Annotated[bool, field(t("On"), widget="number")], False, "cannot be shown as 'number'"),
    (Annotated[Server, field(t("Server"), widget="area")], Server(), "cannot be shown as 'area'"),
    (Annotated[list[str], field(t("Words"), widget="area")], LIST, "cannot be shown as 'area'"),
    # secrets
    (Secret, None, "write Secret | None = None"),
    (list[Hiding], LIST, "rows move"),
    # nesting
    (list[Recursive], LIST, "nested one level deep"),
    (Deep, Deep(), "nested one level deep"),
    (list[Deep], LIST, "nested one level deep"),
    (WithRows, WithRows(), "nested one level deep"),
    (Tagged, Tagged(), "leave out array_like and tag"),
    (Placed, Placed(), "leave out array_like and tag"),
]


@pytest.mark.parametrize(("annotation", "default", "said"), REFUSED, ids=told)
def test_what_a_form_cannot_show_is_refused_with_its_path(annotation: Any, default: Any, said: str) -> None:
    fault = unsupported(struct(annotation, default))
    assert fault is not None
    assert fault.startswith("Settings.it"), fault
    assert said in fault
    with pytest.raises(ValueError, match=r"Settings\.it"):
        manifest("unsound", settings=struct(annotation, default))


@pytest.mark.parametrize(
    ("annotation", "default", "path"),
    [
        (InGroup, InGroup(), "Settings.it.bad: <class 'float'> cannot be shown"),
        (list[InEntry], LIST, "Settings.it.bad: <class 'float'> cannot be shown"),
        (list[Recursive], LIST, "Settings.it.more: structs may be nested"),
        (Deep, Deep(), "Settings.it.server: structs may be nested"),
        (WithRows, WithRows(), "Settings.it.rows: structs may be nested"),
        (list[Hiding], LIST, "Settings.it.password: rows move"),
    ],
)
def test_the_path_leads_into_groups_and_lists(annotation: Any, default: Any, path: str) -> None:
    assert str(unsupported(struct(annotation, default))).startswith(path)


@pytest.mark.parametrize("name", ["a/b", "_hidden", "two words", "é", ""])
def test_a_name_that_no_form_can_send_is_refused(name: str) -> None:
    assert "cannot name a field" in str(unsupported(struct(str, "", rename={"it": name})))


def test_every_fault_is_told_at_once() -> None:
    kind = msgspec.defstruct(
        "Settings", [("one", float, 1.0), ("two", dict[str, str], msgspec.field(default_factory=dict))]
    )
    said = str(unsupported(kind))
    assert "Settings.one" in said
    assert "Settings.two" in said


@pytest.mark.parametrize("kind", [int, None, Server(), "Server", dict[str, str], Named])
def test_what_is_no_struct_is_refused(kind: Any) -> None:
    assert "expected a msgspec.Struct" in str(unsupported(kind))


def test_annotations_that_cannot_be_read_are_refused_at_load() -> None:
    class Lost(msgspec.Struct):
        it: Nowhere = None  # type: ignore[name-defined] # noqa: F821 - on purpose

    assert "Lost cannot be read" in str(unsupported(Lost))
