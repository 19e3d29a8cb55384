"""Rows found by what lies sealed in them: by its index under each key there is, and in older rows by the column in
which it lies unsealed still.

    Contact.objects.filter(blind.equal(Contact, "phone", "+84912345678"))
    Ticket.objects.filter(blind.equal(Contact, "phone", number, "contact"))
    Conversation.objects.filter(blind.worded(Contact, "words", "le van", "contact"))
"""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from caunoi.lib.vietnamese.writing import fold, tokens
from caunoi.vault import queries
from caunoi.vault.fields import BlindEndOf, BlindOf, BlindStartOf, BlindWordsOf, SealedField, digits_of

NONE = Q(pk__in=())


def equal(model: type[models.Model], name: str, value: str, via: str = "") -> Q:
    """The rows of `model`, or of what leads to it by `via`, whose sealed column `name` is this value; none for ""."""
    return within(model, name, [value], via)


def within(model: type[models.Model], name: str, values: Iterable[str], via: str = "") -> Q:
    """… is one of these values."""
    texts, field, before = [value for value in values if value], _index(model, name), _before(model, name)
    if not texts:
        return NONE
    path = f"{via}__" if via else ""
    sealed = Q(**{f"{path}{field.name}__in": indexes(model, field.name, texts)})
    if not before:
        return sealed
    return Q(**{f"{path}{before}__in": texts}) | (sealed & Q(**{f"{path}{before}": None}))


def indexes(model: type[models.Model], column: str, values: Iterable[str]) -> list[bytes]:
    """What values are found by in a column of indexes, under each key there is."""
    field, keys = model._meta.get_field(column), queries.index_keys()
    if not isinstance(field, BlindOf):
        raise TypeError(column)
    return [field.under(key, value) for value in values for key in keys]


def starting(model: type[models.Model], name: str, values: Iterable[str], via: str = "") -> Q:
    """The rows whose sealed column `name` is one of these values or, where rows have ends, begins with one; without
    those in which "start/end" lies unsealed still."""
    texts = [value for value in values if value]
    path, start = f"{via}__" if via else "", _start(model, name)
    return within(model, name, texts, via) | Q(**{f"{path}{start.name}__in": indexes(model, start.name, texts)})


def ending(model: type[models.Model], name: str, digits: str) -> list[int]:
    """The keys of the rows whose sealed number `name` ends in these digits, without those in which it lies unsealed
    still; none for fewer than BlindEndOf.END. Of more, what has the same END is opened."""
    if len(digits_of(digits)) < BlindEndOf.END:
        return []
    field, before = _end(model, name), _before(model, name)
    same = indexes(model, field.name, [digits])
    rows = model._base_manager.filter(**{f"{field.name}__in": same, f"{before}__isnull": True})
    if len(digits_of(digits)) == BlindEndOf.END:
        return list(rows.values_list("pk", flat=True))
    return [
        row.pk for row in rows.only("pk", name, before) if digits_of(getattr(row, name)).endswith(digits_of(digits))
    ]


def worded(model: type[models.Model], name: str, text: str, via: str = "") -> Q:
    """The rows whose words `name` hold every word of a text, whole, with or without marks; or that have the text, as it
    stands, where it lies unsealed still."""
    field, path = model._meta.get_field(name), f"{via}__" if via else ""
    if not isinstance(field, BlindWordsOf):
        raise TypeError(name)
    words, every = {folded for word in tokens(text) if (folded := fold(word))}, Q()
    for word in sorted(words):
        marks = [one for key in queries.index_keys() for one in field.under(key, [word])]
        every &= Q(**{f"{path}{name}__any_of": marks})
    matches = every if words else NONE
    for before in filter(None, (_before(model, source) for source in field.sources)):
        matches |= Q(**{f"{path}{before}__icontains": text})
    return matches


def _index(model: type[models.Model], name: str) -> BlindOf:
    for field in model._meta.concrete_fields:
        if isinstance(field, BlindOf) and not isinstance(field, BlindEndOf | BlindStartOf) and field.source == name:
            return field
    raise TypeError(f"{model.__name__} has no index of {name}")


def _end(model: type[models.Model], name: str) -> BlindEndOf:
    for field in model._meta.concrete_fields:
        if isinstance(field, BlindEndOf) and field.source == name:
            return field
    raise TypeError(f"{model.__name__} has no index of the end of {name}")


def _start(model: type[models.Model], name: str) -> BlindStartOf:
    for field in model._meta.concrete_fields:
        if isinstance(field, BlindStartOf) and field.source == name:
            return field
    raise TypeError(f"{model.__name__} has no index of the start of {name}")


def _before(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    return field.before if isinstance(field, SealedField) else ""
