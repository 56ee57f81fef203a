"""A mail server on this machine that speaks STARTTLS with a certificate made for it, and keeps what came."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from core.clock import SystemClock


class Mailbox:
    """What came, and how the server behaves."""

    def __init__(self) -> None:
        self.came: list[EmailMessage] = []
        self.logged_in: list[str] = []
        self.answer = "250 OK"
        self.port = 0
        self.certificate = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.answer.startswith("250"):
            assert server.transport.get_extra_info("sslcontext"), "it came without encryption"
            mail = BytesParser(policy=default).parsebytes(envelope.content)
            assert isinstance(mail, EmailMessage)
            self.came.append(mail)
        return self.answer

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        sound = isinstance(given, LoginPassword) and given.password == b"opensesame"
        if sound:
            self.logged_in.append(given.login.decode())
        return AuthResult(success=sound)


class Listening(Controller):
    """A server at the port that it was given by the system."""

    def _trigger_server(self) -> None:
        listening: Any = self.server
        self.port = listening.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def serving(folder: Path, *, name: str = "localhost", at_once: bool = False) -> Iterator[Mailbox]:
    """Serve on a free port until the end; ``name`` is whom the certificate is for.

    ``at_once``: it speaks nothing but TLS, from the start.
    """
    box = Mailbox()
    box.certificate = _certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    encrypted: dict[str, Any] = {"tls_context": context, "require_starttls": True}
    if at_once:  # the library sees only its own STARTTLS as encryption
        encrypted = {"ssl_context": context, "auth_require_tls": False}
    controller = Listening(box, hostname="127.0.0.1", port=0, authenticator=box.authenticate, **encrypted)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


def _certificate(folder: Path, name: str) -> str:
    key, now = ec.generate_private_key(ec.SECP256R1()), SystemClock().now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = made.public_bytes(Encoding.PEM)
    (folder / "certificate.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem.decode()
