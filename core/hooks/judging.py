"""What came of a call: an answer as the hook promises it, a failure that is written down, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.context import Ctx
from core.hooks.answers import Answers, Cause, Failure, Fell, redact, refusal
from core.hooks.binding import Asked, Part
from core.hooks.checking import reason_of
from core.hooks.marking import Rejected
from core.hooks.running import Late

if TYPE_CHECKING:
    from core.hooks.host import PluginHost

_NOT_THE_PLUGINS = (KeyboardInterrupt, GeneratorExit)


def begin(asked: Asked) -> Answers[Any]:
    """Return the answers so far: the failures of those that cannot be called, which refuse at once."""
    if asked.refuses is not None:
        raise Rejected(asked.refuses, asked.absent[0].plugin, asked.absent[0])
    return Answers(asked.hook, [], [], list(asked.absent), len(asked.calls) + len(asked.absent))


def take(answers: Answers[Any], part: Part, outcome: Any) -> None:
    """Add what came of a call to the answers. Raises ``Rejected`` where it refuses, or decides access and failed."""
    if isinstance(outcome, Rejected):
        raise outcome
    if isinstance(outcome, Failure):
        if part.hook.on_failure == "closed":
            raise Rejected(refusal(outcome, part.title), outcome.plugin, outcome)
        answers.failures.append(outcome)
    elif outcome is not None:
        answers.results.append(outcome)
        answers.origins.append(part.origin)


class Judge:
    """Judges for one tenant what its plugins answer and raise; tells the host of what failed."""

    __slots__ = ("_ctx", "_health", "_host")

    def __init__(self, host: PluginHost, ctx: Ctx) -> None:
        self._ctx = ctx
        self._health = host.health
        self._host = host

    def refused(self, part: Part) -> Failure | None:
        """Return why the plugin is not called now, if it is not."""
        why = self._health.refuses(part.key, self._ctx.clock.monotonic())
        return None if why is None else part.failure(why)

    def raised(self, part: Part, error: BaseException) -> Failure | Rejected:
        """Return what an error of the plugin means; raise it if it is not the plugin's."""
        if isinstance(error, _NOT_THE_PLUGINS):
            raise error
        if isinstance(error, Rejected) and part.hook.may_reject and (reason := reason_of(error)):
            self._health.succeeded(part.key, self._ctx.clock.monotonic())
            return Rejected(reason, part.origin.plugin, final=error.final is True)
        if isinstance(error, Late):
            return self.failed(part, "late", f"no answer in {part.hook.deadline:g} s")
        if isinstance(error, Fell):
            return self.failed(part, error.cause, error.line, counts=error.cause != "busy")
        return self.failed(part, "raised", redact(error))

    def judged(self, part: Part, value: Any) -> Any:
        """Return the value, made sound where that can be done, or the failure that it is."""
        if self._health.suspended(part.key):
            # The watchdog saw it hold the loop: it is written down already, and its answer is late.
            part.tally.failures += 1
            return part.failure("blocked")
        if value is not None:
            try:
                value = part.check(value)
            except Exception as error:  # noqa: BLE001 - nonsense of any kind
                return self.failed(part, "nonsense", redact(error))
        self._health.succeeded(part.key, self._ctx.clock.monotonic())
        return value

    def failed(self, part: Part, cause: Cause, error: str, *, counts: bool = True) -> Failure:
        """Return a failure of the plugin, of which the host was told."""
        part.tally.failures += 1
        failure = part.failure(cause, error)
        self._host.note(self._ctx, failure, counts=counts)
        return failure
