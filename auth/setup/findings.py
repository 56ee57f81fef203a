"""What a check of a provider looks at, and what to do where it is not well: in words, by the finding's key."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from core.text import Text, t

TEAM = t("Your identity team can mend it there.")
YOU = t("You can mend it in the set-up above.")


class Check(msgspec.Struct, frozen=True):
    """A check: what is well where it holds, what is wrong where it does not, and who can mend it."""

    holds: Text
    fails: Text
    remedy: Text


DEMONSTRATED = {
    "address": t("Its address may be asked from the demonstration"),
    "addresses": t("All its addresses may be asked from the demonstration"),
}
"""What is well at a provider on the machine of a demonstration, which counts there as one that anybody can reach."""

CHECKS: Mapping[str, Check] = {
    "address": Check(
        t("Its address is https and public"),
        t("Its address is not https, or not one that anybody can reach"),
        t("Enter its public address in the set-up above. Addresses inside a network are never asked."),
    ),
    "document": Check(
        t("It says what it is (discovery document)"),
        t("Its discovery document cannot be read"),
        t("Compare the address with what your identity team has. It must answer JSON itself."),
    ),
    "issuer": Check(
        t("It calls itself what you entered"),
        t("It calls itself something else than you entered"),
        t("Enter the issuer exactly as it is told here, to the last slash."),
    ),
    "code": Check(t("It signs in by authorization code"), t("It does not offer the authorization code flow"), TEAM),
    "pkce": Check(t("It protects the code by PKCE (S256)"), t("It does not offer PKCE with S256"), TEAM),
    "addresses": Check(
        t("All its addresses are https and public"),
        t("One of its addresses is not https, or not public"),
        TEAM,
    ),
    "own_host": Check(
        t("The document handed in keeps to the issuer’s own host"),
        t("The document handed in leads to another host"),
        t("Remove the document and let it be asked at its metadata address, which proves whose it is."),
    ),
    "keys": Check(
        t("It publishes a key for its signature"),
        t("It publishes no key that we could check its signature with"),
        t("Choose another algorithm in the set-up above, or ask your identity team which one it signs with."),
    ),
    "algorithm": Check(
        t("It signs as the set-up says"),
        t("It does not sign with the algorithm of the set-up"),
        YOU,
    ),
    "client_auth": Check(
        t("It takes our proof of who we are"),
        t("It does not take the proof that the set-up says"),
        YOU,
    ),
    "sign_out": Check(
        t("It has an address for signing out"),
        t("It has no address for signing out: who signs out here stays signed in there"),
        TEAM,
    ),
    "back_channel": Check(
        t("It tells us when a session ends there (back-channel logout)"),
        t("It does not say that it tells us when a session ends there (back-channel logout)"),
        t("Sessions here then end by their own time, or with the account in your directory."),
    ),
    "shared": Check(
        t("Another service’s people sign in at it too, and a claim tells yours apart"),
        t("Another service’s people sign in at it too, and no claim tells yours apart"),
        t(
            "Name the claim that must be there, and its value. Without it, an account of another service with the"
            " number of one of your officers would be linked to that officer."
        ),
    ),
    "person": Check(
        t("It knows people by another subject at each client, and a claim names them to all"),
        t("It knows people by another subject at each client"),
        t(
            "Name the claim in the set-up that is the same at all of them. Without it, nobody sees that somebody who"
            " acts for two services is one person."
        ),
    ),
    "named": Check(
        t("Another service’s people sign in at it too, and are named by the same claim"),
        t("Another service’s people sign in at it too, and are named by another claim than yours"),
        t(
            "Agree with your identity team on one claim for all who sign in there. As long as each names its own,"
            " nobody sees that somebody who acts for two services is one person."
        ),
    ),
}
