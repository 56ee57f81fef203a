"""How a person proved who they are: what a scope asks of its provider, and what the provider said of it.

Providers say it differently, so a rule names the claim that counts; what a rule does not name
is not asked. Entra ID tells satisfied authentication contexts in ``acrs`` and is asked for one
by ``claims`` (Microsoft, "Developer guide to Conditional Access authentication context"). Okta
takes ``acr_values`` (Okta, "Step-up authentication using ACR values") and tells the methods in
``amr`` by the names of RFC 8176 (Okta, "Configure claims sharing"). Keycloak maps levels to
``acr`` (Keycloak, "Server Administration Guide", ACR to level of authentication). AD FS names
several factors by the address ``MULTIPLE_FACTORS`` (Microsoft, "Manage Risk with Additional
Multi-Factor Authentication for Sensitive Applications"); that its id token carries it in
``amr``, alone or among others, is not documented and is to be seen in a token of the farm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from auth.relying_party.refusals import SignInRefused, Why
from core.context import Assurance

MULTIPLE_FACTORS = "http://schemas.microsoft.com/claims/multipleauthn"
MOST_VALUES = 20
LONGEST_VALUE = 255


class AssuranceRule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What must be in the id token. An empty rule asks nothing.

    ``acr``: one of these. ``amr_all``: each of these. ``amr_any``: one of these. ``acrs``: this
    context among them. ``max_age``: the most seconds since the person last proved who they are.
    ``acr_values`` is only what the provider is asked for, where that is not ``acr`` itself.
    """

    acr: tuple[str, ...] = ()
    amr_all: tuple[str, ...] = ()
    amr_any: tuple[str, ...] = ()
    acrs: str | None = None
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """Return what asks the provider for it, as parameters of the authorization address."""
        asked: dict[str, str] = {}
        if self.acr_values or self.acr:
            asked["acr_values"] = " ".join(self.acr_values or self.acr)
        if self.acrs is not None:
            wanted = {"id_token": {"acrs": {"essential": True, "value": self.acrs}}}
            asked["claims"] = json.dumps(wanted, separators=(",", ":"))
        if self.max_age is not None:
            asked["max_age"] = str(self.max_age)
        return asked

    def check(self, said: Assurance) -> None:
        """Raise ``SignInRefused`` unless ``said`` is enough. The age is checked with the token's other times."""
        if self.acr and said.acr not in self.acr:
            _refuse("acr", [said.acr] if said.acr else [], self.acr)
        if not set(self.amr_all) <= set(said.amr):
            _refuse("amr", said.amr, self.amr_all)
        if self.amr_any and set(said.amr).isdisjoint(self.amr_any):
            _refuse("amr", said.amr, self.amr_any)
        if self.acrs is not None and self.acrs not in said.acrs:
            _refuse("acrs", said.acrs, [self.acrs])

    def check_fresh(self, said: Assurance, now: datetime) -> None:
        """Raise ``SignInRefused`` unless ``said`` is enough, and lately enough, at ``now``."""
        self.check(said)
        if self.max_age is None:
            return
        if said.at is None:
            raise SignInRefused(Why.AUTHENTICATION_TIME, "auth_time is missing though max_age was asked")
        if now - said.at > timedelta(seconds=self.max_age):
            raise SignInRefused(Why.AUTHENTICATION_TIME, f"auth_time is more than {self.max_age} seconds ago")

    def __str__(self) -> str:
        return _words(msgspec.structs.asdict(self))


NOTHING = AssuranceRule()


def ask(rule: AssuranceRule, anew: AssuranceRule | None = None) -> dict[str, str]:
    """Return the parameters that ask for ``rule``; with ``anew``, to prove again who one is, as that rule has it."""
    if anew is None:
        return rule.parameters()
    asked = rule.parameters() | anew.parameters() | {"prompt": "login"}
    ages = [one.max_age for one in (rule, anew) if one.max_age is not None]
    return asked | ({"max_age": str(min(ages))} if ages else {})


def read_rule(kept: Mapping[str, Any]) -> AssuranceRule:
    """Return the rule kept in a row; a rule that cannot be read lets nobody in."""
    try:
        return msgspec.convert(kept, AssuranceRule)
    except msgspec.ValidationError as error:
        raise SignInRefused(Why.NOT_CONFIGURED, f"an assurance rule: {error}") from None


def keep_rule(rule: AssuranceRule) -> dict[str, Any]:
    """Return ``rule`` as it is kept in a row."""
    kept: dict[str, Any] = msgspec.to_builtins(rule)
    return kept


def read_assurance(claims: dict[str, Any]) -> Assurance:
    """Return what an id token, already validated, says of how the person signed in."""
    acr, at = claims.get("acr"), claims.get("auth_time")
    return Assurance(
        acr=acr if _usable(acr) else None,
        amr=_values(claims.get("amr")),
        acrs=_values(claims.get("acrs")),
        at=None if at is None else datetime.fromtimestamp(at, UTC),
    )


def _values(claim: Any) -> tuple[str, ...]:
    """Return a claim that should be a list; a provider with one value may send it alone, as text."""
    given = claim if isinstance(claim, list) else [claim]
    return tuple(one for one in given[:MOST_VALUES] if _usable(one))


def _usable(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_VALUE and value.isprintable()


def _words(values: dict[str, Any]) -> str:
    """Return ``acr=2|3 max_age=900``: the same words for the log, the audit line and the command line."""
    parts = [(name, [value] if isinstance(value, str | int) else value) for name, value in values.items()]
    return " ".join(f"{name}={'|'.join(map(str, value))}" for name, value in parts if value)


def _refuse(claim: str, said: Iterable[str], wanted: Iterable[str]) -> None:
    told = ", ".join(said)[:120] or "nothing"
    raise SignInRefused(Why.ASSURANCE, f"{claim} says {told}; asked for {', '.join(wanted)[:120]}")
