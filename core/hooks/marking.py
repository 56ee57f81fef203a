"""How a hook is declared and how an implementation is marked."""

from __future__ import annotations

import inspect
import typing
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Literal, TypeVar

import msgspec
import pluggy

from core.hooks.data import Words

PROJECT = "contingent"

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook with its name."""

_spec_marker = pluggy.HookspecMarker(PROJECT)

F = TypeVar("F", bound=Callable[..., Any])

Call = Literal["all", "first", "pipe", "one", "stream"]
OnFailure = Literal["open", "closed", "stopped", "shown", "retried"]
Colour = Literal["def", "async def", "async generator"]


class Rejected(Exception):
    """A plugin's refusal, with its reason: the one exception the dispatcher lets through.

    Only hooks declared with ``may_reject`` may raise it. What is called from the outbox is tried
    again, unless the refusal is ``final``: then it is given up at once, for a person to mend. Where a
    hook decides access, the dispatcher itself raises it for a plugin that did not answer; ``failure``
    then says why.
    """

    final: bool = False

    def __init__(self, reason: Words, plugin: str = "", failure: object = None, *, final: bool = False) -> None:
        super().__init__(reason["en"])
        self.reason = reason
        self.final = final
        self.plugin = plugin
        self.failure = failure


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """What is declared about one hook; the contract is printed from it."""

    name: str
    call: Call
    colour: Colour
    deadline: float
    """Seconds an implementation may take; for a stream, seconds a page."""
    whole: float | None
    """For a stream: seconds the whole run may take."""
    on_failure: OnFailure
    may_reject: bool
    writes: bool
    """Implementations may write to ``ctx.store``; a deciding hook may only read."""
    health: bool
    """What it is given, or gives, is of health: only a plugin of that class implements it, and the host in which it
    ran ends with the call."""
    since: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    """The names after ``ctx``."""
    types: Mapping[str, Any]
    """The type of ``ctx`` and of each argument."""
    answer: Any
    """What an implementation returns; for a stream, what it yields."""

    @property
    def documentation(self) -> str:
        """The docstring, without its indentation."""
        return inspect.cleandoc(self.function.__doc__ or "")


def hook(
    *,
    call: Call,
    deadline: float,
    on_failure: OnFailure,
    since: str,
    whole: float | None = None,
    may_reject: bool = False,
    writes: bool = False,
    health: bool = False,
) -> Callable[[F], F]:
    """Declare a hook: how it is called, its deadline in seconds and what a failure means.

    ``def`` is the author's promise of no input or output, ``async def`` may do some, an
    async generator gives pages. The function is never run: it is the key of the call.
    """

    def declare(function: F) -> F:
        declared = {
            "call": call,
            "deadline": deadline,
            "whole": whole,
            "on_failure": on_failure,
            "may_reject": may_reject,
            "writes": writes,
            "health": health,
            "since": since,
        }
        function.__contingent_hook__ = declared  # type: ignore[attr-defined]
        return _spec_marker(function)

    return declare


def is_hook(function: object) -> bool:
    """Say whether ``function`` was declared with ``@hook``."""
    return inspect.isfunction(function) and hasattr(function, "__contingent_hook__")


def describe(function: Callable[..., Any]) -> Hook:
    """Return what is declared about the hook; raise ``TypeError`` if the declaration is unsound."""
    declared = function.__contingent_hook__  # type: ignore[attr-defined]
    types = typing.get_type_hints(function, include_extras=True)
    answer = types.pop("return")
    names = tuple(inspect.signature(function).parameters)
    colour = colour_of(function)
    if names[:1] != ("ctx",):
        raise TypeError(f"hook {function.__name__}: the first argument is ctx")
    if (declared["call"] == "stream") != (colour == "async generator"):
        raise TypeError(f"hook {function.__name__}: a stream, and nothing else, is an async generator")
    if colour == "async generator":
        if typing.get_origin(answer) is not AsyncIterator:
            raise TypeError(f"hook {function.__name__}: annotate the result as AsyncIterator[…]")
        (answer,) = typing.get_args(answer)
    return Hook(
        name=function.__name__,
        colour=colour,
        function=function,
        arguments=names[1:],
        types=types,
        answer=answer,
        **declared,
    )


def colour_of(function: Callable[..., Any]) -> Colour:
    """Say whether calling it gives a value, an awaitable or a generator to iterate over."""
    if inspect.isasyncgenfunction(function):
        return "async generator"
    return "async def" if inspect.iscoroutinefunction(function) else "def"
