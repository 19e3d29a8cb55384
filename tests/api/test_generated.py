"""Cases that schemathesis makes from the description of the API, and from one of Open311 (GeoReport v2).

Whatever comes, no answer is a failure of ours."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.api.v1.api import api
from caunoi.events.actor import SYSTEM
from caunoi.wsgi import application

TEXT: dict[str, Any] = {"type": "string"}


def _query(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": TEXT} for name in names]


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


ANSWERS = {"responses": {"default": {"description": "whatever is no failure"}}}
FORM = ("service_code", "lat", "long", "address_string", "description", "first_name", "last_name", "phone", "email")
OPEN311: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "GeoReport v2", "version": "2"},
    "paths": {
        "/open311/v2/discovery.json": {"get": ANSWERS},
        "/open311/v2/services.json": {"get": {"parameters": _query("jurisdiction_id"), **ANSWERS}},
        "/open311/v2/services/{code}.json": {"get": {"parameters": [_path("code")], **ANSWERS}},
        "/open311/v2/requests/{code}.xml": {"get": {"parameters": [_path("code")], **ANSWERS}},
        "/open311/v2/tokens/{code}.json": {"get": {"parameters": [_path("code")], **ANSWERS}},
        "/open311/v2/requests.json": {
            "get": {
                "parameters": _query(
                    *("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size"),
                    *("lat", "long", "radius", "updated_after", "extensions"),
                ),
                **ANSWERS,
            },
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {"type": "object", "properties": dict.fromkeys(FORM, TEXT)}
                        }
                    },
                },
                **ANSWERS,
            },
        },
    },
}
Operations = Iterator[Any]


def _operations(description: dict[str, Any]) -> Operations:
    schema = schemathesis.openapi.from_dict(description)
    schema.app = application
    for result in schema.get_all_operations():
        yield result.ok()


NAMES = [f"{one.method.upper()} {one.path}" for one in _operations(api.get_openapi_schema(path_prefix="/api/v1/"))]
NAMES_311 = [f"{one.method.upper()} {one.path}" for one in _operations(OPEN311)]


def _try(operation: Any, examples: int, headers: dict[str, str], query: dict[str, str] | None = None) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def run(case: Any) -> None:
        for name, value in (query or {}).items():
            case.query[name] = value
        answer = case.call(base_url="http://testserver", headers=headers)
        assert answer.status_code < 500, case.as_curl_command()
        assert answer.status_code in (204, 302, 304) or answer.headers.get("content-type"), case.as_curl_command()

    run()


@pytest.fixture(autouse=True)
def connected() -> Iterator[None]:
    """The test's own connection stays, as Django's client keeps it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def program(town: SimpleNamespace) -> Callable[[str], dict[str, str]]:
    def headers(name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue_key(Key.Use.API, name, by=SYSTEM, user=town.users[name])}"}

    return headers


def _named(name: str, description: dict[str, Any]) -> Any:
    (operation,) = (one for one in _operations(description) if f"{one.method.upper()} {one.path}" == name)
    return operation


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_case_of_the_api_is_a_failure(name: str, program: Callable[[str], dict[str, str]]) -> None:
    _try(_named(name, api.get_openapi_schema(path_prefix="/api/v1/")), 10, program("lan"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES_311)
def test_no_case_of_open311_is_a_failure(name: str, town: SimpleNamespace) -> None:
    _try(_named(name, OPEN311), 10, {}, {"api_key": issue_key(Key.Use.OPEN311, "app", by=SYSTEM)})


@pytest.mark.long
@pytest.mark.parametrize("who", ["lan", "minh", "nobody"])
@pytest.mark.parametrize("name", NAMES)
def test_nor_is_one_of_many(name: str, who: str, program: Callable[[str], dict[str, str]]) -> None:
    headers = program(who) if who != "nobody" else {}
    _try(_named(name, api.get_openapi_schema(path_prefix="/api/v1/")), 100, headers)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES_311)
def test_nor_is_one_of_many_of_open311(name: str, town: SimpleNamespace) -> None:
    _try(_named(name, OPEN311), 200, {}, {"api_key": issue_key(Key.Use.OPEN311, "app", by=SYSTEM)})
