"""The numbers and choices (⚙) that a province changes as data: name, default, meaning. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Option:
    name: str
    default: int | bool | str
    meaning: str
    unit: str = ""
    group: str = "work"
    least: int = 1  # of numbers
    most: int = 1_000_000
    pattern: str = ""  # of texts

    def check(self, value: int | bool | str) -> None:
        """ValueError for a value of another type, or out of bounds."""
        if type(value) is not type(self.default):
            raise ValueError(f"{self.name} is no {type(value).__name__}")
        if type(value) is int and not self.least <= value <= self.most:
            raise ValueError(f"{self.name} lies between {self.least} and {self.most}")
        if self.pattern and not re.fullmatch(self.pattern, str(value)):
            raise ValueError(f"{self.name} has another shape")


OPTIONS = {
    o.name: o
    for o in (
        Option(
            name="reopen_days",
            group="citizens",
            most=3650,
            default=15,
            unit="days",
            meaning="A citizen may reopen this long after the answer",
        ),
        Option(
            name="rate_days",
            group="citizens",
            most=3650,
            default=30,
            unit="days",
            meaning="A citizen may rate this long after the answer",
        ),
        Option(
            name="quality_reply_days",
            most=365,
            default=5,
            unit="days",
            meaning="An operator may reply to a quality score this long after it is settled",
        ),
        Option(
            name="survey_percent",
            group="citizens",
            least=0,
            most=100,
            default=10,
            unit="%",
            meaning="So many of those who came by phone or in person are called and asked how content they are",
        ),
        Option(
            name="hop_limit",
            most=20,
            default=3,
            unit="hops",
            meaning="After so many returns or passings-on the supervisor decides",
        ),
        Option(
            name="away_seconds",
            least=10,
            most=3600,
            default=60,
            unit="seconds",
            meaning="An operator whose pages are all closed is taken for away after so long",
        ),
        Option(
            name="callback_minutes",
            most=10_080,
            default=60,
            unit="minutes",
            meaning="A missed call is called back within so long",
        ),
        Option(
            name="warn_percent",
            default=80,
            most=100,
            unit="%",
            meaning="A deadline is due soon when so much of its time is used",
        ),
        Option(
            name="recall_days",
            most=3650,
            default=90,
            unit="days",
            meaning="Whoever was told so lately what has become wrong is called back",
        ),
        Option(
            name="link_days",
            most=60,
            default=7,
            unit="days",
            meaning="A one-time link for an agency without accounts is open this long",
        ),
        Option(
            name="identity_minutes",
            most=1440,
            least=5,
            default=60,
            unit="minutes",
            meaning="An opened identity of a reporter stays open to that person this long",
        ),
        Option(
            name="text_limit",
            group="limits",
            least=200,
            most=100_000,
            default=10_000,
            unit="characters",
            meaning="The longest report a citizen may write",
        ),
        Option(
            name="photo_limit",
            group="limits",
            most=50,
            default=10,
            unit="photos",
            meaning="The most photos with one report",
        ),
        Option(name="photo_megabytes", group="limits", most=100, default=15, unit="MB", meaning="The largest photo"),
        Option(
            name="reports_per_hour",
            group="limits",
            default=200,
            unit="reports",
            meaning="The most reports an hour from one address",
        ),
        Option(
            name="photos_per_hour",
            group="limits",
            default=600,
            unit="photos",
            meaning="The most photos an hour from one address",
        ),
        Option(
            name="joins_per_hour",
            group="limits",
            default=600,
            unit="reports",
            meaning="The most people an hour who join tickets from one address",
        ),
        Option(
            name="outage_days",
            group="citizens",
            most=60,
            default=7,
            unit="days",
            meaning="Planned outages are announced so many working days ahead",
        ),
        Option(
            name="show_groups_of",
            least=5,
            default=5,
            unit="ratings",
            meaning="Agencies see grades only in groups of so many",
        ),
        Option(
            name="words_of_children",
            group="publication",
            default="trẻ em, em bé, cháu bé, bé gái, bé trai, trẻ nhỏ, trẻ sơ sinh, trẻ mồ côi, học sinh, con tôi, cháu tôi, xâm hại",
            meaning="Whatever has one of these words is about children and had better never be published (with commas)",
        ),
        Option(
            name="words_of_denunciation",
            group="publication",
            default="tố cáo, tố giác, hối lộ, tham nhũng, vòi tiền, vòi vĩnh, phong bì, nhũng nhiễu, lạm quyền, bảo kê",
            meaning="Whatever has one of these words may be a denunciation and had better never be published (with commas)",
        ),
        Option(
            name="province",
            group="start",
            default="75",
            pattern="[0-9]{2}",
            meaning="The state's code of the province, answered at the first run",
        ),
        Option(
            name="portal_open",
            group="start",
            default=False,
            meaning="Citizens may use the portal; before, its pages say that it is being prepared",
        ),
        Option(name="hotline_name", group="hotline", default="Tổng đài 1022", meaning="The name on every page"),
        Option(
            name="hotline_name_en",
            group="hotline",
            default="Hotline 1022",
            meaning="The name on every page, in English",
        ),
        Option(name="hotline_phone", group="hotline", default="1022", meaning="The number to call"),
        Option(name="place", group="hotline", default="Thành phố Đồng Nai", meaning="Whose hotline it is"),
        Option(name="place_en", group="hotline", default="Đồng Nai City", meaning="Whose hotline it is, in English"),
        Option(name="hours", group="hotline", default="Trực 24/7, kể cả ngày lễ", meaning="When somebody answers"),
        Option(
            name="hours_en",
            group="hotline",
            default="Answered day and night, also on public holidays",
            meaning="When somebody answers, in English",
        ),
        Option(name="address", group="hotline", default="", meaning="Where people may come"),
        Option(name="address_en", group="hotline", default="", meaning="Where people may come, in English"),
        Option(
            name="open_data_licence",
            group="hotline",
            default="CC-BY-4.0",
            meaning="The licence of the open data, by its SPDX name",
        ),
        Option(
            name="report_day",
            least=1,
            most=28,
            default=25,
            unit="day of the month",
            meaning="The reporting month turns on this day",
        ),
        Option(
            name="report_hour",
            least=0,
            most=23,
            default=12,
            unit="o'clock",
            meaning="The reporting month turns at this hour",
        ),
        Option(
            name="digest_hours",
            default="07:30, 13:30",
            meaning="Leaders are told what is overdue at these hours of working days; a hyphen: never",
            pattern=r"-|([01]?\d|2[0-3]):[0-5]\d(\s*,\s*([01]?\d|2[0-3]):[0-5]\d)*",
        ),
        Option(
            name="agency_digest_hours",
            default="08:00",
            meaning="The lead of each agency is told what is overdue there at these hours of working days; a hyphen: never",
            pattern=r"-|([01]?\d|2[0-3]):[0-5]\d(\s*,\s*([01]?\d|2[0-3]):[0-5]\d)*",
        ),
        Option(
            name="answer_seconds",
            most=3600,
            default=20,
            unit="seconds",
            meaning="A call counts as answered fast when an operator takes it within so long",
        ),
        Option(
            name="small_number",
            default=10,
            unit="tickets",
            meaning="Below so many tickets a share in per cent says little",
        ),
    )
}
