"""What the author of a plugin imports. Nothing else of this project is meant for plugins.

Importing it loads msgspec and pluggy only, so that a sandboxed host stays small. The hooks
themselves are in ``contingent.specs``; ``contingent hooks`` prints the whole contract.
"""

from __future__ import annotations

from core.context import Actor, Ctx, Scope
from core.hooks import specs
from core.hooks.data import Data, Words
from core.hooks.days import shift
from core.hooks.files import File
from core.hooks.granting import NotConsented
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
    ConnectionStep,
    Finding,
    Milestone,
    NoApproval,
    Nomination,
    Officer,
    RejectedRecord,
    Source,
    SourcePage,
    Step,
    Strength,
    Subject,
    Tour,
    Transition,
    Who,
)
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
    "Column",
    "ConnectionStep",
    "Ctx",
    "Data",
    "Document",
    "Done",
    "Fact",
    "Facts",
    "Fault",
    "Faults",
    "Figure",
    "File",
    "Finding",
    "Homecoming",
    "Manifest",
    "Milestone",
    "NoApproval",
    "Nomination",
    "NotConsented",
    "Notice",
    "Officer",
    "Overview",
    "PageLink",
    "Panel",
    "Place",
    "Question",
    "Rejected",
    "RejectedRecord",
    "Row",
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
    "Text",
    "Tour",
    "Transition",
    "Who",
    "Words",
    "field",
    "hookimpl",
    "shift",
    "specs",
    "t",
]
