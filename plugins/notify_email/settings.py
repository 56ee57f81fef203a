"""What an agency sets: its mail server, the sender, and when the day's messages are written."""

from __future__ import annotations

import ssl
from typing import Annotated, Literal

import msgspec

from contingent import Secret, field, t

ENCRYPTION = {"starttls": t("STARTTLS, before anything else is said"), "tls": t("TLS from the start")}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is sent before there are a server and a sender."""

    host: (
        Annotated[
            str,
            field(
                t("Mail server"),
                longest=200,
                help=t("Its full name. Saving it is your consent to sending there."),
            ),
        ]
        | None
    ) = None
    encryption: Annotated[Literal["starttls", "tls"], field(t("Encryption"), choices=ENCRYPTION)] = "starttls"
    port: Annotated[
        int, field(t("Port"), least=1, most=65535, help=t("As a rule 587 with STARTTLS, and 465 with TLS."))
    ] = 587
    sender: Annotated[str, field(t("Sender’s address"), widget="email", longest=200)] | None = None
    user: Annotated[str, field(t("User name"), longest=200, help=t("Empty where the server asks for none."))] | None = (
        None
    )
    password: Annotated[Secret, field(t("Password"))] | None = None
    authority: (
        Annotated[
            str,
            field(
                t("Certificate authority"),
                widget="area",
                longest=20_000,
                help=t("As PEM, where the server’s certificate is from one of your own. Empty: the public ones."),
            ),
        ]
        | None
    ) = None
    digest_hour: Annotated[
        int,
        field(t("Hour of the daily messages"), least=0, most=23, help=t("On the clock, in your service’s time zone.")),
    ] = 7

    def __post_init__(self) -> None:
        """Refuse an authority by which no certificate could ever be believed."""
        if self.authority:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=self.authority)
            except (ssl.SSLError, ValueError):
                raise ValueError(t("The certificate authority cannot be read: PEM is expected.").id) from None
