"""What a plugin says about itself, and which settings a form can show."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest

from contingent import API, Manifest, field, t
from core.hooks.manifest import unmet
from core.hooks.settings_schema import unsupported
from tests.core.hooks.workshop import manifest


class Row(msgspec.Struct):
    name: str
    day: date | None = None


class Sound(msgspec.Struct):
    days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 30
    word: Literal["one", "two"] = "one"
    when: date | None = None
    on: bool = False
    names: list[str] = []
    rows: list[Row] = []


class Deep(msgspec.Struct):
    rows: list[Sound] = []


class Required(msgspec.Struct):
    days: int


class Mapped(msgspec.Struct):
    by_name: dict[str, int] = {}


class Either(msgspec.Struct):
    one: int | str = 1


class Numbers(msgspec.Struct):
    choice: Literal[1, 2] = 1


class Nested(msgspec.Struct):
    table: list[list[str]] = []


def refuse() -> list[str]:
    raise LookupError("nowhere")


class Server(msgspec.Struct):
    name: Annotated[str, field(t("Name"), longest=5)] = "mail"
    ports: list[Annotated[int, msgspec.Meta(le=9)]] = []


class OwnCheck(msgspec.Struct):
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise KeyError("name")


def defaulted(kind: Any, default: Any) -> Any:
    """Return settings with one field of this kind and default."""
    return msgspec.defstruct("Some", [("one", kind, default)])


MADE = msgspec.field


@pytest.mark.parametrize(
    ("kind", "default", "says"),
    [
        (list[Annotated[int, msgspec.Meta(le=9)]], MADE(default_factory=lambda: [10]), "Expected `int` <= 9"),
        (Annotated[list[str], msgspec.Meta(max_length=1)], MADE(default_factory=lambda: ["a", "b"]), "length <= 1"),
        (list[str], MADE(default_factory=lambda: [1]), "Expected `str`, got `int`"),
        (list[str], MADE(default_factory=refuse), "its default_factory fails with LookupError: nowhere"),
        (Server, MADE(default_factory=lambda: "mail"), "does not fit: expected Server()"),
        (Server, MADE(default_factory=lambda: Server("longest")), "length <= 5 - at `$.name`"),
        (Server, MADE(default_factory=lambda: Server(ports=[99])), "`int` <= 9 - at `$.ports[0]`"),
        (Server, MADE(default_factory=refuse), "its default_factory fails with LookupError: nowhere"),
        (Annotated[str, field(t("Word"), longest=3)], "long", "its default 'long' does not fit"),
        (Annotated[str, msgspec.Meta(min_length=1)], "", "its default '' does not fit"),
        (Annotated[int, field(t("Days"), least=1)], 0, "its default 0 does not fit"),
        (OwnCheck, MADE(default_factory=OwnCheck), "its default_factory fails with KeyError: 'name'"),
    ],
)
def test_a_default_that_could_not_be_entered_is_refused_with_its_path(kind: Any, default: Any, says: str) -> None:
    said = str(unsupported(defaulted(kind, default)))
    assert said.startswith("Some.one: ")
    assert says in said


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        (list[Annotated[int, msgspec.Meta(le=9)]], MADE(default_factory=lambda: [9])),
        (frozenset[Literal["a", "b"]], MADE(default_factory=lambda: frozenset({"a"}))),
        (tuple[date, ...], MADE(default_factory=lambda: (date(2026, 11, 28),))),
        (Server, MADE(default_factory=Server)),
        (Server, MADE(default_factory=lambda: Server("mail2", [1]))),
        (Annotated[str, field(t("Word"), longest=4)], "long"),
    ],
)
def test_a_default_that_could_be_entered_is_taken(kind: Any, default: Any) -> None:
    assert unsupported(defaulted(kind, default)) is None


def test_a_sound_settings_struct_can_be_shown() -> None:
    assert unsupported(Sound) is None


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        (Deep, "Deep.rows.rows: structs may be nested one level deep"),
        (Required, "Required.days: give it a default"),
        (Mapped, "Mapped.by_name: dict[str, int] cannot be shown"),
        (Either, "Either.one: a choice between types"),
        (Numbers, "Numbers.choice: the fixed choices must be words"),
        (Nested, "Nested.table: a list of lists"),
        (int, "expected a msgspec.Struct"),
    ],
)
def test_an_unsupported_schema_is_refused_with_its_path(kind: Any, where: str) -> None:
    assert where in str(unsupported(kind))


class Entered(msgspec.Struct):
    address: str = "https://maker.example.org"
    """A machine that nobody at the service has entered."""


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "With Space"},
        {"name": "x"},
        {"version": "one"},
        {"title": {"en": "Only English", "fr": " "}},
        {"title": {"en": "Only English"}},
        {"settings": Mapped},
        {"capabilities": frozenset({"database"})},
        {"tier": 3},
        {"quality": "platinum"},
        {"store_fields": {f"field{number}": "text" for number in range(9)}},
        {"store_fields": {"size": "float"}},
        {"settings": Entered, "capabilities": frozenset({"http:settings"}), "hosts_from": ("address",)},
    ],
)
def test_an_unsound_manifest_is_not_made(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Manifest"):
        manifest(**{"name": "sound", **bad})


@pytest.mark.parametrize(
    ("requires", "met"),
    [
        ("contingent>=1.0,<2", True),
        ("contingent >= 1, < 2", True),
        ("contingent==1.0", True),
        ("contingent>1.0", False),
        ("contingent<=0.9", False),
        ("contingent>=1.1", False),
        ("contingent", False),
        ("contingent>=1.0;<2", False),
        pytest.param(f"contingent>={'9' * 5000}", False, id="endless"),
    ],
)
def test_a_plugin_is_loaded_by_the_contract_it_was_written_for(requires: str, *, met: bool) -> None:
    assert API == "1.0"
    assert (unmet(requires) is None) == met


def test_a_manifest_has_what_the_pages_show() -> None:
    shown = Manifest(
        name="homecoming",
        version="1.0",
        title={"en": "Homecoming", "fr": "Retour"},
        requires="contingent>=1.0,<2",
        hosts=("example.org",),
        capabilities=frozenset({"http"}),
        quality="silver",
    )
    assert (shown.tier, shown.capabilities, shown.quality) == (1, frozenset({"http"}), "silver")
