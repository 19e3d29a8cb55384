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
from caunoi.vault.fields import BlindEndOf, BlindOf, BlindWordsOf, SealedField, digits_of

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
    indexes = [field.under(key, value) for key in queries.index_keys() for value in texts]
    sealed = Q(**{f"{path}{field.name}__in": indexes})
    if not before:
        return sealed
    return Q(**{f"{path}{before}__in": texts}) | (sealed & Q(**{f"{path}{before}": None}))


def ending(model: type[models.Model], name: str, digits: str) -> list[int]:
    """The keys of the rows whose sealed number `name` ends in these digits, without those in which it lies unsealed
    still; none for fewer than BlindEndOf.END. Of more, what has the same END is opened."""
    if len(digits_of(digits)) < BlindEndOf.END:
        return []
    field, before = _end(model, name), _before(model, name)
    indexes = [field.under(key, digits) for key in queries.index_keys()]
    rows = model._base_manager.filter(**{f"{field.name}__in": indexes, f"{before}__isnull": True})
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
        indexes = [one for key in queries.index_keys() for one in field.under(key, [word])]
        every &= Q(**{f"{path}{name}__any_of": indexes})
    matches = every if words else NONE
    for before in filter(None, (_before(model, source) for source in field.sources)):
        matches |= Q(**{f"{path}{before}__icontains": text})
    return matches


def _index(model: type[models.Model], name: str) -> BlindOf:
    for field in model._meta.concrete_fields:
        if isinstance(field, BlindOf) and not isinstance(field, BlindEndOf) and field.source == name:
            return field
    raise TypeError(f"{model.__name__} has no index of {name}")


def _end(model: type[models.Model], name: str) -> BlindEndOf:
    for field in model._meta.concrete_fields:
        if isinstance(field, BlindEndOf) and field.source == name:
            return field
    raise TypeError(f"{model.__name__} has no index of the end of {name}")


def _before(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    return field.before if isinstance(field, SealedField) else ""
