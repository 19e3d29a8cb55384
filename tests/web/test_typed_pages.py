"""Every page is a typed object: its template asks for nothing that the object has not, and for all that it has.

Proves: typed pages: what each template reads is checked against the fields and types of its page; components declare
their arguments."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from django.template.context_processors import csp
from django.test import RequestFactory

import caunoi.web
from caunoi.web.context import Common
from caunoi.web.page import Page
from tests.web.templates_read import declared, reading

TEMPLATES = Path(caunoi.web.__file__).parent / "templates"
COMMON = {  # of the context processors, for whoever looks
    **dict.fromkeys(("request", "csrf_token", "messages", "user", "perms"), Any),
    **dict.fromkeys(csp(RequestFactory().get("/")), Any),
    **get_type_hints(Common),
}


def _pages(kind: type[Page] = Page) -> Iterator[type[Page]]:
    for one in kind.__subclasses__():
        if "template" in vars(one):
            yield one
        yield from _pages(one)


for module in pkgutil.walk_packages(caunoi.web.__path__, "caunoi.web."):
    if ".handed" not in module.name:
        importlib.import_module(module.name)
PAGES = sorted(set(_pages()), key=lambda page: f"{page.__module__}.{page.__name__}")


def test_a_template_reads_what_its_page_has_and_all_of_it() -> None:
    unknown, unread = {}, {}
    for page in PAGES:
        types = {field.name: get_type_hints(page)[field.name] for field in fields(page)}
        walks = [reading(file, types, COMMON) for file in (page.template, *page.parts)]
        if asked := [path for walk in walks for path in walk.unknown]:
            unknown[page.__qualname__, page.template] = sorted(set(asked))
        if left := set(types) - set().union(*(walk.read for walk in walks)):
            unread[page.__qualname__] = sorted(left)
    assert unknown == {}
    assert unread == {}


def test_a_component_reads_its_arguments_and_all_of_them() -> None:
    wrong = {}
    for file in sorted(TEMPLATES.glob("components/*.html")):
        name = f"components/{file.name}"
        arguments = declared(name)
        if arguments is None:
            wrong[name] = ["declares no arguments: {# takes … #}"]
            continue
        walk = reading(name, dict.fromkeys(arguments, Any))
        if walk.unknown or set(arguments) - walk.read:
            wrong[name] = [*walk.unknown, *(set(arguments) - walk.read)]
    assert wrong == {}
