"""What an agency sets: before which step which qualification must be in force, and until when."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from contingent import field, t

STEPS = {
    "submit": t("A nomination is sent for approval"),
    "release": t("A nomination is sent to IPOB"),
    "adjust": t("After a return: back on active duty"),
    "settle": t("After a return: settled in"),
    "close": t("After a return: the file is closed"),
}
KINDS = {
    "language": t("Language"),
    "driving": t("Driving"),
    "firearm": t("Firearm"),
    "first_aid": t("First aid"),
    "use_of_force": t("Use of force"),
    "security_clearance": t("Security clearance"),
    "passport": t("Passport"),
    "vaccination": t("Vaccination"),
    "host_clearance": t("Clearance by the host organization"),
}
UNTIL = {"step": t("On the day of the step"), "tour": t("Until the last day of the tour")}


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One qualification that a step needs."""

    step: Annotated[Literal["submit", "release", "adjust", "settle", "close"], field(t("Before"), choices=STEPS)]
    kind: Annotated[
        Literal[
            "language",
            "driving",
            "firearm",
            "first_aid",
            "use_of_force",
            "security_clearance",
            "passport",
            "vaccination",
            "host_clearance",
        ],
        field(t("Qualification"), choices=KINDS),
    ]
    until: Annotated[Literal["step", "tour"], field(t("In force"), choices=UNTIL)] = "step"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Without any, the plugin refuses nothing."""

    needs: Annotated[list[Need], field(t("Needed"))] = []
