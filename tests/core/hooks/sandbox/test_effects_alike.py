"""Whatever a plugin gives an effect of ``ctx``, it has the same answer or error from it in both tiers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contingent import Chosen, Done
from contingent.kit.projects import import_path
from contingent.kit.samples import arguments, marked_id
from contingent.kit.sharing import SharedHosts
from contingent.kit.trial import Outcome, Trial
from core.hooks.registry import Registry
from core.hooks.sandbox.effects import OPERATIONS

pytestmark = pytest.mark.sandbox

ASKER = """
import math
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from contingent import Chosen, Ctx, Done, Faults, Manifest, hookimpl

manifest = Manifest(
    name="asker", version="1.0", title={"en": "Asker", "fr": "Demande"}, requires="contingent>=1.0,<2",
    capabilities=frozenset({"files", "notifications", "http"}), hosts=frozenset({"api.example.org"}),
    store_fields={"name": "text", "count": "int", "day": "date"},
)
nan, inf = math.nan, math.inf


class Word(StrEnum):
    ONE = "one"


def deep(levels):
    found = {}
    for _ in range(levels):
        found = {"a": found}
    return found


def looped():
    found = {}
    found["a"] = found
    return found


@hookimpl
async def run_action(ctx: Ctx, chosen: Chosen) -> Done | Faults | None:
    effect, _, method = chosen.answers["operation"].partition(".")
    given, named = eval(chosen.answers["given"])
    try:
        came = repr(await getattr(getattr(ctx, effect), method)(*given, **named))
    except Exception as error:
        came = f"{type(error).__name__}: {error}"
    came = came.replace("\\0", "?").encode("ascii", "backslashreplace").decode()[:400] or "-"
    return Done(said={"en": came, "fr": came})
"""

ODD = st.sampled_from(
    [
        *("None", "True", "2**63 - 1", "2**63", "2**70", "-2**64", "nan", "inf", "-inf", "10**400", "1.5", "object()"),
        *("{1: 2}", "{'a': {1: 2}}", "{None: 1}", "{Word.ONE: Word.ONE}", "{b'a': 1}", "{date(2026, 1, 1): 1}", "{}"),
        *("Word.ONE", "'\\0'", "'\\ud800'", "{'a': '\\ud800'}", "{'\\0': 1}", "{'a': 'x' * 70000}", "'x' * 201", "''"),
        *("{'a': 2**70}", "{'a': [2**64]}", "{'a': nan}", "{'a': object()}", "{'a': {1, 2}}", "{'a': b'x'}", "[]"),
        *("deep(31)", "deep(32)", "deep(3000)", "looped()", "'text'", "b'bytes'", "bytearray(b'x')", "Decimal('1.5')"),
        *("date(2026, 1, 1)", "datetime(2026, 1, 1)", "UUID(int=1)", "'nope'", "{'count': 1.0}", "{'count': True}"),
        *("{'name': date(2026, 1, 1)}", "{'day': date(2026, 1, 1)}", "{'day': datetime(2026, 1, 1)}", "{'day': 'x'}"),
        *("b'x' * 2**21", "'x' * 2**21", "lambda: 1", "(1, 2)", "{'name': 'x' * 300, 'count': 7}"),
    ]
)
PLAIN = (st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)).map(repr)
VALUES = ODD | PLAIN | st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=3).map(repr)
KEYS = st.sampled_from(["'a'", "'b'"]) | VALUES
FIELDS = st.sampled_from(["None", "'name'", "'count'", "'day'", "'other'"]) | ODD
ADDRESSES = (
    st.sampled_from(["'https://api.example.org/x'", "'https://elsewhere.example.org'", "'api.example.org'"]) | ODD
)


def called(*given: st.SearchStrategy[str], **named: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return calls with these arguments, as Python writes them; of the named ones any may be left out."""
    several = st.tuples(*given).map(lambda one: "(" + "".join(f"{value}, " for value in one) + ")")
    more = st.fixed_dictionaries({}, optional=named).map(
        lambda one: "{" + ", ".join(f"{name!r}: {value}" for name, value in one.items()) + "}"
    )
    return st.tuples(several, more).map(lambda both: f"({both[0]}, {both[1]})")


