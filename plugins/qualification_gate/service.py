"""What is missing for a step, and how that is said."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from contingent import Transition, Words, shift
from plugins.qualification_gate.settings import KINDS, Need, Settings

FRENCH = {
    "language": "langue",
    "driving": "conduite automobile",
    "firearm": "arme à feu",
    "first_aid": "secourisme",
    "use_of_force": "emploi de la force",
    "security_clearance": "cote de sécurité",
    "passport": "passeport",
    "vaccination": "vaccination",
    "host_clearance": "autorisation de l’organisme hôte",
}


class Wanting(NamedTuple):
    """A qualification that is not in force as long as it must be; ``held`` until then, or not at all."""

    kind: str
    needed: date
    held: date | None


def wanting(settings: Settings, transition: Transition) -> list[Wanting]:
    """Return what of the settings' needs for this step is not met."""
    held = transition.officer.qualifications
    found = []
    for need in settings.needs:
        if need.step != transition.step:
            continue
        needed = needed_until(need, transition)
        until = held.get(need.kind, date.min)
        if until is not None and until < needed:
            found.append(Wanting(need.kind, needed, held.get(need.kind)))
    return found


def needed_until(need: Need, transition: Transition) -> date:
    """Return the last day on which the qualification must be in force."""
    last = None
    nomination = transition.nomination
    if transition.tour is not None:
        last = transition.tour.end
    elif nomination is not None and nomination.starts is not None and nomination.months is not None:
        last = shift(shift(nomination.starts, months=nomination.months), days=-1)
    return max(last, transition.on) if last is not None and need.until == "tour" else transition.on


def reason(missing: list[Wanting]) -> Words:
    """Return what is missing, in one sentence a language."""
    english = "; ".join(
        f"{KINDS[one.kind].id.lower()} (held until {one.held}, needed on {one.needed})"
        if one.held
        else f"{KINDS[one.kind].id.lower()} (not in the file)"
        for one in missing
    )
    french = "; ".join(
        f"{FRENCH[one.kind]} (valide jusqu’au {one.held}, nécessaire le {one.needed})"
        if one.held
        else f"{FRENCH[one.kind]} (pas au dossier)"
        for one in missing
    )
    return {
        "en": f"Not in force: {english}. Renew it and enter it in the officer’s file.",
        "fr": f"Pas en vigueur\N{NO-BREAK SPACE}: {french}. À renouveler, puis à inscrire au dossier du membre.",
    }
