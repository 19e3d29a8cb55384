"""Django's engine, which asks for no connection to a primary that is known to be away: whoever wants one is told so at
once, instead of holding a thread for as long as a pooler lets them wait."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError
from django.db.backends.postgresql import base

from caunoi.jobs import replica


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: Any) -> Any:
        if self.alias == DEFAULT_DB_ALIAS and replica.primary.is_out():
            raise OperationalError("there is no primary")
        return super().get_new_connection(conn_params)
