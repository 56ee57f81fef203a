"""The action: arranging a talk, by the officer with whom they choose, or by whoever keeps the return."""

from __future__ import annotations

from datetime import date

from contingent import Action, Chosen, Done, Fault, Faults, Place, Question, Words, shift

KEY = "arrange-talk"
MONTHS_AHEAD = 12

WHOM: dict[str, Words] = {
    "peer": {"en": "A peer", "fr": "Un pair"},
    "health": {"en": "The health service", "fr": "Le service de santé"},
    "chaplain": {"en": "A chaplain", "fr": "L’aumônerie"},
    "association": {"en": "The members’ association", "fr": "L’association des membres"},
}
DAY = Question(key="day", title={"en": "Day", "fr": "Jour"}, kind="day", required=True)
PERSON = Question(
    key="whom",
    title={"en": "With whom", "fr": "Avec qui"},
    kind="choice",
    required=True,
    choices=WHOM,
    help={
        "en": "They are asked to call you. Your chain of command is not told with whom you talk.",
        "fr": "On leur demande de vous appeler. Votre hiérarchie n’apprend pas avec qui vous parlez.",
    },
)
TITLE: Words = {"en": "Arrange a talk", "fr": "Convenir d’une conversation"}
SAYS: Words = {
    "en": "A talk on a day that suits, besides those that are planned.",
    "fr": "Une conversation le jour qui convient, en plus de celles qui sont prévues.",
}
PAST: Words = {"en": "Choose today or a later day.", "fr": "Choisissez aujourd’hui ou un jour ultérieur."}
FAR: Words = {"en": "Choose a day within the next twelve months.", "fr": "Choisissez un jour des douze prochains mois."}


def offered(place: Place) -> list[Action] | None:
    """Return the action on a return that is open."""
    if place.homecoming is None or place.homecoming.state == "closed":
        return None
    form = [DAY, PERSON] if place.own else [DAY]
    return [Action(key=KEY, title=TITLE, says=SAYS, form=form, who="officer" if place.own else "keeper")]


def arrange(chosen: Chosen, today: date) -> Done | Faults:
    """Propose the talk, and the request for contact where the officer named somebody."""
    day = date.fromisoformat(str(chosen.answers["day"]))
    if day < today:
        return Faults(faults=[Fault(key="day", reason=PAST)])
    if day > shift(today, months=MONTHS_AHEAD):
        return Faults(faults=[Fault(key="day", reason=FAR)])
    said: Words = {"en": "The talk is arranged.", "fr": "La conversation est convenue."}
    whom = chosen.answers.get("whom")
    if whom is None:
        return Done(said=said, talk=day)
    asked: Words = {
        "en": "The talk is arranged, and they are asked to call you.",
        "fr": "La conversation est convenue, et on leur demande de vous appeler.",
    }
    return Done(said=asked, talk=day, contact=whom)  # type: ignore[arg-type]
