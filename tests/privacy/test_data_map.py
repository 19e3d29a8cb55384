"""Every column that can hold words is classed in the register of processing."""

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from caunoi.privacy import register
from caunoi.vault.fields import BlindWordsOf, SealedField

WORDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    models.FloatField,
    ArrayField,
    SearchVectorField,
    SealedField,
    BlindWordsOf,
)


def columns():
    for model in apps.get_models():
        if model.__module__.startswith("caunoi."):
            for field in model._meta.concrete_fields:
                if isinstance(field, WORDS) and not field.choices:
                    yield model._meta.label_lower, field.name


def test_every_column_that_can_hold_words_is_classed():
    """caunoi/privacy/register.py: HOLDINGS for what may hold anything of a citizen, PLAIN for what cannot."""
    assert [f"{model}.{name}" for model, name in columns() if not register.is_classed(model, name)] == []


def test_the_register_names_no_column_that_is_not_there():
    there = set(columns())
    known = {(model, name) for model, one in register.HOLDINGS.items() for name in one.columns}
    known |= {(model, name) for model, names in register.PLAIN.items() for name in names}
    assert known - there == set()


def test_every_code_of_the_register_has_its_words():
    for one in register.HOLDINGS.values():
        assert {*one.columns.values()} <= set(register.KINDS)
        assert one.purpose in register.PURPOSES and one.ground in register.GROUNDS
        assert one.readers in register.READERS and one.term in register.TERMS and one.erasure in register.ERASURES
