"""What a field says of itself, wherever in its annotation it is said."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest

from core.errors import Invalid
from core.text import t
from core.use_cases.fields import field, field_of, settled
from core.use_cases.intake import read


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    outside: Annotated[str | None, field(t("Outside"), longest=3)] = None
    inside: Annotated[str, field(t("Inside"), longest=3)] | None = None
    number: Annotated[int | None, field(t("Number"), least=1)] = None


def test_a_bound_on_an_optional_field_holds_wherever_it_is_written() -> None:
    with pytest.raises(Invalid) as refused:
        read(Asked, {"outside": "long", "inside": "long", "number": 0})
    assert [fault.pointer for fault in refused.value.faults] == ["/outside", "/inside", "/number"]
    assert read(Asked, {"outside": "abc", "number": "1"}) == Asked(outside="abc", number=1)
    assert read(Asked, {}) == Asked()


def test_a_settled_annotation_keeps_its_label() -> None:
    annotation = Annotated[str | None, field(t("Outside"), longest=3)]
    assert field_of(settled(annotation), "outside").label == t("Outside")
    assert settled(int) is int
