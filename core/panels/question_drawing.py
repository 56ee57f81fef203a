"""Questions of plugins as a form."""

from __future__ import annotations

from collections.abc import Sequence

from core.context import Language
from core.errors import Fault
from core.hooks.panels import Question
from core.panels.questions import PREFIX, Answers, struct_of
from core.web.forms import Form, build_form


def form_of(
    questions: Sequence[Question],
    language: Language,
    given: Answers,
    faults: Sequence[Fault],
    *,
    prefix: str,
    free: bool = False,
) -> Form:
    """Return the form, with what was ``given`` and what was wrong with it; ``free``: see ``struct_of``."""
    struct = struct_of(questions, language, free=free)
    return build_form(struct, {PREFIX + key: value for key, value in given.items()}, faults, prefix=prefix)
