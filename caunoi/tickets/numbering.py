"""A ticket's code: the next number of the year in which it came."""

from collections.abc import Iterable

from django.db import connection
from django.utils.timezone import localtime

from caunoi.lib.numbers import codes
from caunoi.tickets.models import Ticket


def numbers(year: int, count: int) -> list[int]:
    """The next `count` ticket numbers of a year."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [f"ticket_number_{year % 100:02d}", count]
        )
        return [row[0] for row in cursor.fetchall()]


def number(tickets: Iterable[Ticket]) -> None:
    """Give new tickets their codes, in this order."""
    years: dict[int, list[Ticket]] = {}
    for ticket in tickets:
        years.setdefault(localtime(ticket.received).year, []).append(ticket)
    for year, group in sorted(years.items()):
        for ticket, each in zip(group, numbers(year, len(group)), strict=True):
            ticket.code = codes.make(year, each)
