"""The consent to what a plugin asks for as a form, and the form that comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from core.context import Ctx
from core.errors import Fault
from core.extensions.schemas import Asked, EnablePlugin, PluginFile
from core.text import t
from core.use_cases.fields import field
from core.web.forms import Form, build_form
from core.web.forms_nested import TICKED
from core.web.view import View

AGREED = "agreed"


class Agreement(msgspec.Struct, frozen=True):
    """The box under what a plugin asks for."""

    agreed: Annotated[
        bool,
        field(
            t("We consent to this for our service"),
            unticked=t("Look at what the plugin asks for, and tick the box."),
        ),
    ]


def unseen(asks: Asked) -> dict[str, str]:
    """Return what is asked for as hidden fields of a form: what somebody saw when they consented."""
    return {name: " ".join(keys) for name, keys in msgspec.to_builtins(asks).items()}


def consent_form(view: View, found: PluginFile) -> Form | None:
    """Return the box to be ticked before the plugin runs; none if it asks for nothing."""
    if not any(msgspec.structs.astuple(found.asks)):
        return None
    faults: Sequence[Fault] = ()
    if view.refused is EnablePlugin:
        view.explained = True
        faults = [Fault(f"/{AGREED}", one.text) for one in view.faults]
    return build_form(Agreement, {}, faults)


def gather_consent(ctx: Ctx, params: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Mapping[str, object]:
    """Return what was consented to: what the form named, if it was agreed to."""
    given = dict(fields)
    if given.get(AGREED, "") not in TICKED:
        return {}
    return {"consent": {name: given.get(name, "").split() for name in Asked.__struct_fields__}}
