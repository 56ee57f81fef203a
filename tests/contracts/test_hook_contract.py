"""Every hook is explained, used by a built-in plugin and tested; nothing but the dispatcher runs a plugin."""

from __future__ import annotations

import ast
import re
from typing import get_args, get_type_hints

from contingent.commands.hooks import named_for, page
from core.context import LANGUAGES
from core.events.subscribers import LONGEST_DEADLINE
from core.hooks import specs
from core.hooks.handbook import COMMAND, items_of, parts_of
from core.hooks.marking import Hook, describe, is_hook
from core.hooks.titles import TITLES
from core.hooks.types import Transition
from core.nominations.lifecycle import NOMINATION
from core.returns.lifecycle import RETURN
from tests.contracts.sources import PACKAGES, ROOT, dotted, files, place, text, tree

HOOKS: dict[str, Hook] = {name: describe(value) for name, value in vars(specs).items() if is_hook(value)}
FUNCTION_OF_A_STEP = re.compile(r"(?:^|\.)(?:step|implementation|impl)\.function$")


def test_every_hook_explains_when_it_runs_its_arguments_and_its_result() -> None:
    for name, hook in HOOKS.items():
        said = parts_of(hook)
        assert said["summary"].endswith("."), f"{name}: the first line is a sentence"
        assert re.search(r"^Runs .*\btransaction\b", said["when"], re.MULTILINE | re.DOTALL), (
            f"{name}: say when it runs and in which transaction: “Runs …, with no transaction open.”"
        )
        assert [one for one, _ in items_of(said["Args"])] == ["ctx", *hook.arguments], name
        answer = said["Yields" if hook.call == "stream" else "Returns"]
        assert hook.call == "stream" or "``None``" in answer, f"{name}: say what None means"
        assert ("Raises" in said) is hook.may_reject, f"{name}: say what it means that it refuses"
        assert hook.since, name


def test_every_hook_has_a_title_of_its_own_in_both_languages() -> None:
    assert TITLES.keys() == HOOKS.keys()
    for language in LANGUAGES:
        assert len({one[language] for one in TITLES.values() if one[language]}) == len(HOOKS)


def test_every_hook_has_a_deadline_and_says_what_a_failure_means() -> None:
    """Somebody waits a minute at most; a task, which nobody waits for, may run for ten within its worker's claim."""
    longest = {"run_task": LONGEST_DEADLINE - 60}
    assert all(0 < hook.deadline <= longest.get(hook.name, 60) and hook.on_failure for hook in HOOKS.values())


def test_every_hook_is_implemented_by_a_built_in_plugin() -> None:
    implemented = {
        node.name
        for path in files(".py", under=("plugins",))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any("hookimpl" in dotted(getattr(mark, "func", mark)) for mark in node.decorator_list)
    }
    assert set(HOOKS) - implemented == set(), "a new hook ships only with a plugin that uses it"


def test_every_hook_is_called_by_core() -> None:
    called = "\n".join(
        text(path) for path in files(".py", under=("core", "contingent")) if "core/hooks/" not in path.as_posix()
    )
    assert [name for name in HOOKS if not re.search(rf"\b{name}\b", called)] == []


def test_every_hook_has_a_test_that_is_named_for_it() -> None:
    named = named_for(HOOKS, ROOT)
    assert [name for name in HOOKS if not named[name]] == [], "name one test_…_THE_HOOK_…"


def test_the_page_of_hooks_is_the_one_that_the_code_writes() -> None:
    assert text(ROOT / COMMAND) == page(ROOT), f"run: contingent hooks --write {COMMAND}"


def test_the_hook_that_may_refuse_a_step_names_the_steps_that_ask() -> None:
    asking = {
        subject: [one.name for one in life.transitions if one.asks]
        for subject, life in {"nomination": NOMINATION, "return": RETURN}.items()
    }
    said = HOOKS["authorize_transition"].documentation.split("It is not asked")[0]
    assert set(get_args(get_type_hints(Transition)["subject"])) == asking.keys()
    assert re.findall(r"``(\w+)``", said) == [name for names in asking.values() for name in names]


def test_nothing_but_the_dispatcher_runs_an_implementation() -> None:
    guilty = [
        place(path, node.lineno)
        for path in files(".py", under=PACKAGES)
        if not path.is_relative_to(ROOT / "core" / "hooks")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and (FUNCTION_OF_A_STEP.search(dotted(node.func)) or dotted(node.func).endswith((".hook", ".get_plugin")))
    ]
    assert not guilty


def test_only_the_app_makes_a_dispatcher() -> None:
    makers = [
        place(path)
        for path in files(".py", under=PACKAGES)
        if not path.is_relative_to(ROOT / "core" / "hooks")
        and path != ROOT / "core" / "app.py"
        and re.search(r"\bHooks\(", text(path))
    ]
    assert not makers, f"ctx.hooks is there already: {makers}"
