"""A plugin stands in sentences by what it is called, in the language of whoever reads them later."""

from __future__ import annotations

import pytest

from core.context import LANGUAGES, Language
from core.extensions.announcing import AWAITS
from core.hooks.titles import TITLES, title_of_hook, with_title
from core.journal.permissions import NOTIFICATION_READ
from core.text import t
from tests.core.extensions.conftest import Bench
from tests.core.journal.writing import tell
from tests.http.ring import main_of

pytestmark = pytest.mark.http


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_notification_names_a_plugin_by_its_title_and_one_that_is_gone_by_its_key(
    bench: Bench, language: Language
) -> None:
    scope = await bench.agency("chain")
    secret, caller = bench.ring.caller(scope, NOTIFICATION_READ)
    for plugin in ("chain", "gone_for_good"):
        await tell(bench.ring.platform, scope, caller.actor.id, AWAITS.id, plugin=plugin)
    browser = bench.ring.client(**{f"session-{scope.slug}": secret})
    main = main_of(await browser.get(f"/{language}/{scope.slug}/notifications"))
    quoted: dict[Language, tuple[str, ...]] = {
        "en": ("“The chain”", "“gone_for_good”"),
        "fr": ("«\u00a0Le chain\u00a0»", "«\u00a0gone_for_good\u00a0»"),
    }
    assert [words for words in quoted[language] if words not in main] == []


async def test_a_sentence_about_no_plugin_stays_as_it_is(bench: Bench) -> None:
    said = t("%(count)s notes.", count=3)
    assert with_title(bench.ctx(await bench.agency()), said) is said


def test_a_hook_of_another_version_is_called_by_its_key() -> None:
    assert title_of_hook("eligibility_findings", "fr") == TITLES["eligibility_findings"]["fr"]
    assert title_of_hook("unheard_of", "fr") == "unheard_of"
