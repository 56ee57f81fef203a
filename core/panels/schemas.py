"""What goes in and out of running a plugin's action."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec

from core.hooks.data import Words
from core.text import t
from core.use_cases.fields import field


class RunAction(msgspec.Struct, frozen=True, kw_only=True):
    """An action of a plugin, chosen on the page of its subject. ``once``: of this choice, however often it is sent."""

    id: Annotated[str, field(t("Subject"), widget="hidden")]
    plugin: Annotated[str, field(t("Plugin"), widget="hidden")]
    action: Annotated[str, field(t("Action"), widget="hidden")]
    once: Annotated[UUID, field(t("This choice"), widget="hidden")]
    answers: dict[str, str | int | bool] = {}


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """What the plugin said when it was done."""

    said: Words
