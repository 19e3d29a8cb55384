"""The numbers and choices (⚙) that a province changes as data: name, default, meaning. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Option:
    name: str
    default: int | bool | str
    meaning: str
    unit: str = ""


OPTIONS = {
    o.name: o
    for o in (
        Option(name="reopen_days", default=15, unit="days", meaning="A citizen may reopen this long after the answer"),
        Option(name="rate_days", default=30, unit="days", meaning="A citizen may rate this long after the answer"),
        Option(
            name="hop_limit",
            default=3,
            unit="hops",
            meaning="After so many returns or passings-on the supervisor decides",
        ),
        Option(
            name="warn_percent", default=80, unit="%", meaning="A deadline is due soon when so much of its time is used"
        ),
        Option(name="text_limit", default=10_000, unit="characters", meaning="The longest report a citizen may write"),
        Option(name="photo_limit", default=10, unit="photos", meaning="The most photos with one report"),
        Option(name="photo_megabytes", default=15, unit="MB", meaning="The largest photo"),
        Option(
            name="reports_per_hour", default=200, unit="reports", meaning="The most reports an hour from one address"
        ),
        Option(
            name="show_groups_of", default=5, unit="ratings", meaning="Agencies see grades only in groups of so many"
        ),
        Option(name="report_day", default=25, unit="day of the month", meaning="The reporting month turns on this day"),
        Option(name="report_hour", default=12, unit="o'clock", meaning="The reporting month turns at this hour"),
        Option(
            name="small_number",
            default=10,
            unit="tickets",
            meaning="Below so many tickets a share in per cent says little",
        ),
        Option(name="hotline_name", default="Tổng đài 1022", meaning="The name on every page"),
        Option(name="hotline_phone", default="1022", meaning="The number to call"),
        Option(name="place", default="Thành phố Đồng Nai", meaning="Whose hotline it is"),
        Option(name="hours", default="Trực 24/7, kể cả ngày lễ", meaning="When somebody answers"),
        Option(name="address", default="", meaning="Where people may come"),
    )
}
