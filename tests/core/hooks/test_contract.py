"""The printed contract is what stands in the code."""

from __future__ import annotations

import pytest

from contingent import API, specs
from core.context import Language
from core.hooks import types
from core.hooks.contract import fields, render_contract, signature
from core.hooks.data import Data
from core.hooks.marking import describe
from core.hooks.registry import Registry

LANGUAGES: tuple[Language, ...] = ("en", "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hook_is_printed_with_its_documentation(language: Language) -> None:
    printed = render_contract(language)
    assert f"(contingent {API})" in printed
    for name, hook in Registry().hooks.items():
        assert f"### {name}\n" in printed
        assert hook.documentation in printed


def test_every_type_is_printed_with_every_field() -> None:
    printed = render_contract()
    for kind in vars(types).values():
        if isinstance(kind, type) and issubclass(kind, Data) and kind is not Data:
            assert f"### {kind.__name__}\n" in printed
            assert [name for name, *_ in fields(kind)] == list(kind.__struct_fields__)
            assert all(f"- `{name}: " in printed for name in kind.__struct_fields__)


def test_a_signature_is_what_an_author_writes() -> None:
    assert signature(describe(specs.approval_chain)) == (
        "@hookimpl\nasync def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:"
    )
    assert "AsyncIterator[SourcePage]" in signature(describe(specs.hr_fetch))


def test_the_french_contract_has_french_labels() -> None:
    printed = render_contract("fr")
    assert printed.startswith("# Le contrat avec les modules")
    assert "Deadline" not in printed
    assert "lecture seule" in printed