CALLS: Mapping[str, st.SearchStrategy[str]] = {
    "store.get": called(KEYS),
    "store.put": called(KEYS, VALUES),
    "store.delete": called(KEYS),
    "store.find": called(FIELDS, equals=VALUES, prefix=VALUES, at_least=VALUES, below=VALUES, limit=VALUES),
    "notifications.put_digests": called(),
    "files.open": called(VALUES | st.just(repr(marked_id("alpha", "upload")))),
    "http.send": called(
        st.sampled_from(["'GET'", "'POST'", "'FOO'"]) | ODD,
        ADDRESSES,
        headers=st.sampled_from(["{'x-a': 'b'}", "{'x-a': 1}", "{'host': 'other'}", "{'x': '\\u20ac'}"]) | ODD,
        content=VALUES,
        deadline=VALUES,
        attempts=VALUES,
    ),
}
"""What plugins may give each effect, and what they may not."""


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    place: Path = tmp_path_factory.mktemp("asker") / "asker.py"
    place.write_text(ASKER, encoding="utf-8")
    registry = Registry()
    broken = registry.load_module("asker", import_path(place))
    assert broken is None, broken
    yield registry
    sys.modules.pop("asker", None)


def outcomes(trial: Trial, calls: list[tuple[str, str]]) -> list[str]:
    """Return what came of each call, and what was kept and sent after all of them."""
    (hook,) = trial.hooks
    chosen: Chosen = arguments(hook, "alpha")[0]["chosen"]

    async def ask() -> list[str]:
        ctx = trial.tenant("alpha")
        return [_said(await trial.call(ctx, hook, {"chosen": _asked(chosen, *call)})) for call in calls]

    return [*trial.run(ask), *trial.traces]


def _asked(chosen: Chosen, operation: str, given_: str) -> Chosen:
    return Chosen(chosen.id, chosen.key, chosen.place, {"operation": operation, "given": given_})


def _said(outcome: Outcome) -> str:
    found: list[Any] = outcome.answers
    return found[0].said["en"] if found and isinstance(found[0], Done) else f"FAILED {outcome.failure}"


def test_every_effect_is_tried_but_sockets_which_no_sandbox_has() -> None:
    assert CALLS.keys() == OPERATIONS.keys() - {"sockets.connect"}


@settings(max_examples=20)
@given(st.data())
@pytest.mark.parametrize("operation", sorted(CALLS))
def test_the_same_is_answered_refused_kept_and_sent(
    asker: Registry, contingent_zygote: Any, operation: str, data: st.DataObject
) -> None:
    one = CALLS[operation].map(lambda call: (operation, call))
    # Beside others, so that there is something to find, and to read back.
    other = CALLS["store.put"].map(lambda call: ("store.put", call)) if operation.startswith("store") else one
    calls = data.draw(st.lists(one | other, min_size=1, max_size=12))
    here = outcomes(Trial(asker, "asker"), calls)
    there = outcomes(Trial(asker, "asker", hosts=SharedHosts(contingent_zygote)), calls)
    told = [*calls, *[("afterwards", "")] * 3]
    assert not [pair for pair in zip(told, here, there, strict=True) if pair[1] != pair[2]]
    assert not [pair for pair in zip(told, here, strict=True) if pair[1].startswith("FAILED")]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (("store.put", "(('k', {1: 2}), {})"), "StoreRefused: a document is an object with names"),
        (("store.put", "(('k', {'a': 2**70}), {})"), "StoreRefused: a whole number in a document has at most 64 bits"),
        (("store.put", "(('k', {'a': object()}), {})"), "StoreRefused: a document is JSON"),
        (("store.put", "(('k', {'a': 'x' * 2**25}), {})"), "StoreRefused: the document has 33554440 bytes"),
        (("http.send", "(('FOO', 'https://api.example.org'), {})"), "HttpFailed: the method is none of"),
        (
            ("http.send", "(('PUT', 'https://api.example.org'), {'content': 'text'})"),
            "HttpFailed: the content is bytes",
        ),
        (
            ("http.send", "(('PUT', 'https://api.example.org'), {'content': bytes(2**25)})"),
            "HttpFailed: 33554455 bytes",
        ),
        (("files.open", "(('nope',), {})"), "NotFound"),
    ],
)
@pytest.mark.parametrize("sandboxed", [False, True])
def test_what_is_no_argument_is_the_same_error(
    asker: Registry, contingent_zygote: Any, sandboxed: bool, call: tuple[str, str], error: str
) -> None:
    hosts = SharedHosts(contingent_zygote) if sandboxed else None
    (came, *_) = outcomes(Trial(asker, "asker", hosts=hosts), [call])
    assert came.startswith(error)
