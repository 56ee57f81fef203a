"""Office files are zip archives: this opens them with limits, so that a small file cannot become a huge one."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from core.documents.content import DOCX, XLSX
from core.documents.grids import Grid

MOST_MEMBERS = 2_000
MOST_BYTES = 400 * 2**20
"""All members together, unpacked. A sheet of 200,000 workers has about 120 MB."""
HIGHEST_RATIO = 150
"""Unpacked by packed, for members over ``RATIO_FROM``. Sheets reach 10 to 40, a bomb 1,000."""
RATIO_FROM = 2**20
MOST_TEXT = 2**30
"""Bytes of the texts of all cells, if each had the longest of those that cells share."""
MOST_CELLS = 8_000_000
"""Cells of a sheet from its first to its last, empty ones included: 200,000 workers with 40 columns."""

_AT_ONCE = 2**16
_BODIES = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Unacceptable(Exception):
    """The archive is not taken; ``code`` says why: ``damaged``, ``bomb``, ``macros``, ``encrypted``, ``other``.

    ``sparse``: its cells lie so far apart that reading it would take all memory.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def inspect(file: BinaryIO) -> str:
    """Return the media type of the office file in ``file``, having unpacked all of it once.

    What the archive says of its sizes is not believed: every member is counted as it is
    unpacked, and the first byte over a limit ends it. Raises ``Unacceptable``.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_list(members)
            names = {member.filename for member in members}
            workbook, room = "xl/workbook.xml" in names, MOST_BYTES
            grids = [Grid() if workbook else None for _ in members]
            for member, grid in zip(members, grids, strict=True):
                room -= _unpack(archive, member, room, grid)
            _check_texts([grid for grid in grids if grid is not None])
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise Unacceptable("damaged") from error
    except RuntimeError as error:  # zipfile's way to say that a password is needed
        raise Unacceptable("encrypted") from error
    for body, media_type in _BODIES.items():
        if body in names:
            return media_type
    raise Unacceptable("other")


def _check_list(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        raise Unacceptable("bomb")
    for member in members:
        if member.flag_bits & 0x1:
            raise Unacceptable("encrypted")
        if member.compress_type not in _METHODS:
            raise Unacceptable("other")
        if member.filename.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js")):
            raise Unacceptable("macros")


def _check_texts(grids: list[Grid]) -> None:
    longest = max((grid.text for grid in grids), default=0)
    if longest * sum(grid.written for grid in grids) > MOST_TEXT:
        raise Unacceptable("bomb")


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int, grid: Grid | None) -> int:
    """Unpack one member into nothing and return its size; ``grid`` is told what it holds."""
    size = 0
    with archive.open(member) as opened:
        while part := opened.read(_AT_ONCE):
            size += len(part)
            too_dense = size > RATIO_FROM and size > HIGHEST_RATIO * max(1, member.compress_size)
            if size > room or too_dense or (grid is not None and not grid.feed(part)):
                raise Unacceptable("bomb")
            if grid is not None and grid.cells > MOST_CELLS:
                raise Unacceptable("sparse")
    return size
