"""Problem documents: a stable type, a title in both languages, and a page for each kind."""

from __future__ import annotations

import msgspec
import pytest
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from core.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Refused, TooMany
from core.text import t
from core.web import problems
from core.web.i18n import translator
from core.web.languages import preferred


def test_every_kind_of_error_has_a_title_and_a_meaning() -> None:
    slugs = {kind.slug for kind in problems.kinds() if kind.__module__.startswith("core.")}
    assert slugs <= set(problems.TITLES)
    assert set(problems.TITLES) == set(problems.MEANINGS)


def test_each_title_exists_in_french() -> None:
    french = translator("fr")
    same = [text.id for text in (*problems.TITLES.values(), *problems.MEANINGS.values()) if french(text.id) == text.id]
    assert same == []


def test_a_document_says_what_why_and_what_would_allow_it() -> None:
    refused = Refused(t("The call is closed."), t("Open it again."))
    made = msgspec.json.decode(problems.encoded(refused, str))
    assert made == {
        "type": "/problems/refused",
        "title": "A rule forbids this now",
        "status": 409,
        "detail": "The call is closed.",
        "remedy": "Open it again.",
    }


def test_faults_are_named_by_pointer_and_a_permission_by_name() -> None:
    invalid = Invalid([Fault("/a", t("Fill this in.")), Fault("/b/0", t("Enter a whole number."))])
    errors = problems.document(invalid, str)["errors"]
    assert errors == [
        {"pointer": "/a", "detail": "Fill this in."},
        {"pointer": "/b/0", "detail": "Enter a whole number."},
    ]
    assert problems.document(Forbidden("call.write"), str)["permission"] == "call.write"


@pytest.mark.parametrize(
    ("raised", "status", "slug"),
    [
        (NotFoundException(), 404, "not-found"),
        (MethodNotAllowedException(headers={"allow": "GET"}), 405, "wrong-method"),
        (HTTPException(status_code=413), 413, "too-large"),
        (HTTPException(status_code=400), 400, "malformed"),
        (HTTPException(status_code=500), 500, "internal"),
        (RuntimeError("secret"), 500, "internal"),
        (Conflict(), 409, "changed-meanwhile"),
        (TooMany(9), 429, "too-many-requests"),
    ],
)
def test_whatever_was_raised_becomes_one_of_the_kinds(raised: Exception, status: int, slug: str) -> None:
    problem = problems.problem_of(raised)
    assert (problem.status, problem.slug) == (status, slug)
    assert "secret" not in str(problems.document(problem, str))


def test_headers_belong_to_their_kind() -> None:
    assert problems.headers_of(problems.WrongMethod("GET, POST")) == {"allow": "GET, POST"}
    assert problems.headers_of(TooMany(9)) == {"retry-after": "9"}
    assert problems.headers_of(NotFound()) == {}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("FR-ca", "fr"),
        ("en;q=0.3, fr;q=0.9", "fr"),
        ("de, fr;q=0.1", "fr"),
        ("fr;q=0, en;q=0", "en"),
        ("fr;q=x, en;q=0.1", "en"),
        ("fr;q=2", "en"),
        ("*", "en"),
        (";;;,,,=" * 500, "en"),
    ],
)
def test_the_language_is_the_one_the_reader_likes_best(header: str | None, language: str) -> None:
    assert preferred(header) == language
