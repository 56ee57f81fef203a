"""The pages on which an administrator sets up how the service's people sign in."""

from __future__ import annotations

from typing import Any

from auth.relying_party.client_auth import PRIVATE_KEY, SCOPES
from auth.relying_party.examining import Finding
from auth.relying_party.refusals import SignInRefused, Why
from auth.roles import ROLES
from auth.service import SEAT_READ
from auth.setup.documents import MOST_BYTES, PURPOSE
from auth.setup.filling import TAKEN
from auth.setup.findings import CHECKS, DEMONSTRATED
from auth.setup.gates import Gate
from auth.setup.lacks import LACKS
from auth.setup.lifecycle import PROVIDER, PROVIDER_MANAGE
from auth.setup.schemas import (
    CLIENT_AUTH,
    PROGRAMS,
    REFRESH,
    AssuranceIn,
    ChangeProvider,
    CopyProvider,
    HandInDocument,
    ProviderFile,
    ProviderIn,
    ProviderOut,
    TestOut,
)
from auth.setup.service import (
    SERVED,
    add_provider,
    change_provider,
    copy_provider,
    forget_document,
    get_provider,
    hand_in_document,
    link_tested,
    list_providers,
    move_provider,
    renew_client_key,
    set_assurance,
)
from core.text import Text, t
from core.use_cases.declaration import ById, Nothing
from core.web.pages import Nav, Pages
from core.web.shell import Tone
from core.web.tables import Badge
from core.web.view import Answer, To, View

SIGN_IN = "/sign-in"
TONES: dict[str, Tone] = {"draft": "info", "tested": "info", "enforced": "ok", "retiring": "warn", "off": "idle"}
USUAL = {
    "client_auth": "client_secret_basic",
    "algorithm": "RS256",
    "assertion_audience": "issuer",
    "refresh": "never",
    "programs": "go_on",
}

FIRST_SECRET = t("Needed where a secret is how we prove who we are. It is kept sealed and never shown again.")

pages = Pages("setup", scopes=SERVED, nav=[Nav("admin", t("Sign-in"), SIGN_IN, SEAT_READ, icon="key", order=24)])


@pages.get(SIGN_IN, permission=SEAT_READ)
async def providers(view: View) -> Answer:
    """Show through what people sign in, and what is being set up."""
    found = await view.run(list_providers, Nothing())
    return view.render(
        "setup/providers.html",
        providers=[(one, badge(one)) for one in found.providers],
        manages=view.ctx.actor.may(PROVIDER_MANAGE),
    )


@pages.get(f"{SIGN_IN}/new", permission=PROVIDER_MANAGE)
async def new_provider(view: View) -> Answer:
    """Ask for what is needed to begin, and show what the identity team enters on their side."""
    form = view.form(ProviderIn, USUAL).with_help("secret", FIRST_SECRET)
    return view.render("setup/new.html", form=form, addresses=addresses(view))


@pages.post(f"{SIGN_IN}/new", use_case=add_provider, form=new_provider)
async def provider_added(view: View, result: ProviderFile) -> To:
    """Go on with the checks."""
    return To(page_of(result), t("The provider is being set up. Nobody signs in through it yet."))


