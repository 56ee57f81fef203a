"""Whether a plugin's functions are what the contract asks for, checked before any of them runs."""

from __future__ import annotations

import difflib
import inspect
import types
import typing
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Union

from core.hooks.marking import PROJECT, Hook, colour_of

REFUSED_OPTIONS = {
    "wrapper": "a wrapper runs around other plugins, so no deadline can contain it",
    "hookwrapper": "a wrapper runs around other plugins, so no deadline can contain it",
    "optionalhook": "every hook of the contract exists",
}


class Unfit(Exception):
    """A plugin is not what the contract asks for; the message names hook and expectation."""


def implementations(plugin: object) -> dict[str, Callable[..., Any]]:
    """Return the marked functions of ``plugin`` by the name of the hook they implement.

    Raises ``Unfit`` for wrappers and for two implementations of one hook.
    """
    found: dict[str, Callable[..., Any]] = {}
    for name in dir(plugin):
        function = inspect.getattr_static(plugin, name, None)
        options = getattr(function, f"{PROJECT}_impl", None)
        if not isinstance(options, dict):
            continue
        hook = options.get("specname") or name
        for option, reason in REFUSED_OPTIONS.items():
            if options.get(option):
                raise Unfit(f"hook {hook}: {option}=True is refused, because {reason}")
        if hook in found:
            raise Unfit(f"hook {hook} is implemented twice: keep one function")
        found[hook] = getattr(plugin, name)
    return found


def verify(hooks: Mapping[str, Hook], name: str, function: Callable[..., Any], *, health: bool = False) -> None:
    """Raise ``Unfit`` unless ``function`` is a sound implementation of the hook ``name``.

    ``health``: the plugin says in its manifest that it receives health data.
    """
    hook = hooks.get(name)
    if hook is None:
        near = difflib.get_close_matches(name, hooks, n=1)
        meant = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(sorted(hooks))}"
        raise Unfit(f"there is no hook {name}: {meant}")
    _verify_kind(hook, function, health=health)
    try:
        given = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise Unfit(f"hook {name}: {error}: import the names of annotations at run time") from error
    parameters = inspect.signature(function).parameters
    for parameter in parameters.values():
        _verify_parameter(hook, parameter, given)
    if "ctx" in parameters and next(iter(parameters)) != "ctx":
        raise Unfit(f"hook {name}: ctx is the first argument")
    if "return" not in given:
        raise Unfit(f"hook {name}: annotate the result as {shown(hook.answer)}")
    answer = given["return"]
    if hook.colour == "async generator":
        if typing.get_origin(answer) not in (AsyncIterator, AsyncGenerator, AsyncIterable):
            raise Unfit(f"hook {name}: annotate the result as AsyncIterator[{shown(hook.answer)}]")
        answer = typing.get_args(answer)[0]
    if not _members(answer) <= _members(hook.answer):
        raise Unfit(f"hook {name}: the result is {shown(answer)}, expected {shown(hook.answer)}")


def verify_tier(tier: int, hooks: Iterable[str]) -> None:
    """Raise ``Unfit`` where a plugin says that it has no code of its own, and implements hooks."""
    if tier == 0 and (named := min(hooks, default=None)):
        raise Unfit(
            f"tier=0 is for settings alone, and it implements {named}, whose code runs: "
            "say tier=1 (in the process, reviewed) or tier=2 (in a sandbox)"
        )


def _verify_kind(hook: Hook, function: Callable[..., Any], *, health: bool) -> None:
    if hook.health and not health:
        raise Unfit(f"hook {hook.name} is of health: add 'health' to data_classes in the manifest")
    colour = colour_of(function)
    if colour != hook.colour:
        raise Unfit(f"hook {hook.name}: expected {_article(hook.colour)}, got {_article(colour)}")


def _verify_parameter(hook: Hook, parameter: inspect.Parameter, given: Mapping[str, Any]) -> None:
    if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or parameter.default is not parameter.empty:
        raise Unfit(f"hook {hook.name}: {parameter}: take plain arguments without defaults")
    expected = hook.types.get(parameter.name)
    if expected is None:
        raise Unfit(f"hook {hook.name} has no argument {parameter.name!r}: expected ctx, {', '.join(hook.arguments)}")
    if parameter.name not in given:
        raise Unfit(f"hook {hook.name}: annotate {parameter.name} as {shown(expected)}")
    if _members(given[parameter.name]) != _members(expected):
        found = shown(given[parameter.name])
        raise Unfit(f"hook {hook.name}: {parameter.name} is {found}, expected {shown(expected)}")


def _members(annotation: Any) -> frozenset[Any]:
    """Return the alternatives of a union, so that their order does not matter."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return frozenset(typing.get_args(annotation))
    return frozenset({annotation})


def shown(annotation: Any) -> str:
    """Return an annotation as an author writes it: ``list[Step] | NoApproval | None``."""
    if annotation is None or annotation is type(None):
        return "None"
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return annotation.__name__
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return " | ".join(shown(argument) for argument in typing.get_args(annotation))
    arguments = ", ".join(shown(argument) for argument in typing.get_args(annotation))
    name = getattr(typing.get_origin(annotation), "__name__", None)
    return f"{name}[{arguments}]" if name and arguments else str(annotation)


def _article(colour: str) -> str:
    return f"{'a' if colour == 'def' else 'an'} {colour}"
