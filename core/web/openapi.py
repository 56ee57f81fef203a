"""The OpenAPI 3.1 document, generated from the use cases behind the routes; nothing is described twice."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import msgspec

from core.context import Language
from core.text import t
from core.use_cases.declaration import Nothing
from core.use_cases.fields import field_of, settled
from core.web.i18n import say, translator
from core.web.pages import PARAMETER
from core.web.problems import MEDIA_TYPE, TITLES, TYPE_PREFIX, kinds
from core.web.routes import LINES, PREFIX, Route, takes_on

VERSION = "3.1.0"
REFERENCE = "#/components/schemas/{name}"
PROBLEM = "#/components/schemas/Problem"
SCOPES = {
    "agency": t("agencies"),
    "program": t("the program (IPOB)"),
    "department": t("departments"),
    "mission": t("mission commanders"),
    "platform": t("the operator"),
}
Schema = dict[str, Any]


def openapi(routes: Sequence[Route], language: Language, *, server: str, version: str) -> Schema:
    """Return the document for ``routes``: titles and explanations in ``language``, ``server`` is the address."""
    schemas = components(routes)
    paths: dict[str, Schema] = {}
    for route in routes:
        operations = paths.setdefault(PREFIX + route.pattern, {})
        operations[route.method.lower()] = _operation(route, language)
    rooms = dict.fromkeys(route.use_case.room for route in routes)
    translate = translator(language)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Contingent",
            "version": version or "0",
            "description": translate(
                "Every list that the pages offer, and every step but those that a person takes themselves, such as "
                "deciding on a case. A token says whose data it sees; what belongs to somebody else is answered as if "
                "it did not exist."
            ),
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "tags": [{"name": room} for room in rooms],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted((schemas | {"Problem": _problem_schema(translate)}).items())),
            "responses": _responses(translate),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "ctg_{scope}_{secret}"},
            },
        },
    }


def components(routes: Sequence[Route]) -> dict[str, Schema]:
    """Return the schemas of all that comes out, by name."""
    outputs = [route.use_case.output for route in routes if route.use_case.output is not None]
    _, schemas = msgspec.json.schema_components(outputs, ref_template=REFERENCE)
    if "Text" in schemas:
        translated = "A sentence in the language that Accept-Language asks for."
        schemas["Text"] = {"title": "Text", "type": "string", "description": translated}
    return schemas


@cache
def plain(struct: type[msgspec.Struct]) -> Schema:
    """Return the schema of an input struct with everything it refers to written out in it."""
    twin = _twin(struct)
    (reference,), schemas = msgspec.json.schema_components([twin], ref_template=REFERENCE)
    whole: Schema = _written_out(reference, schemas)
    return whole | {"properties": whole.get("properties", {}), "required": whole.get("required", [])}


@cache
def _twin(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return a struct of the same fields whose bounds stand where msgspec takes them."""
    fields: list[Any] = []
    for one in msgspec.structs.fields(struct):
        kind = settled(_with_twins(one.type))
        if one.required:
            fields.append((one.encode_name, kind))
        elif one.default is not msgspec.NODEFAULT:
            fields.append((one.encode_name, kind, one.default))
        else:
            fields.append((one.encode_name, kind, msgspec.field(default_factory=one.default_factory)))
    return msgspec.defstruct(struct.__name__, fields, kw_only=True, module=struct.__module__)


