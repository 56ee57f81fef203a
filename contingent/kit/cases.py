"""Recorded cases: calls of hooks in JSON files, each with the answer it should give.

A case says everything the answer depends on: the hook, its arguments, the plugin's settings, what its store
holds and which files it may open. ``contingent plugin run --record`` writes the answer into it.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from datetime import datetime
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from types import GenericAlias
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from contingent import Ctx, File
from contingent.kit.trial import Outcome, Trial
from core.errors import Misconfigured
from core.hooks.data import Words
from core.hooks.marking import Hook
from core.hooks.registry import Registry
from core.hooks.settings_values import read_struct

TENANT = "alpha"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Case(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One recorded call, as it stands in its file."""

    hook: str
    arguments: dict[str, Any] = {}
    """By name; dates and ids as text."""
    settings: dict[str, Any] = {}
    store: dict[str, dict[str, Any]] = {}
    """The documents that are there before the call, by key."""
    files: dict[UUID, str] = {}
    """The files that can be opened, beside the case, by the id under which they are opened."""
    now: datetime | None = None
    """The instant of the call; the kit's own if none."""
    answer: Any = msgspec.UNSET
    """What the plugin answers: of a stream its pages; ``null`` for no answer."""
    refusal: Words | msgspec.UnsetType = msgspec.UNSET
    """The reason with which the plugin refuses."""


class Recorded(NamedTuple):
    """A case and its file."""

    path: Path
    case: Case

    @property
    def has_answer(self) -> bool:
        """Whether the case says what should come of it."""
        return not (self.case.answer is msgspec.UNSET and self.case.refusal is msgspec.UNSET)

    def arguments(self, hook: Hook) -> dict[str, Any]:
        """Return the arguments as the host gives them; raise ``Misconfigured`` with every fault."""
        given, faults, found = self.case.arguments, [], {}
        for name in hook.arguments:
            if name not in given:
                faults.append(f"{hook.name} takes {name!r}, which is missing")
                continue
            try:
                found[name] = msgspec.convert(given[name], hook.types[name], str_keys=True)
            except (msgspec.ValidationError, ValueError) as error:
                faults.append(f"{name}: {error}")
        faults += [f"{hook.name} takes no {name!r}" for name in given if name not in hook.arguments]
        if faults:
            raise Misconfigured("\n".join(f"{self.path}: {fault}" for fault in faults))
        return found

    def trial(self, trial: Trial) -> Ctx:
        """Put what the case says into ``trial`` and return the context to call with."""
        shape = trial.registry.plugins[trial.plugin].manifest.settings
        if shape is not None:
            try:
                read_struct(shape, trial.settings)
            except (msgspec.ValidationError, ValueError) as error:
                raise Misconfigured(f"{self.path}: the settings do not fit: {error}") from error
        if self.case.now is not None:
            trial.clock.set(self.case.now)
        ctx = trial.tenant(TENANT)
        documents = {key: msgspec.json.encode(value) for key, value in self.case.store.items()}
        trial.records.documents[ctx.scope.id, trial.plugin] = documents
        for id_, name in self.case.files.items():
            file = self.path.parent / name
            kind = XLSX if file.suffix == ".xlsx" else mimetypes.guess_type(name)[0] or "application/octet-stream"
            try:
                trial.files[TENANT][id_] = File(name=file.name, media_type=kind, content=file.read_bytes())
            except OSError as error:
                raise Misconfigured(f"{self.path}: the file {name} cannot be read: {error.strerror}") from error
        return ctx

    def difference(self, hook: Hook, outcome: Outcome) -> str | None:
        """Say how the outcome differs from the one that is recorded, if one is."""
        if not self.has_answer:
            return None
        if outcome.failure is not None and outcome.failure.cause != "nothing":
            return f"{outcome.failure.cause} {outcome.failure.error}".rstrip()
        got = to_plain(hook, outcome)
        expected = {"answer": self.case.answer, "refusal": self.case.refusal}
        wanted = {key: value for key, value in expected.items() if value is not msgspec.UNSET}
        if "answer" in wanted:
            try:
                # What the contract has gained since the case was recorded has its default.
                shape: Any = GenericAlias(list, (hook.answer,)) if hook.call == "stream" else hook.answer
                wanted["answer"] = _plain(msgspec.convert(wanted["answer"], shape))
            except (msgspec.ValidationError, ValueError) as error:
                return f"the recorded answer is none that {hook.name} can give: {error}"
        return None if got == wanted else _compared(wanted, got)

    def record(self, hook: Hook, outcome: Outcome) -> None:
        """Write what came of it into the case's file."""
        came = to_plain(hook, outcome)
        self.case.answer = came.get("answer", msgspec.UNSET)
        self.case.refusal = came.get("refusal", msgspec.UNSET)
        encoded = msgspec.json.format(msgspec.json.encode(self.case), indent=2)
        self.path.write_bytes(encoded + b"\n")


def to_plain(hook: Hook, outcome: Outcome) -> dict[str, Any]:
    """Return ``{"answer": …}`` or ``{"refusal": …}``, as JSON has it."""
    if outcome.refusal is not None:
        return {"refusal": dict(outcome.refusal.reason)}
    answers = _plain(outcome.answers)
    return {"answer": answers if hook.call == "stream" else next(iter(answers), None)}


def read_case(path: Path, hooks: Mapping[str, Hook]) -> Recorded:
    """Return the case in the file; raise ``Misconfigured`` if it is none."""
    try:
        case = msgspec.json.decode(path.read_bytes(), type=Case)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is no case: {error}") from error
    if case.hook not in hooks:
        raise Misconfigured(f"{path}: there is no hook {case.hook!r}: expected one of {', '.join(hooks)}")
    return Recorded(path, case)


def read_cases(folder: Path | None, registry: Registry) -> list[Recorded]:
    """Return the cases in the JSON files of a folder, by name."""
    files = sorted(folder.glob("*.json")) if folder is not None and folder.is_dir() else []
    return [read_case(file, registry.hooks) for file in files]


async def run_case(trial: Trial, recorded: Recorded) -> Outcome:
    """Call the hook of the case as it says."""
    hook = trial.registry.hooks[recorded.case.hook]
    return await trial.call(recorded.trial(trial), hook, recorded.arguments(hook))


def _plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def _compared(wanted: Any, got: Any) -> str:
    """Return the lines in which the two differ, with one around them so that one sees where they are."""
    compared = islice(unified_diff(_lines(wanted), _lines(got), n=1, lineterm=""), 2, None)
    lines = [line for line in compared if not line.startswith("@@")]
    return "\n".join(["answered otherwise (- is recorded, + is answered now):", *(f"    {line}" for line in lines)])


def _lines(value: Any) -> list[str]:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode().splitlines()
