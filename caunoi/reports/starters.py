"""The texts of the forms until a province writes its own: English sources of Vietnamese papers. Pure; read under a
language."""

from django.utils.translation import gettext as _

ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII")
SHORT, LONG = ("week",), ("quarter", "half", "year")  # kinds of shorter and longer reports


def starter(kind: str, hotline: str, place: str) -> dict[str, str]:
    """The fields of a kind's form, for the hotline of this name and place."""
    params = {"hotline": hotline, "place": place.upper()}
    sections = [
        (_("RECEIVING AND HANDLING"), ["{summary}", "{four}"]),
        (_("BY CATEGORY, AGENCY, COMMUNE AND CHANNEL"), ["{fields}", "{agencies}", "{communes}", "{channels}"]),
        (_("HOW LONG IT TOOK, AND HOW WELL"), _quality(kind)),
        (_("THE CALL CENTRE"), _calls(kind)),
        (_("WHAT IS SLOW"), ["{slow}", "{explanations}"]),
        (
            _("PROPOSALS"),
            [
                "- " + text
                for text in (
                    _("The agencies that let reports fall overdue handle them at once and explain why they were late."),
                    _("The centre goes on following, reminding and reporting to the leaders what stays slow."),
                )
            ],
        ),
        (_("HOW THE FIGURES ARE COUNTED"), ["{definitions}"] if kind in LONG else []),
    ]
    body = [_("On the figures of %(hotline)s, counted at {at}, the centre reports on {period} as follows:") % params]
    for number, (title, parts) in enumerate(((title, parts) for title, parts in sections if parts), 1):
        body += [f"# {ROMAN[number]}. {title}", *parts]
    return {
        "superior": _("PEOPLE'S COMMITTEE OF %(place)s") % params,
        "issuer": _("SMART OPERATIONS CENTRE"),
        "series": _("BC-IOC"),
        "place": place.removeprefix("Thành phố ").removeprefix("Tỉnh "),
        "name": _("REPORT"),
        "about": _("On the results of receiving and handling reports through %(hotline)s in {period}") % params,
        "body": "\n\n".join(body),
        "recipients": "\n".join(
            [_("The People's Committee (to report)"), _("The agencies that handle reports"), _("Kept: office, IOC")]
        ),
        "signs": _("DIRECTOR"),
        "signer": "",
    }


def _quality(kind: str) -> list[str]:
    """A week has few that are done; long spans have it by agency too."""
    if kind in SHORT:
        return ["{say first_answer reopened}"]
    more = ["{table handling agency}", "{table satisfaction agency}", "{table refusals reason}"] if kind in LONG else []
    measures = (
        "on_time first_answer first_answer_p90 handling handling_p90 custody returns extensions reopened "
        "refusals satisfaction"
    )
    return ["{say first_answer handling reopened returns}", f"{{compare {measures}}}", *more]


def _calls(kind: str) -> list[str]:
    if kind in SHORT:
        return []
    return ["{say calls service_level calls_abandoned}", "{compare calls calls_answered service_level calls_abandoned}"]
