"""Columns whose values lie sealed in the database and are themselves in Python.

    secrets = SealedJSON(Purpose.SECRETS, bound="name")
    follow = SealedText(Purpose.LINKS, bound="code")

    follow_index = DigestOf("follow")  # by which it is looked up: follow_index=envelope.digest(token)

A value is bound to its table and column, and with `bound` to the value of that column of its row, which is there when
the row is made and never changes. It is opened when it is first read, so that a list that does not show it pays
nothing. It cannot be filtered or sorted by. `before` names the column in which older rows have it unsealed until the
task has sealed them too (`actions.seal_older`); what lies there is the newer of the two, so whoever writes another
value empties that column. The column is `bytea`, null for nothing ("" or {}).
"""

import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from caunoi.lib.crypto import envelope
from caunoi.vault import queries

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
    _BinaryField = models.BinaryField[Any, Any]
else:
    _Field = models.Field
    _BinaryField = models.BinaryField


class Sealed(bytes):
    """As it lies in the database."""


class _Opening(DeferredAttribute):
    """Opens what the row holds, once."""

    field: "SealedField"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        value = instance.__dict__[name] if name in instance.__dict__ else super().__get__(instance, cls)
        if isinstance(value, Sealed):
            older = instance.__dict__.get(self.field.before)  # a process of the release before wrote it since
            value = instance.__dict__[name] = self.field.opened(value, instance) if older is None else older
        elif self.field.before and value == self.field.nothing():
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
            return value
        if value == self.nothing():
            return None
        pk, key = queries.sealing(self.purpose)
        return Sealed(envelope.seal(self.encode(value), key, pk, self.place(instance)))

    def opened(self, value: Sealed, instance: models.Model | None) -> Any:
        """SealError, MasterKeyError."""
        key = queries.key(envelope.key_id(value))
        return self.decode(envelope.open_(value, key, self.place(instance)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.nothing() if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.sealed(model_instance.__dict__.get(self.attname, self.nothing()), model_instance)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if hasattr(value, "as_sql"):
            return value
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

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.source)
        if isinstance(value, Sealed):  # not opened, so not changed
            return getattr(model_instance, self.attname)
        made = self.index(value) if value else None
        setattr(model_instance, self.attname, made)
        return made
