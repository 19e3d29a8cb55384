"""What a stage lets others read of its tables in SQL of their own. A column that is renamed or gone is an error at
start, and the import of a relation says who reads whom."""

from typing import Any

from django.db import models


def relation(model: type[models.Model], fields: str) -> str:
    """`(SELECT … FROM …)` of the named fields (a foreign key as `agency_id`), to stand after FROM or JOIN with an
    alias. PostgreSQL plans it as the table itself. FieldDoesNotExist."""
    named: list[Any] = [model._meta.get_field(name) for name in fields.split()]
    columns = [(field.column, field.attname) for field in named]
    listed = ", ".join(f'"{column}"' if column == name else f'"{column}" AS "{name}"' for column, name in columns)
    return f"(SELECT {listed} FROM {model._meta.db_table})"  # noqa: S608  names of our own
