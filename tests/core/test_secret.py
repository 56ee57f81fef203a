"""A secret shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from typing import Any

import msgspec
import pytest

from contingent import Secret
from core.hooks.settings_values import packed, read_struct, secret_paths, stored, unpacked
from core.hooks.store import StoreRefused, encode
from core.secret import made_of

MARK = "marker-5f0c"


class Server(msgspec.Struct, frozen=True):
    host: str = "mail.example.org"
    password: Secret | None = None


class Settings(msgspec.Struct, frozen=True, rename={"api_key": "apiKey"}):
    days: int = 3
    api_key: Secret | None = None
    server: Server = Server()


KEPT: dict[str, Any] = {"days": 4, "server": {"host": "smtp.example.org"}}
GIVEN = {"apiKey": made_of(MARK), "server/password": made_of(f"{MARK}-2")}


def test_only_asking_for_it_gives_its_text() -> None:
    secret = made_of(MARK)
    assert secret.reveal() == MARK
    settings = read_struct(Settings, KEPT, GIVEN)
    log = logging.LogRecord("x", 10, "", 1, "settings %s", (settings,), None).getMessage()
    shown = [repr(secret), str(secret), f"{secret}", f"{[secret]!r}", "%s" % secret, repr(settings), log]  # noqa: UP031 - one of the ways to print
    assert all(MARK not in one and "Secret(…)" in one for one in shown)


@pytest.mark.parametrize("encoder", [msgspec.json.encode, msgspec.msgpack.encode, json.dumps, pickle.dumps, copy.copy])
def test_it_cannot_be_encoded_or_copied(encoder: Any) -> None:
    with pytest.raises(TypeError):
        encoder(made_of(MARK))


def test_the_store_takes_none() -> None:
    with pytest.raises(StoreRefused) as refused:
        encode({"key": made_of(MARK)})
    assert MARK not in str(refused.value)


def test_settings_are_kept_without_and_read_with_their_secrets() -> None:
    assert secret_paths(Settings) == ("apiKey", "server/password")
    settings = read_struct(Settings, KEPT, GIVEN)
    assert (settings.api_key.reveal(), settings.server.password.reveal()) == (MARK, f"{MARK}-2")
    assert stored(settings) == KEPT
    assert read_struct(Settings, KEPT).api_key is None


def test_in_a_sandbox_it_says_only_that_it_is_set() -> None:
    travelled = packed(read_struct(Settings, KEPT, {"apiKey": made_of(MARK)}))
    assert MARK.encode() not in travelled
    there = unpacked(Settings, travelled)
    assert there.server.password is None
    assert there.days == 4
    with pytest.raises(PermissionError, match="in a sandbox gets no secret: run what needs it in the process"):
        there.api_key.reveal()
