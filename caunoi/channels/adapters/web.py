"""The report form of the citizens' portal."""

from caunoi.channels.base import Channel, Done, Exempt, Reach, Rule


class Web(Channel):
    key, label, icon, rank = "web", "Web", "globe", 50
    reach = Reach.PAGE
    by_hand = False
    aliases = ("Web", "Website", "Cổng thông tin", "Trang web", "Cổng thông tin 1022", "Cổng phản ánh")
    quality = {
        Rule.SIGNATURE: Exempt("No provider calls: it is a page of the product's own."),
        Rule.WINDOW: Exempt("Nothing is sent by it."),
        Rule.REPLAY: Done("tests/web/citizen/test_report.py::test_sending_twice_is_one_ticket"),
        Rule.FULL_DISK: Exempt("What cannot be written is answered with an error, and stays in the form."),
        Rule.CONTRACT_TEST: Exempt("It speaks to no provider."),
        Rule.RUNBOOK: Done("docs/portal.md"),
    }
