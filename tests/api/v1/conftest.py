"""Programs as the demo has them, each acting as a person; tests/api/v1/test_service_accounts.py has others.

Proves: API v1: tickets, moves, receipts, measures; OpenAPI 3.1"""

from types import SimpleNamespace

import pytest
from django.test import Client
from pytest_django import Settings

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.events.actor import SYSTEM


class Program:
    def __init__(self, token: str) -> None:
        self.client, self.headers = Client(), {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: object) -> SimpleNamespace:
        return self._read(self.client.get(f"/api/v1/{path}", query, headers=self.headers))

    def post(self, path: str, **body: object) -> SimpleNamespace:
        response = self.client.post(f"/api/v1/{path}", body, content_type="application/json", headers=self.headers)
        return self._read(response)

    def move(self, code: str, name: str, **given: object) -> SimpleNamespace:
        return self.post(f"tickets/{code}/moves", move=name, **given)

    def _read(self, response: object) -> SimpleNamespace:
        return SimpleNamespace(status=response.status_code, body=response.json(), response=response)


@pytest.fixture
def api(town: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    """`api.lan` and so on; `api.nobody` has no token, `api.stranger` a wrong one."""
    settings.DEMO = True
    tokens = {
        name: issue_key(Key.Use.API, name, by=SYSTEM, user=user, secret=f"demo-api-{name}")
        for name, user in town.users.items()
    }
    programs = {name: Program(token) for name, token in tokens.items()}
    return SimpleNamespace(**programs, nobody=Program(""), stranger=Program("nonsense"))
