"""A message as a receiver verifies it with somebody else's library, and what no secret is."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from contingent import Event, Rejected
from core.clock import SystemClock
from plugins.webhooks.service import key_of, signed

EVENT = Event(id=UUID(int=7), name="tour_changed", at=datetime(2026, 11, 23, tzinfo=UTC), on=date(2026, 11, 23))
OTHER = bytes(range(1, 33))
KEYS = st.lists(
    st.binary(min_size=24, max_size=64).filter(lambda key: key.rstrip(b"\0") != OTHER),
    min_size=1,
    max_size=3,
    unique=True,
)


def secret_of(key: bytes) -> str:
    return f"whsec_{base64.b64encode(key).decode()}"


@given(st.text(max_size=200), KEYS)
def test_a_message_verifies_with_each_of_its_keys_and_with_no_other(text: str, keys: list[bytes]) -> None:
    body = text.encode(errors="replace")
    headers = signed(EVENT, body, [key_of(secret_of(key)) for key in keys], SystemClock().now())
    for key in keys:
        Webhook(secret_of(key)).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(OTHER)).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(keys[0])).verify(body + b"!", headers, json_parse=False)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "whsec_QQ==", secret_of(bytes(65))])
def test_what_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(Rejected):
        key_of(secret)
