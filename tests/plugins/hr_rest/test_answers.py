"""What an answer of the HR system means: a receipt, another try, or something for a person to mend."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest

from contingent import Duty, HrRecord, HttpAnswer, Rejected
from plugins.hr_rest.service import BUSY, body_of, headers_of, receipt_in

RECORD = HrRecord(
    id=UUID(int=1),
    key=UUID(int=2),
    revision=3,
    kind="duty",
    employee_number="10472",
    tour_id=UUID(int=4),
    mission="MINUSTAH",
    reference="LOA-1",
    duty=Duty(on=date(2026, 11, 2)),
)


def answer(status: int = 200, content: bytes = b'{"id": "LOA-1"}') -> HttpAnswer:
    return HttpAnswer(status, {}, content)


def test_a_record_says_what_it_corrects_and_comes_under_its_key() -> None:
    told = msgspec.json.decode(body_of(RECORD))
    assert (told["kind"], told["content"], told["corrects"]) == ("duty", {"on": "2026-11-02"}, "LOA-1")
    headers = headers_of(RECORD, "invented")
    assert (headers["idempotency-key"], headers["authorization"]) == (str(RECORD.key), "Bearer invented")


@pytest.mark.parametrize(
    ("content", "path", "reference"),
    [
        (b'{"id": "LOA-1"}', "id", "LOA-1"),
        (b'{"id": 4711}', "id", "4711"),
        (b'{"record": {"number": " 7 "}}', "record.number", "7"),
    ],
)
def test_the_number_is_read_where_the_settings_say(content: bytes, path: str, reference: str) -> None:
    assert receipt_in(answer(201, content), path).reference == reference


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'"LOA"',
        b'{"id": null}',
        b'{"id": true}',
        b'{"id": ""}',
        b'{"id": {"a": 1}}',
        b'{"id": "a\\u0000"}',
        b'{"id": "\xe9"}',
        b"[" * 5000,
    ],
)
def test_success_without_a_number_is_for_a_person_to_mend(content: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        receipt_in(answer(200, content), "id")
    assert refused.value.final
    assert "“id”" in refused.value.reason["en"]


def test_a_number_that_is_too_long_is_none() -> None:
    with pytest.raises(Rejected):
        receipt_in(answer(200, msgspec.json.encode({"id": "9" * 201})), "id")


@pytest.mark.parametrize("status", [*BUSY, 500, 502, 503, 504])
def test_what_may_help_is_tried_again(status: int) -> None:
    with pytest.raises(Rejected) as refused:
        receipt_in(answer(status), "id")
    assert not refused.value.final
    assert str(status) in refused.value.reason["fr"]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 422])
def test_what_helps_nobody_is_given_up(status: int) -> None:
    with pytest.raises(Rejected) as refused:
        receipt_in(answer(status), "id")
    assert refused.value.final
