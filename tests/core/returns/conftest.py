from __future__ import annotations

from tests.core.lists.conftest import desk

__all__ = ["desk"]
