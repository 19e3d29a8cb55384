"""What the forms say until a province writes its own: English sources of Vietnamese papers. Pure; read under a language."""

from django.utils.translation import gettext as _


def starter(hotline: str, place: str) -> dict[str, str]:
    """The fields of a form, for the hotline of this name and place."""
    known = {"hotline": hotline, "place": place.upper()}
    body = [
        _("On the figures of %(hotline)s, counted at {at}, the centre reports on {period} as follows:") % known,
        "# " + _("I. RECEIVING AND HANDLING"), "{summary}", "{four}",
        "# " + _("II. BY FIELD, AGENCY, COMMUNE AND CHANNEL"), "{fields}", "{agencies}", "{communes}", "{channels}",
        "# " + _("III. WHAT IS SLOW"), "{slow}", "{explanations}",
        "# " + _("IV. PROPOSALS"),
        "- " + _("The agencies that let reports fall overdue handle them at once and explain why they were late."),
        "- " + _("The centre goes on following, reminding and reporting to the leaders what stays slow."),
    ]  # fmt: skip
    return {
        "superior": _("PEOPLE'S COMMITTEE OF %(place)s") % known,
        "issuer": _("SMART OPERATIONS CENTRE"),
        "series": _("BC-IOC"),
        "place": place.removeprefix("Thành phố ").removeprefix("Tỉnh "),
        "name": _("REPORT"),
        "about": _("On the results of receiving and handling reports through %(hotline)s in {period}") % known,
        "body": "\n\n".join(body),
        "recipients": "\n".join([_("The People's Committee (to report)"), _("The agencies that handle reports"), _("Kept: office, IOC")]),
        "signs": _("DIRECTOR"),
        "signer": "",
    }  # fmt: skip
