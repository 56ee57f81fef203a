"""What keeps a nomination from leaving an agency on a day: the gates, judged without a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from core.agencies import Gap
from core.text import Text, t
from tenants.words import ACTS, SUPPLIERS

MISSING = {
    "agreement": t("the agreement with the RCMP is missing"),
    "sharing": t("the sharing contract with IPOB is missing"),
    "privacy_assessment": t("the privacy impact assessment is missing"),
    "written_agreement": t("the written agreement on personal information is missing"),
}
NOT_ACTIVE = {
    "onboarding": t("your service is still joining the program"),
    "on_hold": t("your service is on hold"),
    "withdrawn": t("your service has withdrawn from the program"),
}
OPERATOR = t("the platform operator lets the service take part")
RESUME = t("an administrator of your service can resume on the page of agreements and privacy")


class Need(msgspec.Struct, frozen=True):
    """One thing the agency's law needs, from a day on, and which role can supply it."""

    what: str
    supplied_by: str
    since: date | None = None


class AgreementHeld(msgspec.Struct, frozen=True):
    """An agreement with the kinds of external act that are recorded for it."""

    starts: date
    expires: date
    acts: frozenset[str] = frozenset()


class ContractHeld(msgspec.Struct, frozen=True):
    """A version of the sharing contract; ``accepted`` is IPOB's consent."""

    number: int
    since: date
    accepted: date | None = None


class RecordHeld(msgspec.Struct, frozen=True):
    """A privacy record."""

    kind: str
    made: date
    lapses: date | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """All that the gates look at."""

    state: str | None
    """The agency's state on the day; ``None`` before its first."""
    set_by: str = "operator"
    """Who set that state: ``operator`` or ``agency``."""
    needs: Sequence[Need] = ()
    acts: Sequence[str] = ()
    """Kinds of external act without which an agreement is not in force."""
    agreements: Sequence[AgreementHeld] = ()
    contracts: Sequence[ContractHeld] = ()
    records: Sequence[RecordHeld] = ()


def find_gaps(held: Held, on: date) -> list[Gap]:
    """Return what is missing or lapsed on ``on``, in the order in which the regime names it."""
    found = list(_standing(held))
    for need in held.needs:
        if need.since is not None and need.since > on:
            continue
        if need.what == "agreement":
            found += _agreement(held, need, on)
        elif need.what == "sharing":
            found += _sharing(held, need, on)
        else:
            found += _record(held, need, on)
    return found


def in_force(contracts: Sequence[ContractHeld], on: date) -> ContractHeld | None:
    """Return the version that holds on ``on``: the highest that both sides agreed to and that has begun."""
    agreed = [one for one in contracts if one.accepted is not None and one.accepted <= on and one.since <= on]
    return max(agreed, key=lambda one: one.number, default=None)


def _standing(held: Held) -> Iterator[Gap]:
    if held.state is None:
        yield Gap("state", t("your service was not in the program on that day"), OPERATOR)
    elif held.state != "active":
        own = held.state == "on_hold" and held.set_by == "agency"
        yield Gap("state", NOT_ACTIVE[held.state], RESUME if own else OPERATOR)


def _agreement(held: Held, need: Need, on: date) -> Iterator[Gap]:
    current = [one for one in held.agreements if one.starts <= on <= one.expires]
    if not current:
        ended = [one.expires for one in held.agreements if one.expires < on]
        what = _lapsed("agreement", max(ended)) if ended else MISSING["agreement"]
        yield Gap("agreement", what, _remedy(need))
        return
    wanting = [[kind for kind in held.acts if kind not in one.acts] for one in current]
    for kind in min(wanting, key=len):
        what = t("the agreement rests on an act that is not recorded: %(act)s", act=ACTS[kind])
        yield Gap(f"act:{kind}", what, _remedy(need))


def _sharing(held: Held, need: Need, on: date) -> Iterator[Gap]:
    if in_force(held.contracts, on):
        return
    waiting = [one.number for one in held.contracts if one.accepted is None]
    if waiting:
        what = t("version %(number)s of the sharing contract waits for IPOB’s consent", number=max(waiting))
        yield Gap("sharing", what, t("IPOB can accept it"))
        return
    coming = [one.since for one in held.contracts if one.since > on]
    what = t("the sharing contract begins only on %(day)s", day=min(coming)) if coming else MISSING["sharing"]
    yield Gap("sharing", what, _remedy(need))


def _record(held: Held, need: Need, on: date) -> Iterator[Gap]:
    records = [one for one in held.records if one.kind == need.what and one.made <= on]
    if any(one.lapses is None or one.lapses >= on for one in records):
        return
    ended = [one.lapses for one in records if one.lapses is not None]
    yield Gap(need.what, _lapsed(need.what, max(ended)) if ended else MISSING[need.what], _remedy(need))


def _lapsed(what: str, day: date) -> Text:
    if what == "agreement":
        return t("the agreement with the RCMP lapsed after %(day)s", day=day)
    if what == "privacy_assessment":
        return t("the privacy impact assessment lapsed after %(day)s", day=day)
    return t("the written agreement on personal information lapsed after %(day)s", day=day)


def _remedy(need: Need) -> Text:
    return t("%(who)s can record it on the page of agreements and privacy", who=SUPPLIERS[need.supplied_by])
