"""Columns whose values lie sealed in the database and are themselves in Python.

    secrets = SealedJSON(Purpose.SECRETS, bound="name")
    follow = SealedText(Purpose.LINKS, bound="code")

    follow_index = DigestOf("follow")  # by which it is looked up: follow_index=envelope.digest(token)

A value is bound to its table and column, and with `bound` to the value of that column of its row, which is there when
the row is made and never changes. It is opened when it is first read, so that a list that does not show it pays
nothing. It cannot be filtered or sorted by. `before` names the column in which older rows have it unsealed until the
task has sealed them too (`actions.seal_older`); what lies there is the newer of the two, so whoever writes another
value empties that column. The column is `bytea`, null for nothing ("" or {}).

What people are looked up by can be guessed (a number has ten digits), so it is not found by a digest but by an HMAC
under a key of its own, Purpose.INDEX:

    class Contact(SealedRow):
        phone = SealedText(Purpose.IDENTITIES, before="phone_plain", db_column="phone_sealed")
        phone_plain = PlainOf("phone", max_length=16, db_column="phone")  # while older processes are at work
        phone_index = BlindOf("phone")
        words = BlindWordsOf("name")

    Ticket.objects.filter(blind.equal(Contact, "phone", number, "contact"))  # blind.py
"""

import json
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models.query_utils import DeferredAttribute
from django.utils.functional import cached_property

from caunoi.lib.crypto import envelope
from caunoi.lib.vietnamese.writing import fold, nfc, tokens
from caunoi.vault import queries

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
    _BinaryField = models.BinaryField[Any, Any]
    _CharField = models.CharField[Any, Any]
    _JSONField = models.JSONField[Any, Any]
    _Lookup = models.Lookup[Any]
else:
    _Field = models.Field
    _BinaryField = models.BinaryField
    _CharField = models.CharField
    _JSONField = models.JSONField
    _Lookup = models.Lookup


class Sealed(bytes):
    """As it lies in the database; empty where an older row may have it unsealed."""


class _Opening(DeferredAttribute):
    """Opens what the row holds, once."""

    field: "SealedField"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        value = instance.__dict__[name] if name in instance.__dict__ else super().__get__(instance, cls)
        if isinstance(value, Sealed):
            # what stands there is newer: a process of the release before wrote it since
            older = getattr(instance, self.field.before) if self.field.before else None
            lying = self.field.nothing() if not value else self.field.opened(value, instance) if older is None else None
            value = instance.__dict__[name] = lying if older is None else older
        elif self.field.before and not self.field.doubled and value == self.field.nothing():
            value = instance.__dict__[name] = getattr(instance, self.field.before) or value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(_Field):
    """What SealedText and SealedJSON share."""

    descriptor_class = _Opening
    empty_values = [None, "", {}]

    def __init__(self, purpose: str, *, bound: str = "", before: str = "", **options: Any) -> None:
        self.purpose, self.bound, self.before = str(purpose), bound, before
        super().__init__(**{**options, "null": True, "blank": True, "editable": False, "default": self.nothing})

    @cached_property
    def doubled(self) -> bool:
        """Whether `before` is written too while older processes are at work."""
        return bool(self.before) and isinstance(self.model._meta.get_field(self.before), PlainOf | PlainJSONOf)

    def nothing(self) -> Any:
        raise NotImplementedError

    def encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def decode(self, plain: bytes) -> Any:
        raise NotImplementedError

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _, options = super().deconstruct()
        for own in ("null", "blank", "editable", "default"):
            options.pop(own, None)
        own_options = {"bound": self.bound, "before": self.before}
        return name, path, [self.purpose], options | {key: value for key, value in own_options.items() if value}

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def place(self, instance: models.Model | None) -> str:
        """Where a value belongs: "table.column", and of a bound one its row."""
        where = f"{self.model._meta.db_table}.{self.column}"
        if not self.bound:
            return where
        if instance is None:
            raise TypeError(f"{where} is bound to its row: save the row, it cannot be updated in bulk")
        return f"{where}:{getattr(instance, self.bound)}"

    def sealed(self, value: Any, instance: models.Model | None) -> Sealed | None:
        """As it is to lie in the row; a value that was not opened stays as it is."""
        if value is None or isinstance(value, Sealed):
            return value or None
        if value == self.nothing():
            return None
        pk, key = queries.sealing(self.purpose)
        return Sealed(envelope.seal(self.encode(value), key, pk, self.place(instance)))

    def opened(self, value: Sealed, instance: models.Model | None) -> Any:
        """SealError, MasterKeyError."""
        key = queries.key(envelope.key_id(value))
        return self.decode(envelope.open_(value, key, self.place(instance)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return Sealed() if self.before else self.nothing()
        return Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.sealed(model_instance.__dict__.get(self.attname, self.nothing()), model_instance)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if hasattr(value, "as_sql"):
            return value
        if self.doubled and value and not isinstance(value, Sealed):
            raise TypeError(f"{self.name} has columns that follow from it: save the row, it cannot be updated in bulk")
        sealed = self.sealed(value, None)
        return None if sealed is None else connection.Database.Binary(sealed)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is sealed: it is not looked up by its value")

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is sealed: it is not written out")


class SealedBytes(SealedField):
    """A file."""

    def nothing(self) -> bytes:
        return b""

    def encode(self, value: bytes) -> bytes:
        return bytes(value)

    def decode(self, plain: bytes) -> bytes:
        return plain


class SealedText(SealedField):
    """A text."""

    def nothing(self) -> str:
        return ""

    def encode(self, value: str) -> bytes:
        return value.encode()

    def decode(self, plain: bytes) -> str:
        return plain.decode()


class SealedJSON(SealedField):
    """A mapping."""

    def nothing(self) -> dict[str, Any]:
        return {}

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, plain: bytes) -> Any:
        return json.loads(plain)


class DigestOf(_BinaryField):
    """By which a sealed column of the same row is looked up that holds long random secrets; null for nothing. With
    `update_fields` it is named beside that column."""

    def __init__(self, source: str, **options: Any) -> None:
        self.source = source
        super().__init__(**{**options, "null": True, "blank": True, "editable": False})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _, options = super().deconstruct()
        for own in ("null", "blank", "editable"):
            options.pop(own, None)
        return name, path, [self.source], options

    def index(self, value: str) -> bytes:
        return envelope.digest(value)

    def part(self, value: str, row: models.Model) -> str:
        """What a row is looked up by, of the value of its sealed column; "" for nothing."""
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.source)
        if isinstance(value, Sealed):  # not opened, so not changed
            return getattr(model_instance, self.attname)
        part = self.part(value, model_instance) if value else ""
        made = self.index(part) if part else None
        setattr(model_instance, self.attname, made)
        return made


