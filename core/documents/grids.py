"""What reading a workbook would take: a few bytes can ask for all the memory there is.

Two cells in opposite corners make a reader ask for all that lies between them, and one long
text that a million cells share is copied a million times.
"""

from __future__ import annotations

import re

LONGEST_TAG = 2**20
"""Bytes without the beginning of a tag: no part of a real workbook is like that."""

# Led by a letter, so that the search for it is quick; what else ends in r in a workbook has small numbers.
_PLACE = re.compile(rb"""r\s*=\s*["']\s*\$?([A-Za-z]*)\$?(\d+)""")
_CELLS = tuple(before + b"c" + after for before in (b"<", b":") for after in (b" ", b"\t", b"\r", b"\n", b">", b"/"))
_TEXT = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")


class Grid:
    """The smallest grid from the first cell that holds all the cells of one part of a workbook.

    Besides, how many cells are ``written`` in it (some twice, where the bytes were parted), and the
    length of its longest shared ``text`` in bytes, markup included.

    Fed with the part's bytes as they are unpacked. ``r`` of a row is its number, of a cell its
    column and row (ECMA-376, 18.3.1.4 and 18.3.1.73). Any attribute of that name counts, in any part:
    which part is a sheet is said elsewhere in the archive, and need not be believed.
    """

    __slots__ = ("_begun", "_read", "_rest", "columns", "rows", "text", "written")

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 1
        self.text = 0
        self.written = 0
        self._begun: int | None = None
        self._read = 0
        self._rest = b""

    @property
    def cells(self) -> int:
        """How many cells the grid has, empty ones included."""
        return self.rows * self.columns

    def feed(self, part: bytes) -> bool:
        """Take in the next bytes; say whether they can still be those of a workbook."""
        text = self._rest + part
        start = self._read - len(self._rest)
        self._read += len(part)
        self.written += sum(map(text.count, _CELLS))
        for letters, digits in _PLACE.findall(text):
            self.rows = max(self.rows, int(digits[:8]))
            self.columns = max(self.columns, _column(letters[:4]))
        for place in _TEXT.finditer(text) if b"si" in text else ():
            self._end_text(start + place.start())
            self._begun = start + place.start()
        self._end_text(self._read)
        # What began in the last tag may go on in the next bytes.
        begun = text.rfind(b"<")
        self._rest = text[begun:] if begun >= 0 else text
        return len(self._rest) <= LONGEST_TAG

    def _end_text(self, place: int) -> None:
        if self._begun is not None:
            self.text = max(self.text, place - self._begun)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
