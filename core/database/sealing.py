"""Values that the database itself cannot read: AES-256-GCM, a key per tenant, bound to their place.

A sealed value opens only in the tenant, table, column and row it was sealed for: moved or
copied elsewhere, by whatever hand, it is refused.
"""

from __future__ import annotations

import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.context import Ctx
from core.database.tables import Base

FORMAT = b"\x01"
_NONCE_BYTES = 12


class NotSealedHere(ValueError):
    """The value was changed, or sealed for another place or with another key."""


def seal(ctx: Ctx, table: type[Base], row: UUID | str, plain: bytes, *, column: str = "sealed") -> bytes:
    """Return ``plain`` sealed for ``column`` of this ``row`` (its key, as text) of the scope's ``table``."""
    nonce = os.urandom(_NONCE_BYTES)
    return FORMAT + nonce + _cipher(ctx).encrypt(nonce, plain, FORMAT + _place(ctx, table, row, column))


def unseal(ctx: Ctx, table: type[Base], row: UUID | str, sealed: bytes, *, column: str = "sealed") -> bytes:
    """Return what was sealed for this place. Raises ``NotSealedHere`` if it was not."""
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return _cipher(ctx).decrypt(nonce, body, sealed[:1] + _place(ctx, table, row, column))
    except (InvalidTag, ValueError):
        raise NotSealedHere(f"{table.__tablename__}.{column} of {row} was not sealed for this place") from None


def _place(ctx: Ctx, table: type[Base], row: UUID | str, column: str) -> bytes:
    parts = (str(ctx.scope.id), table.__tablename__, column, str(row))
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def _cipher(ctx: Ctx) -> AESGCM:
    return AESGCM(tenant_key(ctx.database.field_key, ctx.scope.id))


@lru_cache(maxsize=256)
def tenant_key(field_key: bytes, tenant: UUID) -> bytes:
    """Return the 32 bytes of ``tenant``'s key, derived from the installation's."""
    return HKDF(SHA256(), 32, salt=None, info=b"contingent/field/1" + tenant.bytes).derive(field_key)
