"""What of the contract goes, since when, and what stands in its place: one catalogue.

A plugin that still uses it is loaded, and told so at its own line: by pluggy for a hook or an argument, and by
``contingent`` itself for a name that is imported. What was said goes to the operator's page, too. A test fails as
soon as the contract's version is the one in which an entry goes: then it is taken out of the contract, and from here.
"""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pluggy

from core.hooks.manifest import version_numbers
from core.hooks.marking import PROJECT

log = logging.getLogger("contingent.plugins")


class RemovedIn2Warning(DeprecationWarning):
    """A plugin uses what goes with version 2 of the contract."""

    goes_with: ClassVar[str] = "2.0"
    """The version of the contract that does not have it any more."""


class Deprecation(NamedTuple):
    """One thing of the contract that goes: a hook, an argument of a hook, or a name of ``contingent``'s."""

    since: str
    """The version of the contract that has what stands in its place."""
    instead: str
    """What to do, as a sentence goes on: ``implement person_panels``."""
    hook: str = ""
    argument: str = ""
    """Of that hook."""
    name: str = ""
    """What plugins import from ``contingent``; it is taken out of the names there and given from here."""
    address: str = ""
    """Where what the name means is: ``core.hooks.types.Milestone``."""
    category: type[RemovedIn2Warning] = RemovedIn2Warning

    @property
    def warning(self) -> RemovedIn2Warning:
        """What is said to whoever uses it."""
        of_hook = f"argument {self.argument} of hook {self.hook}" if self.argument else f"hook {self.hook}"
        what = f"contingent.{self.name}" if self.name else of_hook
        goes = self.category.goes_with
        return self.category(f"{what} goes with contingent {goes}; since {self.since}: {self.instead}")


CATALOGUE: Sequence[Deprecation] = ()
"""Everything that goes. Nothing does by now."""


def due(version: str, catalogue: Iterable[Deprecation] = CATALOGUE) -> list[Deprecation]:
    """Return what should not be in the contract of this version any more."""
    return [one for one in catalogue if version_numbers(one.category.goes_with) <= version_numbers(version)]


def of_hook(name: str, catalogue: Iterable[Deprecation]) -> Mapping[str, Any]:
    """Return how pluggy is told what of a hook goes."""
    of_it = [one for one in catalogue if one.hook == name]
    arguments = {one.argument: one.warning for one in of_it if one.argument}
    whole = next((one.warning for one in of_it if not one.argument), None)
    return {"warn_on_impl": whole, "warn_on_impl_args": arguments or None}


def of_bundle(hooks: Iterable[str], catalogue: Iterable[Deprecation] = CATALOGUE) -> list[str]:
    """Return what is said of a bundle that implements ``hooks``: of its code, which is not read, nothing is known."""
    implemented = set(hooks)
    return [str(one.warning) for one in catalogue if one.hook in implemented and not one.argument]


def give(name: str, catalogue: Iterable[Deprecation] = CATALOGUE) -> Any:
    """Return what a name of ``contingent``'s that goes means, and warn at the line that asks for it.

    Raises ``AttributeError`` for a name that is none, as a module does.
    """
    one = next((one for one in catalogue if one.name == name), None)
    if one is None:
        raise AttributeError(f"module 'contingent' has no attribute {name!r}")
    warnings.warn(one.warning, stacklevel=3)  # of whoever asked the module, which asked here
    module, _, attribute = one.address.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


class Manager(pluggy.PluginManager):
    """pluggy's manager, which knows what of a hook goes."""

    def __init__(self, catalogue: Iterable[Deprecation] = CATALOGUE) -> None:
        super().__init__(PROJECT)
        self._catalogue = tuple(catalogue)

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> Any:
        """Return what was declared about a hook, and what goes of it."""
        found: Any = super().parse_hookspec_opts(module_or_class, name)
        return None if found is None else {**found, **of_hook(name, self._catalogue)}


@contextmanager
def heard() -> Iterator[list[str]]:
    """Give a list that holds, afterwards, what a plugin was warned of within: the line, and what to do there.

    Whoever listens to warnings hears them all the same; whoever made errors of them (``-W error``) reads them in the
    log. An error here would take away a plugin that works, or the start of the whole process.
    """
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield said
    for one in caught:
        if issubclass(one.category, RemovedIn2Warning):
            line = f"{Path(one.filename).name}:{one.lineno}: {one.message}"
            if line in said:
                continue  # importing a name asks for it twice
            said.append(line)
        try:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno, source=one.source)
        except Warning:
            log.warning("%s:%s: %s: %s", one.filename, one.lineno, one.category.__name__, one.message)