def _with_twins(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _twin(kind)
    if get_origin(kind) is list:
        return list[_with_twins(get_args(kind)[0])]  # type: ignore[misc]  # made of values, not written
    if hasattr(kind, "__metadata__"):
        return Annotated[(_with_twins(get_args(kind)[0]), *kind.__metadata__)]
    return kind


def _written_out(schema: Any, schemas: Mapping[str, Schema]) -> Any:
    if isinstance(schema, list):
        return [_written_out(one, schemas) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _written_out(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    return {name: _written_out(value, schemas) for name, value in schema.items()}


def input_schema(route: Route, language: Language) -> Schema:
    """Return the schema of the route's whole input, path included, its fields titled in ``language``."""
    struct: Any = route.use_case.input
    whole = plain(struct)
    titled = {}
    for one in msgspec.structs.fields(struct):
        about = field_of(one.type, one.name)
        help_text = {"description": say(about.help, language)} if about.help is not None else {}
        titled[one.encode_name] = (
            whole["properties"][one.encode_name] | {"title": say(about.label, language)} | help_text
        )
    return whole | {"properties": titled}


def _operation(route: Route, language: Language) -> Schema:
    case = route.use_case
    whole = input_schema(route, language)
    in_path = PARAMETER.findall(route.pattern)
    parameters = [_parameter(name, "path", whole) for name in in_path]
    made: Schema = {
        "operationId": case.key,
        "tags": [case.room],
        "summary": case.summary,
        "description": described(route, language),
    }
    rest = [name for name in whole.get("properties", {}) if name not in in_path]
    if route.method == "GET":
        parameters += [_parameter(name, "query", whole) for name in rest]
    else:
        translate = translator(language)
        parameters += _headers(translate)
        if not takes_on(route) and not case.undated:
            on = translate("The civil date from which the change is true; today where it is left out.")
            whole["properties"]["on"] = {"type": "string", "format": "date", "description": on}
            rest.append("on")
        if rest:
            made["requestBody"] = {
                "required": bool(set(rest) & set(whole.get("required", []))),
                "content": {"application/json": {"schema": _inline(whole, rest)}},
            }
    made["parameters"] = parameters
    made["responses"] = _answers(route, translator(language))
    return made


def described(route: Route, language: Language) -> str:
    """Say what the use case's docstring says, for whom it is and which permission it needs."""
    case = route.use_case
    paragraphs = inspect.cleandoc(case.body.__doc__ or "").split("\n\n")[1:]
    scopes = t("For %(scopes)s.", scopes=[SCOPES[kind] for kind in SCOPES if kind in case.scopes])
    permission = t("Permission: %(permission)s.", permission=case.permission)
    return "\n\n".join([*paragraphs, f"{say(scopes, language)} {say(permission, language)}"])


def _parameter(name: str, place: str, whole: Schema) -> Schema:
    schema = dict(whole.get("properties", {}).get(name, {"type": "string"}))
    made: Schema = {"name": name, "in": place, "required": place == "path" or name in whole.get("required", [])}
    title = schema.pop("title", None)
    made["description"] = schema.pop("description", None) or title or name
    present = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(present) == 1:
        # An address cannot say null: leaving the parameter out does.
        schema = {key: value for key, value in schema.items() if key not in ("anyOf", "default")} | present[0]
    return made | {"schema": schema}


def _headers(translate: Callable[[str], str]) -> list[Schema]:
    key = translate("A key of your own: a repeated call with the same key and input gets the first answer.")
    seen = translate("The ETag that you saw: the call is refused if somebody changed the record since.")
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": key,
            "schema": {"type": "string", "maxLength": 200},
        },
        {"name": "If-Match", "in": "header", "required": False, "description": seen, "schema": {"type": "string"}},
    ]


def _inline(whole: Schema, names: Sequence[str]) -> Schema:
    return {
        "type": "object",
        "properties": {name: whole["properties"][name] for name in names},
        "required": [name for name in whole.get("required", []) if name in names],
        "additionalProperties": False,
    }


def _answers(route: Route, translate: Callable[[str], str]) -> Schema:
    case = route.use_case
    empty = case.output is None or case.output is Nothing
    status = 204 if empty and route.status == 200 else route.status
    good: Schema = {"description": translate("Done.") if route.method != "GET" else translate("Found.")}
    if not empty:
        (schema,), _ = msgspec.json.schema_components([case.output], ref_template=REFERENCE)
        good["content"] = {"application/json": {"schema": schema}}
        if route.lines:
            (listed,) = [one for one in msgspec.structs.fields(case.output) if one.encode_name == route.lines]
            (line,), _ = msgspec.json.schema_components([get_args(listed.type)[0]], ref_template=REFERENCE)
            good["content"][LINES] = {"schema": line}
        if _versioned(case.output):
            good["headers"] = {"ETag": {"schema": {"type": "string"}}}
    codes = [400, 401, 403, 404, 422, 429, 503]
    if route.method != "GET":
        codes += [409, 413, 415]
    refused = {str(code): {"$ref": f"#/components/responses/{code}"} for code in sorted(codes)}
    return {str(status): good} | refused


def _versioned(output: Any) -> bool:
    return isinstance(output, type) and "version" in getattr(output, "__struct_fields__", ())


def _responses(translate: Callable[[str], str]) -> Schema:
    by_status: dict[int, list[str]] = {}
    for kind in kinds():
        if kind.slug in TITLES:
            by_status.setdefault(kind.status, []).append(kind.slug)
    return {
        str(status): {
            "description": "; ".join(f"{translate(TITLES[slug].id)} (`{TYPE_PREFIX}{slug}`)" for slug in slugs),
            "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM}}},
        }
        for status, slugs in sorted(by_status.items())
    }


def _problem_schema(translate: Callable[[str], str]) -> Schema:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": translate("What went wrong (RFC 9457), in the language of Accept-Language."),
        "properties": {
            "type": {"type": "string", "enum": [TYPE_PREFIX + slug for slug in TITLES]},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "remedy": text,
            "permission": text,
            "request": text,
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"pointer": text, "detail": text},
                    "required": ["pointer", "detail"],
                },
            },
        },
        "required": ["type", "title", "status", "detail"],
    }
