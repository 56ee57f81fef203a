"""A sealed value opens at its place and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ManualClock
from core.context import Actor, Ctx, Scope
from core.database.engines import Database
from core.database.sealing import NotSealedHere, seal, tenant_key, unseal
from core.documents.models import DocumentChunk
from core.ids import new_id
from core.personnel.models import Officer
from tests.platform import NOW

CLOCK = ManualClock(NOW)


class Keyed(Database):
    """A database of which only the field key is asked."""

    def __init__(self, key: bytes) -> None:
        self.__dict__["field_key"] = key


def context(key: bytes = b"k" * 32) -> Ctx:
    scope = Scope(id=new_id(CLOCK), kind="agency", slug="qc-spvm", name_en="Service", name_fr="Service")
    return Ctx(scope=scope, actor=Actor(id=new_id(CLOCK), name="Alix Tremblay"), clock=CLOCK, database=Keyed(key))


@given(st.binary(max_size=2000))
def test_what_is_sealed_is_what_is_opened(plain: bytes) -> None:
    ctx, row = context(), new_id(CLOCK)
    sealed = seal(ctx, DocumentChunk, row, plain)
    assert unseal(ctx, DocumentChunk, row, sealed) == plain
    assert len(plain) < 8 or plain not in sealed


def test_the_same_value_is_sealed_differently_each_time() -> None:
    ctx, row = context(), new_id(CLOCK)
    assert seal(ctx, DocumentChunk, row, b"Kim") != seal(ctx, DocumentChunk, row, b"Kim")


def test_a_value_opens_in_no_other_tenant_table_column_or_row() -> None:
    ctx, row = context(), new_id(CLOCK)
    sealed = seal(ctx, DocumentChunk, row, b"Kim, 555-0100")
    places = [
        (context(), DocumentChunk, row, "sealed"),
        (ctx, Officer, row, "sealed"),
        (ctx, DocumentChunk, row, "other"),
        (ctx, DocumentChunk, new_id(CLOCK), "sealed"),
    ]
    for other, table, where, column in places:
        with pytest.raises(NotSealedHere):
            unseal(other, table, where, sealed, column=column)


def test_parts_of_a_place_do_not_run_into_each_other() -> None:
    ctx = context()
    sealed = seal(ctx, Officer, "b", b"x", column="a")
    with pytest.raises(NotSealedHere):
        unseal(ctx, Officer, "ab", sealed, column="")


@given(st.integers(0, 40), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, difference: int) -> None:
    ctx, row = context(), new_id(CLOCK)
    sealed = bytearray(seal(ctx, DocumentChunk, row, b"twelve bytes"))
    sealed[position % len(sealed)] ^= difference
    with pytest.raises(NotSealedHere):
        unseal(ctx, DocumentChunk, row, bytes(sealed))


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x01short", b"\x02" + b"x" * 40])
def test_what_was_never_sealed_is_refused(broken: bytes) -> None:
    with pytest.raises(NotSealedHere):
        unseal(context(), DocumentChunk, new_id(CLOCK), broken)


def test_each_tenant_has_its_own_key() -> None:
    first, second = new_id(CLOCK), new_id(CLOCK)
    assert tenant_key(b"k" * 32, first) != tenant_key(b"k" * 32, second)
    assert tenant_key(b"k" * 32, first) != tenant_key(b"j" * 32, first)
