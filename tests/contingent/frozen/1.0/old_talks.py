"""What is asked after a return. Written for contingent 1.0, never changed."""

from __future__ import annotations

from contingent import Advice, Answered, Ctx, Homecoming, Manifest, Question, hookimpl

manifest = Manifest(
    name="old_talks",
    version="1.0",
    title={"en": "Talks of old", "fr": "Entretiens d’autrefois"},
    requires="contingent>=1.0,<2",
    data_classes=frozenset({"public", "health"}),
)


@hookimpl
async def check_in_questions(ctx: Ctx, homecoming: Homecoming) -> list[Question]:
    title = {"en": "How do you sleep?", "fr": "Comment dormez-vous ?"}
    return [Question(key="sleep", title=title, kind="scale", least=1, most=5, required=True)]


@hookimpl
async def check_in_advice(ctx: Ctx, answered: Answered) -> list[Advice]:
    text = {"en": "Talk to somebody.", "fr": "Parlez à quelqu’un."}
    return [Advice(key="talk", text=text, tone="warn", contact="peer")] if answered.answers.get("sleep") == 1 else []
