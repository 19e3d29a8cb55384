"""The columns of a stage's tables that other stages may read in their SQL. A column that is renamed or dropped is an
error at start, and the import of a relation shows who reads whom."""

from typing import Any

from django.db import models


def relation(model: type[models.Model], fields: str) -> str:
    """`(SELECT … FROM …)` of the named fields (a foreign key as `agency_id`), to stand after FROM or JOIN with an
    alias. PostgreSQL plans it as the table itself. FieldDoesNotExist."""
    rows: list[Any] = [model._meta.get_field(name) for name in fields.split()]
    columns = [(field.column, field.attname) for field in rows]
    listed = ", ".join(f'"{column}"' if column == name else f'"{column}" AS "{name}"' for column, name in columns)
    return f"(SELECT {listed} FROM {model._meta.db_table})"  # noqa: S608  names of our own
