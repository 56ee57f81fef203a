"""The contract with plugins, printed from its own source: ``contingent hooks``.

Headings and labels exist in both languages; the documentation of hooks and types is what
stands in the code, in English, as code is.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

import msgspec

from core.context import Ctx, Language
from core.hooks import files, hr, http, notifications, panels, sockets, specs, store, types
from core.hooks.consent import CAPABILITIES
from core.hooks.data import Words
from core.hooks.inspection import shown
from core.hooks.manifest import API, Manifest
from core.hooks.marking import Call, Hook, OnFailure, describe, is_hook
from core.hooks.titles import title_of_hook
from core.secret import Secret

TITLE: Words = {"en": "The contract with plugins", "fr": "Le contrat avec les modules"}
INTRODUCTION: Words = {
    "en": "Everything is imported from contingent. A plugin is a module with a manifest and functions marked "
    "@hookimpl that have a hook's name. A function may leave out arguments it does not need; what it "
    "names is annotated exactly as here. Its answer may be narrower than the hook's.",
    "fr": "Tout s’importe de contingent. Un module est un fichier Python avec un manifeste et des fonctions "
    "marquées @hookimpl qui portent le nom d’un point d’ancrage. Une fonction peut omettre des arguments ; "
    "ceux qu’elle nomme sont annotés exactement comme ici. Sa réponse peut être plus étroite.",
}
HOOKS: Words = {"en": "Hooks", "fr": "Points d’ancrage"}
TYPES: Words = {"en": "Types", "fr": "Types"}
CONSENT: Words = {"en": "Capabilities", "fr": "Capacités"}
CONTEXT: Words = {"en": "What ctx gives", "fr": "Ce que donne ctx"}
SHOWN_AS: Words = {"en": "On the pages", "fr": "Sur les pages"}
CALLED: Words = {"en": "Called", "fr": "Appel"}
DEADLINE: Words = {"en": "Deadline", "fr": "Délai"}
FAILURE: Words = {"en": "On failure", "fr": "En cas d’échec"}
STORE: Words = {"en": "Store", "fr": "Stockage"}
REFUSAL: Words = {"en": "Refusal", "fr": "Refus"}
SINCE: Words = {"en": "Since", "fr": "Depuis"}
HEALTH: Words = {"en": "Class", "fr": "Classe"}
OF_HEALTH: Words = {
    "en": "health: in a sandbox that ends with the call, without a store",
    "fr": "santé : dans un bac à sable qui prend fin avec l’appel, sans stockage",
}
READS: Words = {"en": "read only", "fr": "lecture seule"}
WRITES: Words = {"en": "read and write", "fr": "lecture et écriture"}
MAY_REJECT: Words = {"en": "may raise Rejected(reason)", "fr": "peut lever Rejected(reason)"}
PER_PAGE: Words = {"en": "a page", "fr": "par page"}
IN_ALL: Words = {"en": "in all", "fr": "en tout"}

OF_A_RUN: Words = {
    "en": "the run stops, nothing of it is taken over, and whoever loads is told why",
    "fr": "le chargement s’arrête, rien n’en est repris et la personne qui charge voit pourquoi",
}

CALLS: Mapping[Call, Words] = {
    "all": {"en": "every enabled plugin", "fr": "chaque module activé"},
    "first": {"en": "one after the other, until one answers", "fr": "l’un après l’autre, jusqu’à une réponse"},
    "pipe": {"en": "each transforms the value", "fr": "chacun transforme la valeur"},
    "one": {"en": "the plugin that the tenant named", "fr": "le module que l’organisme a désigné"},
    "stream": {"en": "the named plugin, page by page", "fr": "le module désigné, page par page"},
}
FAILURES: Mapping[OnFailure, Words] = {
    "open": {
        "en": "the answer is missing, and the page says so",
        "fr": "la réponse manque et la page le dit",
    },
    "closed": {"en": "refused, with that reason", "fr": "refusé, pour cette raison"},
    "stopped": {
        "en": "it waits, nothing goes on without an answer, and the administrator is told",
        "fr": "l’affaire attend, rien n’avance sans réponse et l’administration est prévenue",
    },
    "retried": {
        "en": "tried again, ten times in some three hours, then kept for somebody to send it again",
        "fr": "nouvel essai, dix fois en trois heures environ, puis conservé pour un nouvel envoi",
    },
    "shown": {"en": "shown to whoever asked", "fr": "montré à qui a posé la question"},
}


METHODS = (store.Store, files.Files, http.Http, sockets.Sockets, notifications.Notifications, Secret)
"""What ``ctx`` gives that is asked by methods."""


def render_contract(language: Language = "en") -> str:
    """Return the whole contract as text (Markdown), with headings and labels in ``language``."""
    given: list[type] = [Ctx, files.File, store.Document, http.HttpAnswer]
    made: list[type] = [Manifest, *types_of_the_contract()]
    parts = [
        f"# {TITLE[language]} (contingent {API})",
        textwrap.fill(INTRODUCTION[language], 100),
        f"## {HOOKS[language]}",
        *(_hook(hook, language) for hook in hooks_of_the_contract()),
        f"## {TYPES[language]}",
        *describe_types(made),
        f"## {CONTEXT[language]}",
        *describe_types(given),
        *(_methods(kind) for kind in METHODS),
        f"## {CONSENT[language]}",
        "\n".join(f"- `{name}`: {one.words[language]}" for name, one in CAPABILITIES.items()),
    ]
    return "\n\n".join(parts) + "\n"


def hooks_of_the_contract() -> list[Hook]:
    """Return every hook, in the order of the contract."""
    return [describe(one) for one in vars(specs).values() if is_hook(one)]


def types_of_the_contract() -> list[type[msgspec.Struct]]:
    """Return every struct that hooks are given or answer, in the order of the modules that declare them."""
    return [kind for module in (types, panels, hr) for kind in _structs_of(module)]


def _hook(hook: Hook, language: Language) -> str:
    colon = "\u00a0:" if language == "fr" else ":"
    lines = "\n".join(f"- {label}{colon} {fact}" for label, fact in facts_of(hook, language))
    return f"### {hook.name}\n\n```python\n{signature(hook)}\n```\n\n{lines}\n\n{hook.documentation}"


def facts_of(hook: Hook, language: Language = "en") -> list[tuple[str, str]]:
    """Return how a hook is called, its deadline and what a failure means, each with its label."""
    deadline = f"{hook.deadline:g} s"
    if hook.call == "stream":
        deadline += f" {PER_PAGE[language]}, {hook.whole:g} s {IN_ALL[language]}"
    called = "deliver" if hook.on_failure == "retried" else hook.call
    facts = [
        (SHOWN_AS, title_of_hook(hook.name, language)),
        (CALLED, f"`hooks.{called}`: {CALLS[hook.call][language]}"),
        (DEADLINE, deadline),
        (FAILURE, (OF_A_RUN if hook.call == "stream" else FAILURES[hook.on_failure])[language]),
        (STORE, (WRITES if hook.writes else READS)[language]),
        *([(REFUSAL, MAY_REJECT[language])] if hook.may_reject else []),
        *([(HEALTH, OF_HEALTH[language])] if hook.health else []),
        (SINCE, hook.since),
    ]
    return [(label[language], fact) for label, fact in facts]


def signature(hook: Hook) -> str:
    """Return the first line of an implementation."""
    arguments = ", ".join(f"{name}: {shown(kind)}" for name, kind in hook.types.items())
    answer = f"AsyncIterator[{shown(hook.answer)}]" if hook.call == "stream" else shown(hook.answer)
    colour = "def" if hook.colour == "def" else "async def"
    return f"@hookimpl\n{colour} {hook.name}({arguments}) -> {answer}:"


def _structs_of(module: ModuleType) -> Iterator[type[msgspec.Struct]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.__name__:
            yield value


def describe_types(kinds: Iterable[type]) -> list[str]:
    """Return each type as text: its docstring and its fields."""
    return [_type(kind) for kind in kinds]


def _type(kind: type) -> str:
    lines = [f"### {kind.__name__}", "", inspect.cleandoc(kind.__doc__ or ""), ""]
    for name, annotation, default, says in fields(kind):
        lines.append(f"- `{name}: {annotation}{f' = {default}' if default else ''}`{f': {says}' if says else ''}")
    return "\n".join(lines)


def _methods(kind: type) -> str:
    lines = [f"### {kind.__name__}", "", inspect.cleandoc(kind.__doc__ or ""), ""]
    for node in _body(kind):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and not node.name.startswith("_"):
            arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("self")
            answer = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            says = " ".join((ast.get_docstring(node) or "").split())
            waits = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
            lines.append(f"- `{waits}{node.name}({arguments}){answer}`: {says}")
    return "\n".join(lines)


def fields(kind: type) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, annotation, default and documentation of each field, as they stand in the source."""
    body = _body(kind)
    for place, node in enumerate(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            after = body[place + 1] if place + 1 < len(body) else None
            says = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                says = " ".join(str(after.value.value).split())
            default = ast.unparse(node.value) if node.value is not None else ""
            yield node.target.id, ast.unparse(node.annotation), "" if "field(" in default else default, says


def _body(kind: type) -> list[ast.stmt]:
    (parsed,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(parsed, ast.ClassDef)
    return parsed.body
