"""The installable app, and the apps of others over Open311 and the API."""

from caunoi.channels.base import Channel, Done, Exempt, Reach, Rule


class App(Channel):
    key, label, icon, rank = "app", "App", "smartphone", 60
    reach = Reach.PAGE
    by_hand = False
    aliases = ("App", "Ứng dụng", "Ứng dụng di động", "Mobile", "App di động")
    quality = {
        Rule.SIGNATURE: Exempt("No provider calls: it is a page of the product's own."),
        Rule.WINDOW: Exempt("Nothing is sent by it."),
        Rule.REPLAY: Done("tests/web/citizen/test_app.py::test_sent_by_several_windows_at_once_it_is_one_ticket"),
        Rule.FULL_DISK: Exempt("What cannot be written is answered with an error, and stays with the app."),
        Rule.CONTRACT_TEST: Exempt("It speaks to no provider."),
        Rule.RUNBOOK: Done("docs/app.md"),
    }
