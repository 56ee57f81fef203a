"""What files are kept for: which kinds, how large, and who may open them."""

from __future__ import annotations

import msgspec

from core.documents.content import CSV, DOCX, JPEG, PDF, PNG, TEXT, XLSX
from core.text import Text, t

DOCUMENT_READ = "document.read"
"""To open files at all; which ones follows from what each is kept for."""
FOR_WHAT = t("files kept for what the role may see")
DOCUMENT_READ_PAPER = "document.read_paper"
DOCUMENT_READ_HR = "document.read_hr"
PLUGIN_MANAGE = "plugin.manage"
"""Who may switch plugins off may open what these kept."""

MEGABYTE = 2**20


class Purpose(msgspec.Struct, frozen=True):
    """One reason to keep files. ``permission`` opens them, ``limit`` is in bytes.

    ``days`` is how long a file is kept that nobody disposed of before; ``None``: until it is disposed of.
    """

    key: str
    title: Text
    types: frozenset[str]
    permission: str = DOCUMENT_READ_PAPER
    limit: int = 25 * MEGABYTE
    days: int | None = None


PURPOSES: dict[str, Purpose] = {}


def declare_purpose(purpose: Purpose) -> Purpose:
    """Add a purpose; a room does so when it is imported."""
    if PURPOSES.setdefault(purpose.key, purpose) != purpose:
        raise TypeError(f"purpose {purpose.key!r} is declared twice: rename one")
    return purpose


_PAPER = frozenset({PDF, PNG, JPEG})

declare_purpose(
    Purpose("hr_upload", t("Worker file"), frozenset({CSV, TEXT, XLSX}), DOCUMENT_READ_HR, 50 * MEGABYTE, days=14)
)
declare_purpose(Purpose("resolution", t("Resolution or order in council"), _PAPER))
declare_purpose(Purpose("scan", t("Scan of a signed paper"), _PAPER))
declare_purpose(Purpose("evidence", t("Evidence"), _PAPER | {DOCX, XLSX, CSV, TEXT}))
declare_purpose(
    Purpose(
        "plugin_data", t("Data of a removed plugin"), frozenset({TEXT}), PLUGIN_MANAGE, 8 * 1024 * MEGABYTE, days=30
    )
)
