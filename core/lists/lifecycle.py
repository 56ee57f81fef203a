"""The permission on one's own saved views; a view has no states of its own."""

from __future__ import annotations

VIEW_KEEP = "view.keep"
