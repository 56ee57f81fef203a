"""Every operation there is: importing the modules that hold them fills the list."""

from __future__ import annotations

from tests.wall import reads, writes
from tests.wall.case import OPERATIONS

__all__ = ["OPERATIONS", "reads", "writes"]
