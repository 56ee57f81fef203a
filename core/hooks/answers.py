"""What comes back from plugins: results, and what went wrong, in words that hold no content."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from pathlib import PurePath
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar
from uuid import UUID

import msgspec

from core.hooks.data import Words
from core.hooks.marking import Hook
from core.text import Text, t

R = TypeVar("R")

Cause = Literal[
    "raised",
    "withheld",
    "late",
    "nonsense",
    "blocked",
    "ended",
    "overtime",
    "busy",
    "unconfined",
    "resting",
    "suspended",
    "stopped",
    "safe",
    "disabled",
    "unset",
    "unallowed",
    "unconsented",
    "broken",
    "missing",
    "nothing",
]

SENTENCES: dict[Cause, str] = {
    "raised": t("The plugin “%(plugin)s” failed with an error.").id,
    "withheld": t("The plugin “%(plugin)s” used what nobody consented to.").id,
    "late": t("The plugin “%(plugin)s” did not answer in time.").id,
    "nonsense": t("The plugin “%(plugin)s” answered something that cannot be understood.").id,
    "blocked": t("The plugin “%(plugin)s” held up everybody’s work and was suspended.").id,
    "ended": t("The plugin “%(plugin)s” ended its sandbox, or was ended there.").id,
    "overtime": t(
        "Something in the sandbox of the plugin “%(plugin)s” worked on after the answers, and was ended with it."
    ).id,
    "busy": t("The plugin “%(plugin)s” has too much under way.").id,
    "unconfined": t("The plugin “%(plugin)s” may run in a sandbox only, which this machine cannot give.").id,
    "resting": t("The plugin “%(plugin)s” failed several times and is left alone for half a minute.").id,
    "suspended": t("The plugin “%(plugin)s” is suspended.").id,
    "stopped": t("The plugin “%(plugin)s” was stopped by the operator of the platform.").id,
    "safe": t("The plugin “%(plugin)s” does not run in safe mode.").id,
    "disabled": t("The plugin “%(plugin)s” is switched off.").id,
    "unset": t("The settings of the plugin “%(plugin)s” do not fit its version.").id,
    "unallowed": t("The plugin “%(plugin)s” is not allowed here by the operator of the platform.").id,
    "unconsented": t("The plugin “%(plugin)s” asks for more than was consented to, and waits for consent.").id,
    "broken": t("The plugin “%(plugin)s” cannot be loaded.").id,
    "missing": t("The plugin “%(plugin)s” is not installed, or does not do this.").id,
    "nothing": t("The plugin “%(plugin)s” gave no answer.").id,
}


class Failure(msgspec.Struct, frozen=True):
    """One plugin that did not answer one call for one tenant.

    ``error`` is one line for developers: kinds, places and expectations, never content.
    """

    tenant: UUID
    plugin: str
    hook: str
    cause: Cause
    error: str = ""

    @property
    def text(self) -> Text:
        """The sentence for the tenant's people."""
        return Text(SENTENCES[self.cause], {"plugin": self.plugin})

    def __str__(self) -> str:
        return f"plugin {self.plugin}, hook {self.hook}, tenant {self.tenant}: {self.cause} {self.error}".rstrip()