class _Plain(_Field):
    """What PlainOf and PlainJSONOf share."""

    def __init__(self, source: str, **options: Any) -> None:
        self.source = source
        super().__init__(**{**options, "null": True, "blank": True, "editable": False})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _, options = super().deconstruct()
        for own in ("null", "blank", "editable"):
            options.pop(own, None)
        return name, path, [self.source], options

    @cached_property
    def purpose(self) -> str:
        sealed = self.model._meta.get_field(self.source)
        return sealed.purpose if isinstance(sealed, SealedField) else ""

    def nothing(self) -> Any:
        return ""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if not isinstance(model_instance.__dict__.get(self.source), Sealed):  # else not opened, so not changed
            value = getattr(model_instance, self.source) or self.nothing()
            setattr(model_instance, self.attname, None if queries.settled(self.purpose) else value)
        return getattr(model_instance, self.attname)


class PlainOf(_Plain, _CharField):
    """The column in which a sealed one of the same row lay before. While older processes are at work
    (`queries.settled`), they find it written there too; then `actions.seal_older` empties it. "" is what an older
    process emptied, null what lies sealed alone."""


class PlainJSONOf(_Plain, _JSONField):
    """PlainOf of a SealedJSON."""

    def nothing(self) -> Any:
        return {}

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        made = super().from_db_value(value, expression, connection)
        return self.nothing() if made is None and value is not None else made  # null as JSON is nothing, too


