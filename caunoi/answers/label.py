"""What an answer says of itself where a citizen reads it: that a machine helped, and that a person stands for it."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caunoi.answers.models import Answer
from caunoi.directory.queries import option


def label(answer: Answer | None) -> str:
    """The sentence under an answer in which words of a machine are left, in the reader's language; else empty."""
    if answer is None or not answer.by_machine:
        return ""
    foreign, agency = get_language() == "en", answer.agency
    if agency:
        office = (foreign and agency.name_en) or agency.name
    else:
        office = option("hotline_name_en" if foreign else "hotline_name")
    return _("A machine helped to write this answer; an officer of %(office)s has read it and sent it.") % {
        "office": office
    }
