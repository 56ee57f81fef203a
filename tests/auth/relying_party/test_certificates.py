"""A provider is whoever a known authority vouches for, under the very name that was asked: tried with real TLS."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from auth.relying_party.network import GuardedTransport, fetch_json
from auth.relying_party.party import RelyingParty
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import SystemClock
from core.network import AT_ONCE, PublicNetwork
from tests.auth.hostile import CALLBACK, ISSUER, PROVIDER, SECRETS, Hostile

NAME = ISSUER.removeprefix("https://")


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Vouches for names."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed(named("Test authority"), self._key.public_key(), x509.BasicConstraints(True, 0))

    def vouch(self, name: str, folder: Path) -> Path:
        """Return the file of a key and its certificate for ``name``."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(named(name), key.public_key(), x509.SubjectAlternativeName([x509.DNSName(name)]))
        file = folder / f"{name}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
        return file

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, says: x509.ExtensionType) -> x509.Certificate:
        now = SystemClock().now()
        made = x509.CertificateBuilder(
            issuer_name=named("Test authority"),
            subject_name=subject,
            public_key=key,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(hours=1),
            not_valid_after=now + timedelta(hours=1),
        )
        own = x509.SubjectKeyIdentifier.from_public_key(key)
        whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        for extension in (says, own, whose):
            made = made.add_extension(extension, critical=extension is says)
        return made.sign(self._key, SHA256())


@asynccontextmanager
async def answering(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[bytes]]:
    """Answer discovery at every name of the network under ``certificate``, and list what was asked."""
    asked: list[bytes] = []
    told = json.dumps(Hostile(SystemClock()).metadata_told()).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(told), told))
        await writer.drain()
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    listening = server.sockets[0].getsockname()[1]

    async def here(self: PublicNetwork, host: str, port: int, **options: Any) -> httpcore2.AsyncNetworkStream:
        return await self._inner.connect_tcp("127.0.0.1", listening, **options)

    monkeypatch.setattr(PublicNetwork, "connect_tcp", here)
    async with server:
        yield asked


async def asked_for_its_address(party: RelyingParty) -> str:
    try:
        return await party.authorization_url(PROVIDER, CALLBACK, SECRETS, "en")
    finally:
        await party.close()


@pytest.mark.parametrize(
    ("known", "name", "fault"),
    [
        (True, NAME, None),
        (True, "login.example.net", "Hostname mismatch"),
        (False, NAME, "unable to get local issuer certificate"),
    ],
)
async def test_a_provider_is_believed_only_under_a_certificate(
    known: bool, name: str, fault: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority()
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes((authority if known else Authority()).certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with answering(authority.vouch(name, tmp_path), monkeypatch) as asked:
        party = RelyingParty(SystemClock(), loopback=False)
        if fault is None:
            assert (await asked_for_its_address(party)).startswith(f"{ISSUER}/authorize?")
            return
        with pytest.raises(SignInRefused) as caught:
            await asked_for_its_address(party)
        assert caught.value.why == Why.PROVIDER_DOWN
        assert fault in str(caught.value.__cause__)
        assert asked == []


async def test_a_provider_that_hangs_keeps_nobody_from_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority()
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    hanging = asyncio.Semaphore(0)
    async with answering(authority.vouch(NAME, tmp_path), monkeypatch):
        answered = PublicNetwork.connect_tcp

        async def connect(self: PublicNetwork, host: str, port: int, **options: Any) -> httpcore2.AsyncNetworkStream:
            if host == NAME:
                return await answered(self, host, port, **options)
            hanging.release()
            await asyncio.Event().wait()
            raise AssertionError

        monkeypatch.setattr(PublicNetwork, "connect_tcp", connect)
        network = GuardedTransport()
        waiting = [asyncio.create_task(fetch_json(network, "https://silent.example/")) for _ in range(AT_ONCE)]
        try:
            for _ in waiting:
                await hanging.acquire()
            async with asyncio.timeout(5):
                assert (await fetch_json(network, f"{ISSUER}/"))["issuer"] == ISSUER
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.wait(waiting)
            await network.close()
