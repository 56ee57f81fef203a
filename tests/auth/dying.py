"""A process that dies at one of its commits."""

from __future__ import annotations

from itertools import count

import pytest

from core.database import sessions


def dies_at(monkeypatch: pytest.MonkeyPatch, which: int) -> None:
    """Let the process die at its commit number ``which``, from 1."""
    kept, counted = sessions._commit, count(1)

    async def commit(driver: object) -> None:
        if next(counted) >= which:
            raise ConnectionError("the process died")
        await kept(driver)

    monkeypatch.setattr(sessions, "_commit", commit)
