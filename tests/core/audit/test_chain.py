"""The arithmetic of the chain and the verification of an exported file: no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit.chain import GENESIS, LINE, LOOK, Head, canonical, link
from core.audit.following import FORMAT, Exported, Opening, Report, verify_lines

TENANT = UUID(int=7)
values = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9))
chains = st.lists(values, min_size=1, max_size=8)


def exported(rows: list[dict[str, Any]], tenant: UUID = TENANT) -> list[bytes]:
    lines, head = [msgspec.json.encode(Opening(FORMAT, tenant, "qc-spvm"))], Head()
    for row in rows:
        spelled = canonical(LINE, row)
        head = link(head, tenant, spelled)
        lines.append(msgspec.json.encode(Exported(head.sequence, head.hash, msgspec.Raw(spelled))))
    return lines


def kinds(report: Report) -> list[tuple[int, str]]:
    return [(one.sequence, one.what) for one in report.breaks]


@given(chains)
def test_an_untouched_export_holds(rows: list[dict[str, Any]]) -> None:
    report = verify_lines(exported(rows))
    assert report.holds
    assert (report.sealed, report.head.sequence) == (len(rows), len(rows))


@given(chains, st.data())
def test_any_change_of_any_byte_of_a_row_is_found(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    lines = exported(rows)
    place = data.draw(st.integers(1, len(rows)))
    one = msgspec.json.decode(lines[place], type=Exported)
    changed = msgspec.json.decode(bytes(one.row))
    changed[data.draw(st.text(max_size=5))] = data.draw(st.integers(10, 99))
    lines[place] = msgspec.json.encode(Exported(one.sequence, one.hash, msgspec.Raw(msgspec.json.encode(changed))))
    assert kinds(verify_lines(lines)) == [(place, "changed")]


@given(st.lists(values, min_size=2, max_size=8), st.data())
def test_a_line_left_out_or_moved_is_found(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    lines = exported(rows)
    place = data.draw(st.integers(1, len(rows) - 1))
    without = lines[:place] + lines[place + 1 :]
    assert (place + 1, "gap") in kinds(verify_lines(without))
    swapped = [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
    assert not verify_lines(swapped).holds


@given(chains)
def test_a_chain_cut_off_or_rewritten_is_found_with_a_head_kept_elsewhere(rows: list[dict[str, Any]]) -> None:
    lines = exported(rows)
    known = verify_lines(lines).head
    assert verify_lines(lines, known=known).holds
    assert verify_lines(lines[:-1]).holds, "nothing inside the file can show that its end is missing"
    assert kinds(verify_lines(lines[:-1], known=known)) == [(len(rows), "truncated")]
    forged = exported([*rows[:-1], {"forged": 1}])
    if forged != lines:
        assert kinds(verify_lines(forged, known=known)) == [(len(rows), "rewritten")]


def test_one_scopes_chain_does_not_pass_as_anothers() -> None:
    lines = exported([{"a": 1}])
    lines[0] = exported([], tenant=UUID(int=8))[0]
    assert kinds(verify_lines(lines)) == [(1, "changed")]


def test_a_spoiled_line_is_named_and_the_rest_is_still_verified() -> None:
    lines = exported([{"a": 1}, {"a": 2}, {"a": 3}])
    lines[2] = b"{not json"
    assert kinds(verify_lines(lines)) == [(2, "malformed"), (3, "gap")]


@pytest.mark.parametrize(
    "first", [b"", b"hello", b'{"format":"other/1","scope_id":"%s","scope":"x"}' % str(TENANT).encode()]
)
def test_another_file_is_refused_with_what_was_expected(first: bytes) -> None:
    with pytest.raises(ValueError, match="export"):
        verify_lines([first])


def test_a_row_has_one_spelling_whatever_the_order_of_its_names_and_the_zone_of_its_instant() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    abroad = noon.astimezone(timezone(timedelta(hours=-5)))
    assert canonical(LINE, {"a": 1, "at": noon}) == canonical(LINE, {"at": abroad, "a": 1})
    assert canonical(LINE, {"a": 1}) != canonical(LOOK, {"a": 1})


def test_a_line_without_assurance_is_spelled_as_it_was_before_lines_could_hold_one() -> None:
    assert canonical(LINE, {"a": None, "assurance": None}) == b'{"a":null,"kind":"line"}'
    told = canonical(LINE, {"a": None, "assurance": {"acr": "2"}})
    assert told == b'{"a":null,"assurance":{"acr":"2"},"kind":"line"}'


def test_the_first_link_stands_on_sixty_four_zeros() -> None:
    assert Head().hash == GENESIS == "0" * 64
