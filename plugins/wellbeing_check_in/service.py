"""From settings to questions, and from answers to advice. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping

from contingent import Advice, Question, Words
from plugins.wellbeing_check_in.settings import Asked, Settings, seen

NEVER: Words = {"en": "never", "fr": "jamais"}
ALWAYS: Words = {"en": "always", "fr": "toujours"}

UNANSWERED: Words = {
    "en": "You have answered none of the questions that this advice goes by. You can talk to somebody all the same.",
    "fr": "Vous n’avez répondu à aucune des questions dont dépendent ces conseils. Vous pouvez tout de même parler à "
    "quelqu’un.",
}
NOTHING: Words = {
    "en": "Nothing in your answers speaks for more than a talk with people close to you.",
    "fr": "Rien dans vos réponses n’appelle plus qu’une conversation avec vos proches.",
}
PEER: Words = {
    "en": "Some of this is common after a mission, and easier to carry when it is shared. A peer has been there.",
    "fr": "Une partie de ce que vous vivez est courante après une mission, et plus légère quand on la partage. "
    "Une personne du soutien par les pairs est passée par là.",
}
HEALTH: Words = {
    "en": "Several of your answers speak for a talk with the health service. What you say there stays there.",
    "fr": "Plusieurs de vos réponses plaident pour une conversation avec le service de santé. "
    "Ce que vous y dites y reste.",
}

LOW, HIGH = 2, 4
"""Of 1 to 5: up to the one, and from the other on."""


def questions_of(settings: Settings) -> list[Question]:
    """Return what is asked. No question has to be answered."""
    return [
        Question(
            key=one.key,
            title={"en": seen(one.title_en), "fr": seen(one.title_fr)},
            kind=one.kind,
            choices={"1": NEVER, "5": ALWAYS} if one.kind == "scale" else {},
        )
        for one in settings.questions
    ]


def may_speak(one: Asked) -> bool:
    """Say whether some answer to this question speaks for a talk."""
    return one.kind != "words" and one.concern != "none"


def speaks_for_a_talk(one: Asked, answer: str | int | bool) -> bool:
    """Say whether this answer to this question does."""
    if one.kind == "scale" and isinstance(answer, int):
        return answer <= LOW if one.concern == "low" else one.concern == "high" and answer >= HIGH
    return one.kind == "yes_no" and one.concern == ("yes" if answer else "no")


def advice_on(settings: Settings, answers: Mapping[str, str | int | bool]) -> list[Advice]:
    """Return what follows: whom to talk to, and always whom to call at once."""
    known = {one.key: one for one in settings.questions}
    told = [(known[key], answer) for key, answer in answers.items() if key in known and may_speak(known[key])]
    speaking = sum(speaks_for_a_talk(one, answer) for one, answer in told)
    if speaking >= settings.several:
        first = Advice(key="talk", text=HEALTH, tone="warn", contact="health")
    elif speaking:
        first = Advice(key="talk", text=PEER, contact="peer")
    elif told:
        first = Advice(key="talk", text=NOTHING, tone="ok")
    else:
        first = Advice(key="talk", text=UNANSWERED)
    return [first, Advice(key="urgent", text={"en": seen(settings.urgent_en), "fr": seen(settings.urgent_fr)})]