@pages.get(f"{SIGN_IN}/{{id}}", permission=SEAT_READ)
async def provider(view: View) -> Answer:
    """Show one provider, with what remains to be done, step by step."""
    found = await view.run(get_provider, ById(id=view.params["id"]))
    one, manages = found.provider, view.ctx.actor.may(PROVIDER_MANAGE)
    open_ = manages and one.state in PROVIDER.find("revise").sources
    values = {name: getattr(one, name) for name in ("issuer", "secret_ends_on", *TAKEN)}
    return view.render(
        "setup/provider.html",
        file=found,
        one=one,
        badge=badge(one),
        manages=manages,
        steps=_steps(found),
        client_auth=CLIENT_AUTH.get(one.client_auth, one.client_auth),
        refresh=REFRESH.get(one.refresh, one.refresh),
        programs=PROGRAMS.get(one.programs, one.programs),
        checks=None
        if found.findings is None
        else [check(finding, local=one.issuer.startswith("http:")) for finding in found.findings],
        test=_test(view, found.test),
        test_address=f"{_auth(view)}/test?provider={one.id}&language={view.language}",
        look_address=f"{_auth(view)}/look?language={view.language}",
        addresses=addresses(view, signs=one.client_auth == PRIVATE_KEY),
        enforcing=[gate_line(gate) for gate in found.enforcing],
        leaving=[gate_line(gate) for gate in found.leaving],
        ready=all(gate.met for gate in found.enforcing),
        changing=view.form(ChangeProvider, values | {"algorithm": one.algorithms[0]}, version=one.version).without("id")
        if open_
        else None,
        assuring=view.form(AssuranceIn, _rule(one), version=one.version, prefix="rule-").without("id")
        if open_
        else None,
        handing=view.form(HandInDocument, version=one.version, prefix="document-").without("id") if open_ else None,
        copying=view.form(CopyProvider, prefix="copy-").without("id") if manages and not open_ else None,
    )


@pages.get(f"{SIGN_IN}/{{id}}/tested", permission=PROVIDER_MANAGE)
async def tested(view: View) -> Answer:
    """Show, in the second window, what came of the test."""
    found = await view.run(get_provider, ById(id=view.params["id"]))
    return view.render("setup/tested.html", one=found.provider, test=_test(view, found.test))


@pages.post(f"{SIGN_IN}/{{id}}", use_case=change_provider, form=provider)
async def provider_changed(view: View, result: ProviderFile) -> To:
    """Show the provider with its new set-up."""
    return To(page_of(result), t("The set-up is changed. Look at the provider again, and test."))


@pages.post(f"{SIGN_IN}/{{id}}/assurance", use_case=set_assurance, form=provider)
async def assurance_set(view: View, result: ProviderFile) -> To:
    """Show the provider with the new rule."""
    return To(f"{page_of(result)}#assurance", t("The rule is set. Test that your own sign-in meets it."))


@pages.post(
    f"{SIGN_IN}/{{id}}/document",
    use_case=hand_in_document,
    form=provider,
    upload="document_id",
    upload_limit=MOST_BYTES,
    purpose=PURPOSE.key,
)
async def document_taken(view: View, result: ProviderFile) -> To:
    """Show the provider as its document describes it."""
    return To(page_of(result), t("The document is taken. Look at the provider again, and test."))


@pages.post(f"{SIGN_IN}/{{id}}/document/forget", use_case=forget_document, form=provider)
async def document_forgotten(view: View, result: ProviderFile) -> To:
    """Show the provider, which is asked itself again."""
    return To(page_of(result), t("The provider is asked itself again."))


@pages.post(f"{SIGN_IN}/{{id}}/step", use_case=move_provider, form=provider)
async def provider_moved(view: View, result: ProviderFile) -> To:
    """Show the provider in its new state."""
    return To(page_of(result), t("The state is now: %(state)s.", state=PROVIDER.states[result.provider.state]))


@pages.post(f"{SIGN_IN}/{{id}}/link", use_case=link_tested, form=provider)
async def account_linked(view: View, result: ProviderFile) -> To:
    """Show that the account leads into the reader's seat."""
    return To(f"{page_of(result)}#enforce", t("The account is linked to your seat."))


@pages.post(f"{SIGN_IN}/{{id}}/copy", use_case=copy_provider, form=provider)
async def provider_copied(view: View, result: ProviderFile) -> To:
    """Go on with the copy."""
    return To(page_of(result), t("This is the copy. Change it and test it; people sign in as before meanwhile."))


