"""The numbers and choices (⚙) that a province changes as data: name, default, meaning. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OptionSpec:
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
        OptionSpec(
            name="reopen_days",
            group="citizens",
            most=3650,
            default=15,
            unit="days",
            meaning="How long after the answer a citizen may reopen the ticket",
        ),
        OptionSpec(
            name="rate_days",
            group="citizens",
            most=3650,
            default=30,
            unit="days",
            meaning="How long after the answer a citizen may rate it",
        ),
        OptionSpec(
            name="quality_reply_days",
            most=365,
            default=5,
            unit="days",
            meaning="An operator may reply to a quality score this long after it is settled",
        ),
        OptionSpec(
            name="survey_percent",
            group="citizens",
            least=0,
            most=100,
            default=10,
            unit="%",
            meaning="Share of those who came by phone or in person who are called and asked how satisfied they are",
        ),
        OptionSpec(
            name="hop_limit",
            most=20,
            default=3,
            unit="hops",
            meaning="After this many returns or transfers, the supervisor decides",
        ),
        OptionSpec(
            name="away_seconds",
            least=10,
            most=3600,
            default=60,
            unit="seconds",
            meaning="An operator whose pages are all closed counts as away after this time",
        ),
        OptionSpec(
            name="callback_minutes",
            most=10_080,
            default=60,
            unit="minutes",
            meaning="A missed call is returned within this time",
        ),
        OptionSpec(
            name="warn_percent",
            default=80,
            most=100,
            unit="%",
            meaning="A deadline is due soon when this much of its time is used",
        ),
        OptionSpec(
            name="recall_days",
            most=3650,
            default=90,
            unit="days",
            meaning="Citizens who received advice this recently that is now wrong are called back",
        ),
        OptionSpec(
            name="link_days",
            most=60,
            default=7,
            unit="days",
            meaning="A one-time link for an agency without accounts is open this long",
        ),
        OptionSpec(
            name="identity_minutes",
            most=1440,
            least=5,
            default=60,
            unit="minutes",
            meaning="An opened identity of a reporter stays open to that person this long",
        ),
        OptionSpec(
            name="one_time_hours",
            least=0,
            most=720,
            default=72,
            unit="hours",
            meaning="A one-time password that was handed out opens this long",
        ),
        OptionSpec(
            name="factor_roles",
            group="security",
            default="admin supervisor reviewer",
            pattern=r"(?:(?:admin|supervisor|reviewer|operator|officer|lead|leader)(?: (?!$)|$))*",
            meaning="Roles that must sign in with a passkey or a second factor",
        ),
        OptionSpec(
            name="factor_days",
            group="security",
            least=0,
            most=90,
            default=0,
            unit="days",
            meaning="Somebody who must have a second factor may work this long without one",
        ),
        OptionSpec(
            name="proof_minutes",
            group="security",
            most=480,
            default=10,
            unit="minutes",
            meaning="Before dangerous acts people prove again who they are, unless they did so this recently",
        ),
        OptionSpec(
            name="password_length",
            group="security",
            least=8,
            most=64,
            default=10,
            unit="characters",
            meaning="The shortest password",
        ),
        OptionSpec(
            name="password_length_admin",
            group="security",
            least=8,
            most=64,
            default=12,
            unit="characters",
            meaning="The shortest password of an administrator",
        ),
        OptionSpec(
            name="directory_by_mail",
            group="security",
            default=False,
            meaning="New people are recognised in the province's directory by the mail address that it has verified",
        ),
        OptionSpec(
            name="text_limit",
            group="limits",
            least=200,
            most=100_000,
            default=10_000,
            unit="characters",
            meaning="The longest report a citizen may write",
        ),
        OptionSpec(
            name="photo_limit",
            group="limits",
            most=50,
            default=10,
            unit="photos",
            meaning="The most photos with one report",
        ),
        OptionSpec(
            name="photo_megabytes", group="limits", most=100, default=15, unit="MB", meaning="The largest photo"
        ),
        OptionSpec(
            name="reports_per_hour",
            group="limits",
            default=200,
            unit="reports",
            meaning="Reports accepted per hour from one address",
        ),
        OptionSpec(
            name="photos_per_hour",
            group="limits",
            default=600,
            unit="photos",
            meaning="Photos accepted per hour from one address",
        ),
        OptionSpec(
            name="joins_per_hour",
            group="limits",
            default=600,
            unit="people",
            meaning="People per hour who may join tickets from one address",
        ),
        OptionSpec(
            name="outage_days",
            group="citizens",
            most=60,
            default=7,
            unit="days",
            meaning="Planned outages are announced so many working days ahead",
        ),
        OptionSpec(
            name="show_groups_of",
            least=5,
            default=5,
            unit="ratings",
            meaning="Agencies see grades only in groups of this size",
        ),
        OptionSpec(
            name="words_of_children",
            group="publication",
            default="trẻ em, em bé, cháu bé, bé gái, bé trai, trẻ nhỏ, trẻ sơ sinh, trẻ mồ côi, học sinh, con tôi, "
            "cháu tôi, xâm hại",
            meaning="A text with one of these words is about children and should never be published (with commas)",
        ),
        OptionSpec(
            name="words_of_denunciation",
            group="publication",
            default="tố cáo, tố giác, hối lộ, tham nhũng, vòi tiền, vòi vĩnh, phong bì, nhũng nhiễu, lạm quyền, bảo kê",
            meaning="A text with one of these words may be a denunciation and should never be published (with commas)",
        ),
        OptionSpec(
            name="province",
            group="start",
            default="75",
            pattern="[0-9]{2}",
            meaning="The state's code of the province, answered at the first run",
        ),
        OptionSpec(
            name="portal_open",
            group="start",
            default=False,
            meaning="Citizens may use the portal; until then its pages say that it is being prepared",
        ),
        OptionSpec(name="hotline_name", group="hotline", default="Tổng đài 1022", meaning="The name on every page"),
        OptionSpec(
            name="hotline_name_en",
            group="hotline",
            default="Hotline 1022",
            meaning="The name on every page, in English",
        ),
        OptionSpec(name="hotline_phone", group="hotline", default="1022", meaning="The number to call"),
        OptionSpec(name="place", group="hotline", default="Thành phố Đồng Nai", meaning="Whose hotline it is"),
        OptionSpec(
            name="place_en", group="hotline", default="Đồng Nai City", meaning="Whose hotline it is, in English"
        ),
        OptionSpec(name="hours", group="hotline", default="Trực 24/7, kể cả ngày lễ", meaning="When somebody answers"),
        OptionSpec(
            name="hours_en",
            group="hotline",
            default="Answered day and night, also on public holidays",
            meaning="When somebody answers, in English",
        ),
        OptionSpec(name="address", group="hotline", default="", meaning="Where people may come"),
        OptionSpec(name="address_en", group="hotline", default="", meaning="Where people may come, in English"),
        OptionSpec(
            name="open_data_licence",
            group="hotline",
            default="CC-BY-4.0",
            meaning="The licence of the open data, by its SPDX name",
        ),
        OptionSpec(
            name="report_day",
            least=1,
            most=28,
            default=25,
            unit="day of the month",
            meaning="The reporting month ends on this day",
        ),
        OptionSpec(
            name="report_hour",
            least=0,
            most=23,
            default=12,
            unit="o'clock",
            meaning="The reporting month ends at this hour",
        ),
        OptionSpec(
            name="digest_hours",
            default="07:30, 13:30",
            meaning="Leaders receive the overdue digest at these hours on working days; a hyphen: never",
            pattern=r"-|([01]?\d|2[0-3]):[0-5]\d(\s*,\s*([01]?\d|2[0-3]):[0-5]\d)*",
        ),
        OptionSpec(
            name="agency_digest_hours",
            default="08:00",
            meaning="Each agency's lead receives its overdue digest at these hours on working days; a hyphen: never",
            pattern=r"-|([01]?\d|2[0-3]):[0-5]\d(\s*,\s*([01]?\d|2[0-3]):[0-5]\d)*",
        ),
        OptionSpec(
            name="backup_hour",
            group="backup",
            default="02:00",
            meaning="A backup is made every day at this hour, if CAUNOI_BACKUP_DIR names a folder; a hyphen: never",
            pattern=r"-|([01]?\d|2[0-3]):[0-5]\d",
        ),
        OptionSpec(
            name="backup_days",
            group="backup",
            most=365,
            default=7,
            unit="backups",
            meaning="Daily backups to keep",
        ),
        OptionSpec(
            name="backup_weeks",
            group="backup",
            least=0,
            most=520,
            default=5,
            unit="backups",
            meaning="Weekly backups to keep",
        ),
        OptionSpec(
            name="backup_months",
            group="backup",
            least=0,
            most=240,
            default=12,
            unit="backups",
            meaning="Monthly backups to keep",
        ),
        OptionSpec(
            name="answer_seconds",
            most=3600,
            default=20,
            unit="seconds",
            meaning="A call counts as answered fast when an operator takes it within this time",
        ),
        OptionSpec(
            name="small_number",
            default=10,
            unit="tickets",
            meaning="Below this many tickets, a percentage says little",
        ),
    )
}
