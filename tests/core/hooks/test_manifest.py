"""What a plugin says about itself, and which settings a form can show."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest

from contingent import API, Manifest
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