@pages.post(f"{SIGN_IN}/{{id}}/key", use_case=renew_client_key, form=provider)
async def key_renewed(view: View, result: ProviderFile) -> To:
    """Show the provider, with the new key published."""
    return To(page_of(result), t("The new key is published. We sign with it from tomorrow."))


def page_of(file: ProviderFile) -> str:
    """Return the page of a provider."""
    return f"{SIGN_IN}/{file.provider.id}"


def badge(one: ProviderOut) -> Badge:
    """Return the state of a provider in words."""
    return Badge(PROVIDER.states[one.state], TONES[one.state])


def addresses(view: View, *, signs: bool = True) -> list[tuple[Text, str]]:
    """Return what the identity team enters on their side, each to be copied."""
    site = view.site.settings.address
    told = [
        (t("Redirect address (sign-in)"), f"{_auth(view)}/callback"),
        (t("Address after sign-out, English"), f"{site}/en/"),
        (t("Address after sign-out, French"), f"{site}/fr/"),
        (t("Back-channel logout address"), f"{_auth(view)}/backchannel"),
        (t("Key-set address, where a key of ours signs"), f"{_auth(view)}/jwks.json"),
        (t("Scopes that we ask for"), SCOPES),
    ]
    return [one for one in told if signs or not one[1].endswith("/jwks.json")]


def check(finding: Finding, *, local: bool = False) -> dict[str, Any]:
    """Return a finding as a line: what is well, or what is wrong, what was found instead, and who can mend it.

    ``local``: the provider's address is one that only a demonstration may ask.
    """
    words = CHECKS[finding.key]
    if finding.tone == "ok":
        well = DEMONSTRATED.get(finding.key) if local else None
        return {"title": well or words.holds, "tone": "ok"}
    note = t("%(remedy)s (%(detail)s)", remedy=words.remedy, detail=finding.detail) if finding.detail else words.remedy
    return {"title": words.fails, "tone": finding.tone, "note": note}


def gate_line(gate: Gate) -> dict[str, Any]:
    """Return a precondition as a line."""
    return {"title": gate.title, "tone": "ok" if gate.met else "bad", "note": gate.note}


def _steps(found: ProviderFile) -> list[dict[str, Any]]:
    state = found.provider.state
    looked = found.findings is not None and all(one.tone != "bad" for one in found.findings)
    passed = found.test is not None and found.test.holds and found.test.why is None
    done = [
        True,
        looked,
        passed or state != "draft",
        state in ("tested", "enforced", "retiring"),
        state in ("enforced", "retiring"),
    ]
    titles = [t("Set up"), t("Looked at"), t("Test sign-in"), t("Test confirmed"), t("In force")]
    first = next((index for index, one in enumerate(done) if not one), len(done))
    words = ["done" if one else "current" if index == first else "open" for index, one in enumerate(done)]
    return [{"title": title, "state": word} for title, word in zip(titles, words, strict=True)]


def _test(view: View, test: TestOut | None) -> dict[str, Any] | None:
    """Return the newest test as its card shows it."""
    if test is None:
        return None
    titles = {key: role.title for key, role in ROLES[view.ctx.scope.kind].items()}
    refusal = None
    if test.why is not None:
        refusal = SignInRefused(Why(test.why)).sentences
    return {
        "test": test,
        "refusal": refusal,
        "roles": [titles.get(key, Text(key)) for key in test.roles],
        "missing": [
            {"title": LACKS[key].title, "tone": LACKS[key].tone, "note": LACKS[key].remedy} for key in test.missing
        ],
    }


def _rule(one: ProviderOut) -> dict[str, Any]:
    rule = one.rule
    told = {name: " ".join(rule[name]) for name in ("acr", "amr_all", "amr_any", "acr_values")}
    return told | {"acrs": rule["acrs"], "minutes": None if rule["max_age"] is None else rule["max_age"] // 60}


def _auth(view: View) -> str:
    return f"{view.site.settings.address}/t/{view.ctx.scope.slug}/auth"
