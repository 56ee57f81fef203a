from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.content import CSV, ENDINGS, JPEG, LONGEST_NAME, PDF, PNG, TEXT, ZIP, clean_name, sniff


@pytest.mark.parametrize(
    ("first", "name", "expected"),
    [
        (b"%PDF-1.7\n\x00\x01", "x.csv", PDF),
        (b"\x89PNG\r\n\x1a\n\x00", "x.pdf", PNG),
        (b"\xff\xd8\xff\xe0\x00", "x", JPEG),
        (b"PK\x03\x04\x14\x00", "workers.xlsx", ZIP),
        (b"numero;nom\r\n1;\xc9ric\r\n", "workers.CSV", CSV),
        ("numéro\tnom\n".encode("utf-16"), "workers.csv", CSV),
        (b"numero;nom\r\n1;\xc9ric\vBis\r\n\x1a", "workers.csv", CSV),
        (b"plain words", "note.pdf", TEXT),
    ],
)
def test_a_file_is_what_its_bytes_say_and_not_its_name(first: bytes, name: str, expected: str) -> None:
    assert sniff(first, name) == expected


@pytest.mark.parametrize(
    "first", [b"MZ\x90\x00\x03", b"\x7fELF\x02\x01", b"GIF89a\x01\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a\x00b"]
)
def test_a_program_or_an_old_office_file_is_none_we_take(first: bytes) -> None:
    assert sniff(first, "resolution.pdf") is None


@pytest.mark.parametrize(
    ("given_name", "media_type", "expected"),
    [
        ("C:\\Users\\me\\résolution.pdf", PDF, "résolution.pdf"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ('a"b\r\nSet-Cookie: x.csv', CSV, "a_b__Set-Cookie_ x.csv"),
        ("evil.html", PDF, "evil.html.pdf"),
        ("photo.JPEG", JPEG, "photo.JPEG"),
        ("", PDF, "file.pdf"),
        ("...", PDF, "file.pdf"),
    ],
)
def test_a_name_is_made_safe_and_ends_as_what_the_file_is(given_name: str, media_type: str, expected: str) -> None:
    assert clean_name(given_name, media_type) == expected


@given(st.text(), st.sampled_from(sorted(ENDINGS)))
def test_no_name_is_too_long_or_leaves_its_folder_or_its_header(name: str, media_type: str) -> None:
    clean = clean_name(name, media_type)
    assert 0 < len(clean) <= LONGEST_NAME
    assert clean.isprintable()
    assert not set(clean) & set('/\\"<>:|?*')
    assert clean.strip(" .") == clean
