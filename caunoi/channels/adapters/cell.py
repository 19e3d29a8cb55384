"""The hotlines of other provinces, which hand over what is ours (docs/cells-handover.md)."""

from caunoi.channels.base import Channel, Done, Exempt, Reach, Rule


class CellChannel(Channel):
    key, label, icon, rank = "cell", "Another province", "landmark", 95
    reach = Reach.PAGE
    by_hand = False
    aliases = ("Tỉnh khác", "Tỉnh, thành phố khác", "Another province")
    quality = {
        Rule.SIGNATURE: Done("tests/transfers/test_seam.py::test_what_nobody_of_the_catalogue_signed_is_refused"),
        Rule.WINDOW: Exempt("Nothing is sent by it: people follow the page of their ticket."),
        Rule.REPLAY: Done("tests/transfers/test_seam.py::test_the_same_again_is_one_ticket_and_the_same_receipt"),
        Rule.FULL_DISK: Exempt("What cannot be written is answered with an error, and the sender sends it again."),
        Rule.CONTRACT_TEST: Exempt("It speaks to installations of this product only."),
        Rule.RUNBOOK: Done("docs/cells-handover.md"),
    }
