"""All files of a folder together: agencies, and the ladders, chains and regimes they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from tenants.checking import check_agency, check_chain, check_ladder, check_regime, check_together
from tenants.files import AgencyFile, ChainFile, LadderFile, RegimeFile, ScopeEntry, ScopesFile
from tenants.reading import Document, FaultyFile, Problem, open_document, parse

HERE = Path(__file__).parent
"""Where the files that come with the project are."""

SHELVES = {"ladder": "ladders", "chain": "chains", "regime": "regimes", "sponsor": "agencies"}
"""In which folder each name of ``[governance]`` is looked up."""

T = TypeVar("T", bound=msgspec.Struct)


class Library(msgspec.Struct, frozen=True):
    """Every sound file by slug; ``names`` also has the faulty ones, ``problems`` says what is wrong with them."""

    agencies: Mapping[str, AgencyFile]
    ladders: Mapping[str, LadderFile]
    chains: Mapping[str, ChainFile]
    regimes: Mapping[str, RegimeFile]
    scopes: Mapping[str, ScopeEntry]
    names: Mapping[str, frozenset[str]]
    problems: tuple[Problem, ...]


def load_library(folder: Path = HERE) -> Library:
    """Read every file below ``folder``: agencies, ladders, chains, regimes and ``scopes.toml``."""
    problems: list[Problem] = []
    names = {shelf: frozenset(path.stem for path in (folder / shelf).glob("*.toml")) for shelf in SHELVES.values()}
    agencies = _shelf(folder, "agencies", AgencyFile, check_agency, problems)
    for document, agency in agencies.values():
        problems += check_names(document, agency, names)
    problems += check_together(list(agencies.values()))
    return Library(
        agencies=_contents(agencies),
        ladders=_contents(_shelf(folder, "ladders", LadderFile, check_ladder, problems)),
        chains=_contents(_shelf(folder, "chains", ChainFile, check_chain, problems)),
        regimes=_contents(_shelf(folder, "regimes", RegimeFile, check_regime, problems)),
        scopes=_scopes(folder, problems),
        names=names,
        problems=tuple(sorted(set(problems))),
    )


@cache
def own_library() -> Library:
    """Return the library that comes with the project. Raises ``FaultyFile`` if it has a problem."""
    library = load_library()
    if library.problems:
        raise FaultyFile(library.problems)
    return library


def load_agency(path: Path, library: Library) -> AgencyFile:
    """Return one agency's file, checked against ``library``. Raises ``FaultyFile`` with every fault."""
    document = open_document(path)
    agency = parse(document, AgencyFile)
    problems = check_agency(document, agency) + check_names(document, agency, library.names)
    if problems:
        raise FaultyFile(problems)
    return agency


def check_names(document: Document, agency: AgencyFile, names: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Return what the agency's file names and no file of that name is there for."""
    found = []
    for key, shelf in SHELVES.items():
        name = getattr(agency.governance, key)
        if name is not None and name not in names[shelf]:
            known = ", ".join(sorted(names[shelf])) or "nothing: the folder is empty"
            found.append(
                document.problem(f"governance.{key}", f"expected a file of {shelf}/ ({known}); found {name!r}")
            )
    return found


def _shelf(
    folder: Path,
    shelf: str,
    struct: type[T],
    check: Callable[[Document, T], list[Problem]],
    problems: list[Problem],
) -> dict[str, tuple[Document, T]]:
    found: dict[str, tuple[Document, T]] = {}
    for path in sorted((folder / shelf).glob("*.toml")):
        try:
            document = open_document(path, folder)
            content = parse(document, struct)
        except FaultyFile as error:
            problems += error.problems
            continue
        slug: str = content.slug  # type: ignore[attr-defined] # every struct of a shelf has one
        if slug != path.stem:
            problems.append(document.problem("slug", f"expected {path.stem!r}, the name of the file; found {slug!r}"))
        problems += check(document, content)
        found[slug] = (document, content)
    return found


def _contents(found: Mapping[str, tuple[Document, T]]) -> dict[str, T]:
    return {slug: content for slug, (_, content) in found.items()}


def _scopes(folder: Path, problems: list[Problem]) -> dict[str, ScopeEntry]:
    try:
        file = parse(open_document(folder / "scopes.toml", folder), ScopesFile)
    except FaultyFile as error:
        problems += error.problems
        return {}
    return {entry.slug: entry for entry in file.scopes}
