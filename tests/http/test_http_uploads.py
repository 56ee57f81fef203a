"""Files in forms: streamed, limited, and not touched before the form's token is known to be good."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from core.context import Scope
from core.database.sessions import tenant_session
from core.documents.models import Document
from tests.http.ring import Ring, fields_of, notes_of

pytestmark = pytest.mark.http

WRITE = "note.write"
PDF = b"%PDF-1.7\n" + b"0" * 2000
MEGABYTE = 2**20


async def files_of(ring: Ring, scope: Scope) -> int:
    async with tenant_session(ring.platform.ctx(scope), read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(Document)) or 0


async def test_a_file_is_stored_and_its_id_is_the_fields_value(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, WRITE) as browser:
        form = fields_of(await browser.get(f"/en/{scope.slug}/notes/file")) | {"title": "With"}
        files = {"document_id": ("scan.pdf", PDF, "application/pdf")}
        sent = await browser.post(f"/en/{scope.slug}/notes/file", data=form, files=files)
    assert sent.status_code == 303
    assert await notes_of(ring, scope) == ["With"]
    assert await files_of(ring, scope) == 1


async def test_no_file_chosen_is_no_file(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, WRITE) as browser:
        form = fields_of(await browser.get(f"/en/{scope.slug}/notes/file")) | {"title": "Without"}
        files = {"document_id": ("", b"", "application/octet-stream")}
        sent = await browser.post(f"/en/{scope.slug}/notes/file", data=form, files=files)
    assert sent.status_code == 303
    assert await files_of(ring, scope) == 0


async def test_a_file_of_the_wrong_kind_is_a_fault_at_its_field(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, WRITE) as browser:
        form = fields_of(await browser.get(f"/en/{scope.slug}/notes/file")) | {"title": "Kept"}
        files = {"document_id": ("x.exe", b"MZ\x90\x00" * 9, "application/pdf")}
        sent = await browser.post(f"/en/{scope.slug}/notes/file", data=form, files=files)
    assert sent.status_code == 422
    assert 'id="f-document_id-error"' in sent.text
    assert 'value="Kept"' in sent.text


async def test_an_announced_length_over_the_limit_is_refused_before_anything_is_read(ring: Ring) -> None:
    scope = await ring.platform.agency()

    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"0" * MEGABYTE

    async with ring.browser(scope, WRITE) as browser:
        headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(200 * MEGABYTE)}
        sent = await browser.post(f"/en/{scope.slug}/notes/file", content=endless(), headers=headers)
    assert sent.status_code == 413
    assert read == 0
    assert "1 MB" in sent.text


async def test_a_body_that_grows_over_the_limit_is_refused_on_the_way(ring: Ring) -> None:
    scope = await ring.platform.agency()
    read = 0
    async with ring.browser(scope, WRITE) as browser:
        token = fields_of(await browser.get(f"/en/{scope.slug}/notes/file"))["_token"]

        async def growing() -> AsyncIterator[bytes]:
            nonlocal read
            yield f'--b\r\nContent-Disposition: form-data; name="_token"\r\n\r\n{token}\r\n'.encode()
            yield b'--b\r\nContent-Disposition: form-data; name="document_id"; filename="x.pdf"\r\n\r\n%PDF-1.7\n'
            for _ in range(200):
                read += 1
                yield b"0" * MEGABYTE

        headers = {"content-type": "multipart/form-data; boundary=b", "transfer-encoding": "chunked"}
        sent = await browser.post(f"/en/{scope.slug}/notes/file", content=growing(), headers=headers)
    assert sent.status_code == 413
    assert read < 6
    assert await files_of(ring, scope) == 0


async def test_a_file_before_the_token_is_not_taken(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, WRITE) as browser:
        token = fields_of(await browser.get(f"/en/{scope.slug}/notes/file"))["_token"]
        body = (
            b'--b\r\nContent-Disposition: form-data; name="document_id"; filename="x.pdf"\r\n\r\n' + PDF + b"\r\n"
            b'--b\r\nContent-Disposition: form-data; name="_token"\r\n\r\n' + token.encode() + b"\r\n--b--\r\n"
        )
        headers = {"content-type": "multipart/form-data; boundary=b"}
        sent = await browser.post(f"/en/{scope.slug}/notes/file", content=body, headers=headers)
    assert sent.status_code == 403
    assert await files_of(ring, scope) == 0


async def test_a_name_that_is_far_too_long_is_not_taken_for_a_large_file(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, WRITE) as browser:
        form = fields_of(await browser.get(f"/en/{scope.slug}/notes/file")) | {"title": "With"}
        files = {"document_id": ("x" * 9_000 + ".pdf", PDF, "application/pdf")}
        sent = await browser.post(f"/en/{scope.slug}/notes/file", data=form, files=files)
    assert sent.status_code == 400
    assert await files_of(ring, scope) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\xfe\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\ncut off',
        b"\x00" * 5000,
        b"--b\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
    ],
)
async def test_a_broken_body_is_refused_and_nothing_fails(ring: Ring, body: bytes) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, WRITE) as browser:
        for kind in ("multipart/form-data; boundary=b", "multipart/form-data", 'multipart/form-data; boundary="'):
            sent = await browser.post(f"/en/{scope.slug}/notes/file", content=body, headers={"content-type": kind})
            assert sent.status_code in {400, 403, 413}
