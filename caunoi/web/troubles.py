"""What is wrong with a channel or a message, in the reader's language: our own words are translated, and the words of a
provider or the network follow as they came."""

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

WORDS = (
    _("not reached: %(more)s"),
    _("no answer: it may have arrived (%(more)s)"),
    _("no answer: %(more)s"),
    _("no answer behind the gateway (%(more)s)"),
    _("the answer broke off"),
    _("the answer was too long or too slow"),
    _("interrupted while being sent: it may have arrived (%(more)s)"),
    _("interrupted while being sent: it may have arrived"),
    _("the text broke off after part %(number)s: %(more)s"),
    _("the provider's window is closed"),
    _("too old"),
    _("asked to slow down (429)"),
    _("out of order (%(more)s)"),
    _("returned by the provider"),
    _("the call cannot be made: %(more)s"),
    _("the tokens could not be renewed (%(more)s)"),
    _("no refresh token: authorise the application once more"),
    _("no access token"),
    _("no number that takes SMS"),
    _("no e-mail address: %(more)s"),
    _("this channel does not send"),
    _("There is no token yet."),
    _("The mailbox is not set up: server or user name is missing."),
    _("The mailbox is not set up: address or server is missing."),
    _("No secure connection to %(server)s: %(more)s"),
    _("The mail server %(server)s cannot be reached: %(more)s"),
    _("The mail server %(server)s takes nothing now: %(more)s"),
    _("The mail server does not let us in now: %(more)s"),
    _("The mail server refuses the user name or password: %(more)s"),
    _("The mail server refuses the token: %(more)s"),
    _("The mail server says: %(more)s"),
    _("The connection to the mail server broke: %(more)s"),
    _("The folder %(folder)s cannot be opened: %(more)s"),
    _("nobody sent it"),
    _("this inbox is not set up to send, or is switched off"),
    _("there is a phone number, but no SMS gateway is set up"),
    _("this number takes no SMS"),
    _("there is an e-mail address, but no mailbox is set up to send"),
    _("they left neither phone number nor e-mail address"),
    _("no mail: it has no headers"),
    _("no sender: From names no address"),
    _("%(more)s with nothing in it"),
    _("this person asks for their personal data to be erased: see to it, then note it as read"),
    _("cannot be stored: %(more)s"),
    _("It did not work. What a server in our own network answers is not shown."),
)


HOLE = re.compile(r"%\((\w+)\)s")


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    result = []
    for words in WORDS:
        fixed, names = HOLE.split(words)[::2], HOLE.findall(words)
        holes = [*(f"(?P<{name}>.+)" for name in names), ""]
        result.append((re.compile("".join(re.escape(f) + h for f, h in zip(fixed, holes, strict=True))), words))
    return result


def trouble(words: str) -> str:
    """A stored trouble in the reader's language; an unknown one as it is."""
    for pattern, msgid in _patterns():
        if match := pattern.fullmatch(words):
            parts = match.groupdict()
            if "more" in parts:
                parts["more"] = trouble(parts["more"])
            return gettext(msgid) % parts if parts else gettext(msgid)
    return words
