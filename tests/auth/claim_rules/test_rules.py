"""What rules make of claims: exact text, an allow list, nothing from what is missing or of another kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.claim_rules.rules import kept, matching, values_of


@dataclass
class Rule:
    claim: str
    value: str
    role: str


@pytest.mark.parametrize(
    ("claims", "name", "values"),
    [
        ({"groups": ["a", "b"]}, "groups", {"a", "b"}),
        ({"roles": "approver"}, "roles", {"approver"}),
        ({}, "groups", set()),
        ({"groups": None}, "groups", set()),
        ({"groups": 7}, "groups", set()),
        ({"groups": ["a", 7, None, ["b"]]}, "groups", {"a"}),
        ({"groups": {"a": True}}, "groups", set()),
        ({"_claim_names": {"groups": "src1"}, "_claim_sources": {}}, "groups", set()),
        ({"realm_access": {"roles": ["a"]}}, "/realm_access/roles", {"a"}),
        ({"realm_access": ["roles"]}, "/realm_access/roles", set()),
        ({"https://example.org/roles": ["a"]}, "https://example.org/roles", {"a"}),
        ({"groups": ["a", "a\0", "\ud800"]}, "groups", {"a"}),
        ({"roles": "approver\0"}, "roles", set()),
        ({"groups": ["a"] * 1000 + ["late"]}, "groups", {"a"}),
    ],
)
def test_a_claim_has_the_texts_it_has(claims: dict[str, Any], name: str, values: set[str]) -> None:
    assert values_of(claims, name) == values


scalars = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["a", "b", "ab"])
anything = scalars | st.lists(scalars, max_size=3) | st.fixed_dictionaries({"a": scalars, "b": st.lists(scalars)})
texts = st.sampled_from(["a", "b", "ab", "/a", "/a/b", "/b/a", "//"])
rules = st.lists(st.builds(Rule, texts, texts, st.sampled_from(["approver", "coordinator"])), max_size=6)


@given(claims=st.dictionaries(texts, anything, max_size=5), all_rules=rules)
def test_only_a_rule_whose_very_text_is_there_gives_anything(claims: dict[str, Any], all_rules: list[Rule]) -> None:
    found = matching(claims, all_rules)
    assert all(rule.value in values_of(claims, rule.claim) for rule in found)
    assert matching(claims, reversed(all_rules)) == list(reversed(found))
    assert matching({}, all_rules) == []
    for rule in all_rules:
        assert (rule.value in kept(claims, all_rules).get(rule.claim, [])) == bool(matching(claims, [rule]))


@given(claims=st.dictionaries(st.sampled_from(["email", "upn", "preferred_username", "name"]), st.text(max_size=9)))
def test_nothing_that_names_a_person_is_kept_unless_a_rule_asks_for_it(claims: dict[str, Any]) -> None:
    assert not any(kept(claims, [Rule("groups", "a", "approver")]).values())
