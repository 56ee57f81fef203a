"""From lines to columns: what cannot be read is set aside or refused, with the reason."""

from __future__ import annotations

import pytest
from contingent import File, Rejected

from payroll_extract.service import pages
from payroll_extract.settings import Field, Settings

TWO = Settings(fields=[Field(name="number", first=1, last=4), Field(name="name", first=5, last=10)])


def extract(text: str, encoding: str = "windows-1252") -> File:
    return File(name="extract.txt", media_type="text/plain", content=text.encode(encoding))


def test_fields_are_cut_at_their_places() -> None:
    (page,) = pages(extract("0007Élise \r\n\r\n0008      x\r\n"), TWO)
    assert page.columns == {"number": ["0007", "0008"], "name": ["Élise", None]}
    assert page.lines == [1, 3]
    assert page.complete


def test_a_line_that_is_too_short_is_set_aside_with_its_number() -> None:
    (page,) = pages(extract("0007Élise\n08\n"), TWO)
    assert [(one.line, one.reason["en"]) for one in page.rejected] == [
        (2, "The line has 2 characters, at least 5 are needed.")
    ]


def test_a_mainframes_encoding_is_read() -> None:
    settings = Settings(encoding="cp037", fields=TWO.fields)
    (page,) = pages(extract("0007Roy   ", "cp037"), settings)
    assert page.columns["name"] == ["Roy"]


def test_many_lines_come_in_several_pages_of_which_the_last_is_complete() -> None:
    found = pages(extract("".join(f"{number:04}Roy\n" for number in range(4_500))), TWO)
    assert [(page.rows, page.complete) for page in found] == [(2000, False), (2000, False), (500, True)]


@pytest.mark.parametrize(
    ("settings", "content"),
    [
        (Settings(encoding="utf-8"), "é".encode("windows-1252")),
        (Settings(fields=[]), b"0007"),
        (Settings(fields=[Field(name="number", first=5, last=4)]), b"0007"),
        (Settings(fields=[*TWO.fields, *TWO.fields]), b"0007"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(settings: Settings, content: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        pages(File(name="x", media_type="text/plain", content=content), settings)
    assert refused.value.reason["fr"]
