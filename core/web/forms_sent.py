"""A form that came in: its token checked first, then its values, version and file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from core.context import Ctx
from core.errors import Fault, Invalid
from core.text import t
from core.web import protection
from core.web.bodies import MULTIPART_TYPE, gathered, read_form
from core.web.incoming import Incoming, Pairs
from core.web.problems import StaleForm
from core.web.uploads import read_upload

if TYPE_CHECKING:
    from core.web.pages import Post

TOKEN = "_token"  # noqa: S105 - the name of a field
VERSION = "_version"
LONGEST_VERSION = 15


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form held: ``values`` by field, the ``key`` that makes a double click harmless, the ``version`` seen."""

    values: dict[str, Any]
    key: str | None
    version: int | None


async def read_sent(post: Post, incoming: Incoming, ctx: Ctx, secret: bytes) -> Sent:
    """Return what a form held. Raises ``StaleForm``, ``TooLarge``, ``Malformed``, ``WrongType`` or ``Invalid``."""
    if incoming.headers.get("sec-fetch-site") == "cross-site":
        raise StaleForm
    if incoming.content_type == MULTIPART_TYPE and post.upload is not None:
        pairs = await read_upload(post, incoming, ctx, lambda token: _nonce(secret, token))
    else:
        pairs = await read_form(incoming)
    nonce = _nonce(secret, next((value for name, value in pairs if name == TOKEN), ""))
    struct = post.use_case.input
    values = gathered(struct, [(name, value) for name, value in pairs if not name.startswith("_")])
    values.update(_unticked(struct, values))
    names = {field.encode_name for field in msgspec.structs.fields(struct)}
    values.update({name: value for name, value in incoming.params.items() if name in names})
    key = protection.form_key(nonce, post.use_case.key, incoming.path)
    return Sent(values, key, _version(pairs))


def _nonce(secret: bytes, token: str) -> bytes:
    nonce = protection.check_token(secret, token)
    if nonce is None:
        raise StaleForm
    return nonce


def _version(pairs: Pairs) -> int | None:
    given = next((value for name, value in pairs if name == VERSION), "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST_VERSION):
        raise Invalid([Fault("/", t("The form's version is not a number: open the page again."))])
    return int(given)


def _unticked(struct: type[msgspec.Struct], values: dict[str, Any]) -> dict[str, bool]:
    """A browser sends nothing for a box that is not ticked: that is a no, whatever the default is."""
    boxes = [field.encode_name for field in msgspec.structs.fields(struct) if field.type is bool]
    return {name: values.get(name) in ("on", "true", "1") for name in boxes}
