"""The four numbers of one group. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One group: its code ("" = none) and how many tickets are in each of the four parts."""

    key: str = ""
    on_time: int = 0
    late: int = 0
    open_within: int = 0
    open_overdue: int = 0

    @property
    def total(self) -> int:
        return self.on_time + self.late + self.open_within + self.open_overdue

    @property
    def handled(self) -> int:
        return self.on_time + self.late

    @property
    def fallen(self) -> int:
        """Handled, or open past the deadline: the base of "on time"."""
        return self.on_time + self.late + self.open_overdue

    @property
    def missed(self) -> int:
        """Tickets past their deadline, handled or not."""
        return self.late + self.open_overdue
