"""Tokens, notices and headers: what they prove and what they refuse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.web import protection

SECRET, OTHER = b"s" * 32, b"o" * 32


def test_a_token_is_fresh_each_time_and_holds_for_its_own_session_alone() -> None:
    first, second = protection.make_token(SECRET), protection.make_token(SECRET)
    assert first != second
    assert protection.check_token(SECRET, first) != protection.check_token(SECRET, second)
    assert protection.check_token(OTHER, first) is None
    assert protection.check_token(b"", protection.make_token(b"")) is None


def test_a_changed_token_is_no_token() -> None:
    token = protection.make_token(SECRET)
    for place in range(len(token) - 1):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert protection.check_token(SECRET, changed) is None


@given(st.text())
def test_no_text_is_a_token_by_chance_and_none_fails(text: str) -> None:
    assert protection.check_token(SECRET, text) is None
    assert protection.read_notice(SECRET, text) is None


def test_the_key_of_a_form_differs_by_token_use_case_and_address() -> None:
    key = protection.form_key(b"n" * 16, "missions.create_call", "/en/ipob/calls/new")
    others = {
        protection.form_key(b"m" * 16, "missions.create_call", "/en/ipob/calls/new"),
        protection.form_key(b"n" * 16, "missions.move_call", "/en/ipob/calls/new"),
        protection.form_key(b"n" * 16, "missions.create_call", "/en/ipob/calls/old"),
    }
    assert key not in others
    assert len(others) == 3
    assert len(key) < 200


def test_a_notice_is_read_by_the_session_that_signed_it() -> None:
    signed = protection.sign_notice(SECRET, "C’est fait : « été ».")
    assert protection.read_notice(SECRET, signed) == "C’est fait : « été »."
    assert protection.read_notice(OTHER, signed) is None
    assert protection.read_notice(SECRET, protection.make_token(SECRET)) is None
    assert signed.isascii()
    assert not set(signed) & set(' ;,"\\')


def test_a_long_notice_still_fits_a_cookie() -> None:
    assert len(protection.sign_notice(SECRET, "é" * 5000)) < 4000


def test_the_policy_lets_forms_lead_to_named_origins_only() -> None:
    assert "form-action 'self';" in protection.POLICY
    assert "form-action 'self' https://id.example;" in protection.content_policy(["https://id.example"])
    assert "unsafe" not in protection.POLICY
