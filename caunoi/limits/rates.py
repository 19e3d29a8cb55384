"""The one table of what is limited: by what it is counted, how often, in which time. Pure."""

from dataclasses import dataclass

QUARTER, HOUR, MINUTE = 900, 3600, 60  # seconds


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`by`: whose doings are added up (an address, of IPv6 its /64; a browser; a ticket; a phone number; a key; a
    recipient); the option `option` says how many there may be in `seconds`."""

    name: str
    by: str
    option: str
    seconds: int


RATES = {
    rate.name: rate
    for rate in (
        Rate(name="report", by="address", option="reports_per_hour", seconds=HOUR),
        Rate(name="draft", by="address", option="drafts_per_hour", seconds=HOUR),
        Rate(name="draft-browser", by="browser", option="drafts_per_browser", seconds=HOUR),
        Rate(name="photos", by="address", option="photos_per_hour", seconds=HOUR),
        Rate(name="join", by="address", option="joins_per_hour", seconds=HOUR),
        Rate(name="proposals", by="address", option="proposals_per_minute", seconds=MINUTE),
        Rate(name="lookup", by="address", option="lookups_per_quarter", seconds=QUARTER),
        Rate(name="lookup-ticket", by="ticket", option="lookups_per_ticket", seconds=HOUR),
        Rate(name="lookup-phone", by="phone", option="lookups_per_quarter", seconds=QUARTER),
        Rate(name="own", by="ticket", option="writes_per_link", seconds=QUARTER),
        Rate(name="confirm-mail", by="address", option="confirm_mails_per_hour", seconds=HOUR),
        Rate(name="confirm-mail-to", by="recipient", option="confirm_mails_per_person", seconds=HOUR),
        Rate(name="api", by="key", option="api_per_minute", seconds=MINUTE),
        Rate(name="open311", by="key", option="open311_per_minute", seconds=MINUTE),
        Rate(name="cell", by="address", option="cells_per_minute", seconds=MINUTE),
    )
}
