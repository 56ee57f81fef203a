"""What the author of a plugin imports. Nothing else of this project is meant for plugins.

Importing it loads msgspec and pluggy only, so that a sandboxed host stays small. The hooks
themselves are in ``contingent.specs``; ``contingent hooks`` prints the whole contract.
"""

from __future__ import annotations

from typing import Any

from core.context import Actor, Ctx, Scope
from core.hooks import specs
from core.hooks.data import Data, Words
from core.hooks.days import day_in_words, shift
from core.hooks.deprecations import RemovedIn2Warning, give
from core.hooks.files import File
from core.hooks.granting import NotConsented
from core.hooks.hr import Course, Duty, Experience, HrRecord, Known, Leave, Receipt, Training
from core.hooks.http import HttpAnswer, HttpFailed
from core.hooks.manifest import API, Manifest
from core.hooks.marking import Rejected, hookimpl
from core.hooks.panels import (
    Action,
    Advice,
    Answered,
    Bar,
    Chosen,
    Column,
    Done,
    Fact,
    Facts,
    Fault,
    Faults,
    Figure,
    Homecoming,
    Notice,
    Overview,
    PageLink,
    Panel,
    Place,
    Question,
    Row,
    Table,
    Talk,
)
from core.hooks.store import Document, StoreRefused
from core.hooks.types import (
    Absence,
    ClaimLine,
    ConnectionStep,
    Event,
    Finding,
    Milestone,
    NoApproval,
    Nomination,
    Notification,
    Officer,
    Period,
    RejectedRecord,
    Return,
    Run,
    Source,
    SourcePage,
    Step,
    Strength,
    Subject,
    Task,
    Tour,
    Transition,
    Who,
)
from core.hooks.unreached import failure_in_words
from core.secret import Secret
from core.text import Text, t
from core.use_cases.fields import field

__all__ = [
    "API",
    "Absence",
    "Action",
    "Actor",
    "Advice",
    "Answered",
    "Bar",
    "Chosen",
    "ClaimLine",
    "Column",
    "ConnectionStep",
    "Course",
    "Ctx",
    "Data",
    "Document",
    "Done",
    "Duty",
    "Event",
    "Experience",
    "Fact",
    "Facts",
    "Fault",
    "Faults",
    "Figure",
    "File",
    "Finding",
    "Homecoming",
    "HrRecord",
    "HttpAnswer",
    "HttpFailed",
    "Known",
    "Leave",
    "Manifest",
    "Milestone",
    "NoApproval",
    "Nomination",
    "NotConsented",
    "Notice",
    "Notification",
    "Officer",
    "Overview",
    "PageLink",
    "Panel",
    "Period",
    "Place",
    "Question",
    "Receipt",
    "Rejected",
    "RejectedRecord",
    "RemovedIn2Warning",
    "Return",
    "Row",
    "Run",
    "Scope",
    "Secret",
    "Source",
    "SourcePage",
    "Step",
    "StoreRefused",
    "Strength",
    "Subject",
    "Table",
    "Talk",
    "Task",
    "Text",
    "Tour",
    "Training",
    "Transition",
    "Who",
    "Words",
    "day_in_words",
    "failure_in_words",
    "field",
    "hookimpl",
    "shift",
    "specs",
    "t",
]


def __getattr__(name: str) -> Any:
    """Return a name that goes, and warn whoever imports it (``core.hooks.deprecations``)."""
    return give(name)
