"""What goes in and out of the use cases on saved views."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec

from core.text import Text, t
from core.use_cases.fields import field


class SaveView(msgspec.Struct, frozen=True, kw_only=True):
    """Keep an address of a list (path and query, below the scope) under a name."""

    name: Annotated[str, field(t("Name of the view"), shortest=1, longest=60)]
    address: Annotated[str, field(t("Address of the list"), widget="hidden", shortest=1, longest=1000)]


class ListViews(msgspec.Struct, frozen=True, kw_only=True):
    """One's own saved views: of the list at ``path``, or of all lists."""

    path: Annotated[str | None, field(t("List"), longest=200)] = None


class ViewOut(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view. ``address`` stands below the scope; ``removed``: it is gone, and can still be brought back."""

    id: UUID
    name: str
    path: str
    address: str
    list_title: Text
    removed: bool


class ViewList(msgspec.Struct, frozen=True):
    """Saved views by list and name."""

    views: list[ViewOut]