class BlindOf(DigestOf):
    """By which a sealed column of the same row is looked up whose values can be guessed: HMAC-SHA256 under a key of
    Purpose.INDEX, whose id stands before it; null for nothing. `caseless`: a mail address; `exact`: an id, every letter
    of which counts. Rotated like what is sealed. With `update_fields` a SealedRow names it by itself."""

    def __init__(self, source: str, *, caseless: bool = False, exact: bool = False, **options: Any) -> None:
        self.caseless, self.exact = caseless, exact
        super().__init__(source, **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, positional, options = super().deconstruct()
        return name, path, positional, options | {key: True for key in ("caseless", "exact") if getattr(self, key)}

    @cached_property
    def place(self) -> str:
        """What is authenticated with each value: the same number is another value in another column."""
        return f"{self.model._meta.db_table}.{self.column}"

    def index(self, value: str) -> bytes:
        return self.under(queries.indexing(), value)

    def under(self, key: tuple[int, bytes], value: str) -> bytes:
        """The index of a value under one key."""
        plain = value if self.exact else nfc(value).strip()
        return envelope.blind(plain.lower() if self.caseless else plain, key[1], key[0], self.place)


class BlindEndOf(BlindOf):
    """By which a sealed number (E.164) of the same row is found that ends in some digits: the index of its last END, so
    whoever looks for more opens what is found."""

    END = 4

    def under(self, key: tuple[int, bytes], value: str) -> bytes:
        return super().under(key, digits_of(value)[-self.END :])


class BlindStartOf(BlindOf):
    """By which a row is found whose sealed column is "start/end", and whose column `end` holds that end: by the start
    alone. Null where `end` is empty, as the whole is the start. The end never changes."""

    def __init__(self, source: str, *, end: str, **options: Any) -> None:
        self.end = end
        super().__init__(source, **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, positional, options = super().deconstruct()
        return name, path, positional, options | {"end": self.end}

    def part(self, value: str, row: models.Model) -> str:
        end = getattr(row, self.end)  # no text yet where the database gives its default
        return value.removesuffix(f"/{end}") if end and isinstance(end, str) else ""


def digits_of(text: str) -> str:
    """The digits of a number, without what stands between them."""
    return "".join(filter(str.isdecimal, text))


class BlindWordsOf(_Field):
    """By which sealed texts of the same row are found that hold a whole word, with or without marks: the index of each
    folded word, as `bytea[]`; null for none."""

    def __init__(self, *sources: str, **options: Any) -> None:
        self.sources = sources
        super().__init__(**{**options, "null": True, "blank": True, "editable": False})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _, options = super().deconstruct()
        for own in ("null", "blank", "editable"):
            options.pop(own, None)
        return name, path, [*self.sources], options

    def db_type(self, connection: Any) -> str:
        return "bytea[]"

    @cached_property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def under(self, key: tuple[int, bytes], texts: Iterable[str]) -> list[bytes]:
        """The indexes of the words of texts under one key, in an order that says nothing of theirs."""
        folded = {fold(word) for text in texts for word in tokens(text)} - {""}
        return sorted(envelope.blind(word, key[1], key[0], self.place) for word in folded)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        values = model_instance.__dict__
        if not all(isinstance(values.get(source), Sealed) for source in self.sources):  # else none has changed
            texts = [getattr(model_instance, source) for source in self.sources]
            setattr(model_instance, self.attname, self.under(queries.indexing(), filter(None, texts)) or None)
        return getattr(model_instance, self.attname)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value
        return [bytes(one) for one in value]


@BlindWordsOf.register_lookup
class AnyOf(_Lookup):
    """`words__any_of=[…]`: the row has one of these indexes."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} && %s::bytea[]", [*params, [bytes(one) for one in self.rhs]]


class SealedRow(models.Model):
    """A row of whom something is looked up by: what is saved of it takes along what follows from that."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        deferred = self.get_deferred_fields()
        if update_fields is None and deferred:
            loaded = (field.attname for field in self._meta.concrete_fields if not field.primary_key)
            update_fields = {name for name in loaded if name not in deferred}
        if update_fields is not None:
            update_fields = {*update_fields, *followers(type(self), update_fields)}
        super().save(*args, update_fields=update_fields, **options)


def sealed_field(model: type[models.Model], name: str) -> SealedField:
    """The sealed column of this name."""
    field = model._meta.get_field(name)
    if not isinstance(field, SealedField):
        raise TypeError(name)
    return field


def followers(model: type[models.Model], names: Iterable[str]) -> set[str]:
    """The columns that follow from these of a model: where they lay before, and what they are found by."""
    changed = set(names)
    result = set()
    for field in model._meta.concrete_fields:
        sources = field.sources if isinstance(field, BlindWordsOf) else getattr(field, "source", "").split()
        if changed.intersection(sources):
            result.add(field.attname)
    return result


def inserted(row: models.Model, columns: Container[str] | None = None) -> dict[str, Any]:
    """What SQL of one's own inserts for a new row, by column (all or these), without its key."""
    every = [field for field in row._meta.concrete_fields if not field.primary_key]
    fields = [field for field in every if columns is None or str(field.column) in columns]
    return {
        str(field.column): field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
        for field in fields
    }
