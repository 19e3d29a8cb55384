"""What is wrong with a file, or odd in it, with what to do about it. English sources."""

from django.utils.translation import gettext_noop as _

FLAWS = {
    "file_empty": _("The file is empty."),
    "old_excel": _(
        "This is an old Excel file (.xls), or one with a password. Open it in Excel and save it as .xlsx without a "
        "password."
    ),
    "web_page": _("This is a web page with a spreadsheet's file name. Open it in Excel and save it as .xlsx."),
    "no_table": _("This is not a spreadsheet. Use an Excel file (.xlsx) or a CSV."),
    "no_workbook": _("The file cannot be read as an Excel workbook (.xlsx). Open it in Excel and save it anew."),
    "file_too_large": _("The file is too large once unpacked. Split it into several files."),
    "unknown_letters": _("The file's character encoding cannot be recognised. Save it as CSV UTF-8 or as .xlsx."),
    "file_lost": _("The file is kept no longer. Upload it again: what is there already does not come twice."),
    "no_such_sheet": _("There is no sheet with this name."),
    "no_heading": _("No row names the columns. Put names such as “Họ và tên” above them, or start from our template."),
    "no_such_column": _("A column that was chosen is not in the file."),
    "column_lacks": _("A column that must be there is missing. Say which one it is."),
    "too_many_rows": _("There are too many rows in one file. Split it into several files."),
    "no_rows": _("There is nothing below the headings."),
}
ODDITIES = {
    "account_closed": _("The account of this person is closed. Open it first where it is needed again."),
    "administrator": _("This person gets all the rights of an administrator. Make sure that is meant."),
    "agency_from_above": _("The agency was copied from the row above."),
    "agency_retired": _("This agency is retired. Put it in force again first."),
    "agency_unknown": _("There is no agency with this name. Choose which one is meant, or import the agencies first."),
    "already_here": _("This ticket has been imported before."),
    "answer_without_date": _("It was answered, but the file does not say when: the last known date was taken."),
    "area_outside": _("The address lies outside the province; the words are kept."),
    "area_unclear": _("The commune cannot be determined from this; the text is kept."),
    "bad_code": _("A code has Latin letters, digits and hyphens only."),
    "bad_extension": _("An extension has Latin letters and digits only; it was left out."),
    "bad_point": _("This is not a place on the map; it was left out."),
    "bad_username": _("A user name has small Latin letters, digits, dots and hyphens only."),
    "calendar_unknown": _("There is no calendar with this name; the calendar was not changed."),
    "category_unknown": _("There is no category with this name and no default. Say which one is meant."),
    "category_default": _("There is no category with this name; the default was used."),
    "cell_error": _("Excel shows an error in this cell."),
    "changed_since": _("This ticket was imported before and has changed in the file; nothing was changed here."),
    "channel_unknown": _("There is no channel with this name; the default was used."),
    "closed_before_received": _("It ends before it begins. It is kept with zero duration and counted separately."),
    "date_unreadable": _("This date cannot be read; it was left out."),
    "email_unreadable": _("This is not an e-mail address; it was left out."),
    "formula": _("A formula was never calculated. Open the file in Excel and save it."),
    "in_the_future": _("This lies in the future."),
    "kind_unknown": _("This kind is unknown; the default was used."),
    "like_another": _("There is an agency with a similar name. If it is the same, give its code."),
    "namesake": _(
        "A person with this name at this agency is in another row. If they are two people, give each a user name."
    ),
    "no_agency": _("Officers and agency leads need an agency."),
    "no_date": _("The date of receipt is missing."),
    "no_name": _("There is no name."),
    "no_role": _("There is no role, and no agency to infer it from."),
    "no_text": _("The citizen's text is missing."),
    "order_mended": _("The dates are not in order; each step was put no earlier than the one before."),
    "own_role": _("You cannot take your own rights away; another administrator can."),
    "phone_of_another": _("Somebody else has this number too."),
    "phone_unreadable": _("This is not a phone number; it was left out."),
    "reason_unknown": _("This reason is unknown; it is kept as a note."),
    "role_of_centre": _("This role belongs to the hotline's centre, not to an agency."),
    "role_unknown": _("This role is unknown. Say at “Columns and words” what the word means."),
    "second_email": _("There are several e-mail addresses; the first one was taken."),
    "second_phone": _("There are several numbers; the first one was taken."),
    "state_unknown": _("This state is unknown. Say which one is meant."),
    "state_without_agency": _("It was handed over, but the agency is unknown: it waits at the centre."),
    "too_long": _("This is too long to be kept; it was left out."),
    "twice": _("It is already in another row."),
    "username_was_used": _(
        "Somebody else had this user name: one that was used is never given to another. Leave the cell empty, or "
        "choose another."
    ),
    "urgency_unknown": _("This urgency is unknown; the default was used."),
}


def problem(code: str) -> str:
    """The English words of a problem; an unknown code as it is."""
    return (FLAWS | ODDITIES).get(code, code)
