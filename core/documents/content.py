"""What a file is, by its first bytes. Neither its name nor what the browser says is believed."""

from __future__ import annotations

from pathlib import PurePosixPath

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
CSV = "text/csv"
TEXT = "text/plain"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
"""A zip whose purpose is not known yet: ``archives.inspect`` says whether it is a sheet or a text."""

ENDINGS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", CSV: ".csv", TEXT: ".txt", XLSX: ".xlsx", DOCX: ".docx"}

_KEPT = {kind: (ending,) for kind, ending in ENDINGS.items()} | {
    JPEG: (".jpg", ".jpeg"),
    CSV: (".csv", ".tsv"),
    TEXT: (".txt", ".md", ".log", ".jsonl"),
}

LONGEST_NAME = 120

_MAGIC = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"PK\x03\x04", ZIP),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ALLOWED_CONTROLS = frozenset(b"\t\n\v\f\r\x1a\x1b")
"""Besides what every text has: a line broken within a cell, and the end of a file, as old systems write them."""


def sniff(first: bytes, filename: str) -> str | None:
    """Return the media type of a file that begins with ``first``, or ``None`` if it is none we take.

    Text has no magic number: it is what holds no control characters (and, in UTF-16, begins
    with its mark). Only whether text is a table is believed from the name.
    """
    for magic, media_type in _MAGIC:
        if first.startswith(magic):
            return media_type
    if is_text(first):
        return CSV if is_called(filename, CSV) else TEXT
    return None


def is_called(filename: str, *kinds: str) -> bool:
    """Say whether a file has the name of one of these kinds, whatever is in it."""
    return filename.lower().endswith(tuple(ending for kind in kinds for ending in _KEPT[kind]))


def is_text(part: bytes) -> bool:
    """Say whether bytes may be part of a text in some encoding."""
    if part.startswith(_UTF16):
        return True
    return not any(byte < 32 and byte not in _ALLOWED_CONTROLS for byte in part)


def clean_name(filename: str, media_type: str) -> str:
    """Return a name that is safe in a header and on any disk, with the ending of what the file is."""
    last = PurePosixPath(filename.replace("\\", "/")).name
    kept = "".join(character if character.isprintable() and character not in '<>:"|?*' else "_" for character in last)
    name = kept.strip(" .")
    ending = next((known for known in _KEPT[media_type] if name.lower().endswith(known)), "")
    if not ending:
        ending = ENDINGS[media_type]
        name = f"{name or 'file'}{ending}"
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - len(ending)] + ending
