"""The oddities and flaws of a source, in words. English sources; a flaw stops an import, an oddity does not."""

from django.utils.translation import gettext_noop as _

FLAWS = {
    "file_empty": _("The file is empty."),
    "no_records": _("There is no procedure in the file."),
    "wrong_columns": _("The columns “Mã số” and “Tên” are missing: this is not the portal's list."),
    "not_xlsx": _("The file cannot be read as an Excel workbook (.xlsx)."),
    "file_too_large": _("The file is too large once unpacked."),
    "too_many_records": _("There are too many procedures in one file."),
    "line_too_long": _("The line is too long for one procedure."),
    "cell_too_long": _("A cell holds more than Excel allows."),
    "cut_off": _("The file ends in the middle: it was cut off on the way."),
    "not_utf8": _("The line is not UTF-8."),
    "not_json": _("The line is not whole JSON: perhaps the file was cut off on the way."),
    "not_an_object": _("The line is JSON, but not a record."),
    "not_a_text": _("A field is not a text."),
    "no_code": _("There is no procedure code of the form 1.234567."),
    "no_name": _("There is no name."),
    "name_too_long": _("The name is too long."),
    "formula": _("There is a formula instead of a text."),
}
ODDITIES = {
    "page_of_several": _(
        "Set aside: several codes point to this one page, so its words may belong to another procedure."
    ),
    "name_differs_from_list": _("The list calls it differently from the full record; the full record's name was kept."),
    "code_twice": _("The code stands twice with the same content."),
    "code_twice_differs": _("The code stands twice with different content; the last one was taken."),
    "not_nfc": _("The text was not in Unicode NFC, or held invisible characters; it was put right."),
    "no_ways_head": _("The table of ways to hand in lacks its header."),
    "ways_not_told_apart": _("The ways to apply could not be separated; the text was kept whole."),
    "text_before_ways": _("There is text before the first way to hand in; it was left out."),
    "way_twice": _("A way to hand in stands twice; one was kept."),
    "time_without_unit": _("The time has no unit (days? hours?); the number was kept as text."),
    "time_and_fee_glued": _("Time and fee are glued together in one number; both were kept as a remark."),
    "fee_too_small": _("The fee is too small to be true (thousands left out?); the remark counts where there is one."),
    "free_but_names_a_fee": _("It says free of charge, but the remark names a fee; the remark counts."),
    "papers_not_told_apart": _("The documents could not be separated; the text was kept whole."),
    "paper_without_count": _("A paper has no number of copies."),
    "paper_without_name": _("A paper has no name; it was left out."),
    "paper_twice": _("A paper stands twice in one case; one was kept."),
    "count_glued_to_number": _("The number of copies is glued to a number of the name; the last digit was taken."),
    "case_without_papers": _("A case has no papers; it was left out."),
    "law_without_number": _("A legal document's number could not be separated from its name."),
    "no_result_named": _("The result has no name."),
}
