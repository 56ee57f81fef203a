"""A discovery document in a file: read once, checked, and not kept as a file."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from auth.relying_party.discovery import Metadata, read_metadata
from auth.relying_party.examining import ADVERTISED
from auth.relying_party.refusals import SignInRefused
from auth.setup.lifecycle import PROVIDER_MANAGE
from auth.setup.schemas import HandInDocument
from core.context import Ctx
from core.database.sessions import tenant_session
from core.documents.chunks import read_chunks
from core.documents.content import TEXT
from core.documents.models import Document
from core.documents.purposes import Purpose, declare_purpose
from core.errors import Fault, Invalid, NotFound
from core.text import t

MOST_BYTES = 64 * 1024
PURPOSE = declare_purpose(
    Purpose("provider_metadata", t("Discovery document"), frozenset({TEXT}), PROVIDER_MANAGE, MOST_BYTES, days=1)
)
KEPT = (*Metadata.__struct_fields__, *ADVERTISED)
"""What of a document is used."""


async def read_document(ctx: Ctx, data: HandInDocument) -> dict[str, Any]:
    """Return what is used of a handed-in document; raises ``Invalid`` for anything that is none."""
    fault = Invalid(
        [Fault("/document_id", t("Choose the JSON file that the provider answers at its metadata address."))]
    )
    try:
        document_id = UUID(data.document_id)
    except ValueError:
        raise fault from None
    async with tenant_session(ctx, read_only=True) as session:
        row = await session.get(Document, (ctx.scope.id, document_id))
        if row is None:
            raise NotFound
        if row.purpose != PURPOSE.key:
            raise fault
    raw = b"".join([part async for part in read_chunks(ctx, row.id, row.chunks)])
    try:
        answer = json.loads(raw)
        kept = {name: answer[name] for name in KEPT if name in answer} if isinstance(answer, dict) else {}
        read_metadata(kept)
        if "\\u0000" in json.dumps(kept, allow_nan=False):  # Neither is held by any database.
            raise fault
        json.dumps(kept, ensure_ascii=False).encode()
    except (ValueError, RecursionError, SignInRefused):
        raise fault from None
    return kept