class PluginFailed(Exception):
    """A stream ended before its end; ``failure`` says which plugin and why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class Fell(Exception):
    """A call to a plugin in a sandbox ended without an answer: the cause, and one line without content."""

    def __init__(self, cause: Cause, line: str) -> None:
        super().__init__(f"{cause}: {line}")
        self.cause = cause
        self.line = line


class Origin(NamedTuple):
    """The plugin that gave a result, and its version: kept with what was decided."""

    plugin: str
    version: str


class Answers(msgspec.Struct, Generic[R]):
    """The answers to one call."""

    hook: Hook
    results: list[R]
    """In calling order."""
    origins: list[Origin]
    """Which plugin gave each result."""
    failures: list[Failure]
    asked: int = 1
    """How many plugins were to answer: those that had nothing to say, and those that failed, among them."""

    @property
    def complete(self) -> bool:
        """Whether everybody asked has answered and, for a duty (``stopped``), somebody gave something."""
        if self.failures:
            return False
        return self.hook.on_failure != "stopped" or any(result != [] for result in self.results)

    @property
    def version(self) -> str | None:
        """The version of the plugin that gave the first result."""
        return self.origins[0].version if self.origins else None


class Keyed(Protocol):
    """Something with a key that is stable between plugins."""

    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=Keyed)


def merge(answers: Answers[list[K]] | Sequence[list[K]]) -> list[K]:
    """Return all items of all answers, in order; of those with one key, the first."""
    lists = answers.results if isinstance(answers, Answers) else answers
    merged: dict[str, K] = {}
    for items in lists:
        for item in items:
            merged.setdefault(item.key, item)
    return list(merged.values())


PASSING: frozenset[Cause] = frozenset({"raised", "late", "nonsense", "ended", "busy", "resting"})
"""After these the plugin may answer when it is asked again."""


def remedy(failure: Failure) -> Words:
    """Return what to do while a plugin that decides gives no answer."""
    if failure.cause in PASSING:
        return {"en": "Try again in a minute.", "fr": "Réessayez dans une minute."}
    return {
        "en": "It does not run: an administrator sets it right, or switches it off, under Plugins.",
        "fr": "Il ne fonctionne pas\u00a0: une administratrice ou un administrateur le rétablit, ou le désactive, "
        "sous Modules.",
    }


def refusal(failure: Failure, title: Words) -> Words:
    """Return why nothing is allowed while the plugin called ``title`` decides on it and gives no answer; what to do."""
    do = remedy(failure)
    return {
        "en": f"The plugin “{title['en']}” decides on this and did not answer. {do['en']}",
        "fr": f"Le module «\u00a0{title['fr']}\u00a0» en décide et n’a pas répondu. {do['fr']}",
    }


LONGEST_LINE = 300
"""Characters of what a plugin's side says of a failure."""
LONGEST_NAME = 100
"""Of which an error's kind takes so many at most, so that its place is always said."""


def one_line(said: str, longest: int = LONGEST_LINE) -> str:
    """Return one line without control, format and direction characters, which could do harm where it is shown."""
    return "".join(one if one.isprintable() else " " for one in said[:longest])


def redact(error: BaseException) -> str:
    """Return the error's kind and place, never its message: a message may quote a person.

    Of an answer that did not fit, what was expected where, without the value.
    """
    if isinstance(error, msgspec.ValidationError):
        return one_line(_QUOTED.sub("'…'", str(error)))
    name = type(error).__name__
    kind = name[:LONGEST_NAME] if name.isidentifier() else "Exception"
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return kind
    last = frames[-1]
    return one_line(f"{kind} at {'/'.join(PurePath(last.filename).parts[-3:])}:{last.lineno} in {last.name}")


def as_redacted(said: str) -> str:
    """Return a line that is said to come from ``redact`` if it has such a line's form; of any other text, ``UNSAID``.

    A plugin that has a process to itself can say there what it likes.
    """
    line = one_line(said)
    return line if _KIND_AND_PLACE.fullmatch(line) or _EXPECTED.fullmatch(line) else UNSAID


UNSAID = "an error of which neither kind nor place is known"
_QUOTED = re.compile(r"""(['"]).*\1""", re.DOTALL)
"""A value as Python writes it; all between the first and the last quote, for there may be some in it."""
_NAME = r"[^\W\d]\w{0,99}"
_PART = r"(?:[\w.-]{1,60}|<(?:frozen )?[\w.]{1,60}>)"
_KIND_AND_PLACE = re.compile(rf"{_NAME}(?: at /?/?{_PART}(?:/{_PART}){{0,2}}:\d{{1,6}} in (?:{_NAME}|<\w{{1,20}}>))?")
_TYPE = r"`[\w |,.\[\]]{1,60}`"
_ZONED = r" with (?:a|no) timezone component"
_BOUND = rf"(?: of)?(?: at least)?(?: length)?(?: [<>=]=?)? -?[\d.]{{1,20}}|{_ZONED}| matching regex '…'"
_PATH = r"`(?:key` in `)?\$[\w.\[\]…]{0,80}`"
_EXPECTED = re.compile(
    rf"(?:Expected {_TYPE}(?:{_BOUND})?(?:, got (?:{_TYPE}|\d{{1,9}}))?"
    rf"|Object (?:missing required|contains unknown) field {_TYPE}"
    rf"|Invalid (?:(?:enum )?value '…'|UUID|(?:RFC3339 encoded )?(?:date|time|datetime)))(?: - at {_PATH})?"
)
"""What msgspec says of a value that does not fit, with ``redact``'s mark in its place."""
