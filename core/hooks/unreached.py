"""Why a machine gave no answer, in words: the name of an exception says nothing to who reads a plugin's page."""

from __future__ import annotations

from collections.abc import Mapping

from core.hooks.data import Words

_LATE: Words = {"en": "no answer in time", "fr": "aucune réponse à temps"}
_NO_WAY: Words = {"en": "no connection", "fr": "aucune connexion"}
_BROKEN: Words = {"en": "the connection broke off", "fr": "la connexion a été interrompue"}
_PRIVATE: Words = {"en": "not a public address", "fr": "l’adresse n’est pas publique"}
_OTHER: Words = {"en": "no sound answer", "fr": "aucune réponse valable"}
KINDS: Mapping[str, Words] = {
    "ConnectError": _NO_WAY,
    "ConnectionRefusedError": {"en": "the connection was refused", "fr": "la connexion a été refusée"},
    "gaierror": {"en": "no machine of this name", "fr": "aucune machine de ce nom"},
    "SMTPConnectError": _NO_WAY,
    "OSError": _NO_WAY,
    "ConnectTimeout": _LATE,
    "ReadTimeout": _LATE,
    "WriteTimeout": _LATE,
    "PoolTimeout": _LATE,
    "TimeoutError": _LATE,
    "SMTPTimeoutError": _LATE,
    "ReadError": _BROKEN,
    "WriteError": _BROKEN,
    "RemoteProtocolError": _BROKEN,
    "ConnectionResetError": _BROKEN,
    "BrokenPipeError": _BROKEN,
    "SMTPServerDisconnected": _BROKEN,
    "SSLCertVerificationError": {"en": "its certificate is not trusted", "fr": "son certificat n’est pas reconnu"},
    "SSLError": {"en": "no encrypted connection", "fr": "aucune connexion chiffrée"},
    "does not lead to a public address": _PRIVATE,
    "is not a public address": _PRIVATE,
    "without https": {"en": "the address is not https", "fr": "l’adresse n’est pas en https"},
}
"""By how the line ends that a failed request has."""


def failure_in_words(failed: str) -> Words:
    """Return which machine gave no answer and why, to be put into a sentence.

    ``failed``: the line of what ``ctx.http`` or ``ctx.sockets`` raised: a machine and the kind of failure.
    """
    ending = next((one for one in sorted(KINDS, key=len, reverse=True) if failed.endswith(one)), "")
    why = KINDS[ending] if ending else _OTHER
    machine = failed.removesuffix(ending).rstrip(": ") if ending else failed.partition(":")[0]
    if not machine or " " in machine:
        return why
    return {"en": f"{machine}: {why['en']}", "fr": f"{machine}\u00a0: {why['fr']}"}
