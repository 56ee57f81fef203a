"""Where a plugin uses what goes of the contract, the operator and the service that runs it read what its maker does."""

from __future__ import annotations

import pytest

from contingent import RemovedIn2Warning
from core.context import LANGUAGES, Language
from core.extensions.lifecycle import PLUGIN_READ
from core.hooks.deprecations import Deprecation
from core.hooks.plans import Plans
from core.hooks.registry import Registry
from tests.core.extensions.conftest import Bench, Mail, connect, plugin
from tests.http.ring import main_of
from tests.platform import Platform

pytestmark = pytest.mark.http

GOES = Deprecation("1.4", "implement connection_steps", hook="hr_test_connection")
LABELS = {"en": "To be changed by its maker", "fr": "À modifier par l’équipe qui l’a conçu"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_goes_stands_on_the_operators_page_and_on_the_plugins_own(
    bench: Bench, platform: Platform, language: Language
) -> None:
    def install(*goes: Deprecation) -> Registry:
        made = Registry(goes=goes)
        assert made.register(plugin("mailer", "hr_test_connection", connect, Mail)) is None
        bench.host.registry, bench.host.plans = made, Plans(made)
        return made

    with pytest.warns(RemovedIn2Warning, match="implement connection_steps"):
        (said,) = install(GOES).plugins["mailer"].warned
    scope = await bench.agency("mailer")
    operator = bench.ring.browser(platform.operator, PLUGIN_READ)
    browser = bench.ring.browser(scope, PLUGIN_READ)
    places = (
        (operator, f"/{language}/{platform.operator.slug}/plugins"),
        (browser, f"/{language}/{scope.slug}/plugins/mailer"),
    )
    for reader, address in places:
        page = main_of(await reader.get(address))
        assert LABELS[language] in page
        assert said in page
    install()
    for reader, address in places:
        assert LABELS[language] not in main_of(await reader.get(address))
