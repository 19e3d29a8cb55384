"""People who come to the counter; the staff write down what they say."""

from caunoi.channels.base import Channel, Done, Exempt, Reach, Rule


class Counter(Channel):
    key, label, icon, rank = "counter", "Counter", "users", 80
    reach = Reach.CALL
    aliases = ("Trực tiếp", "Tại quầy", "Tiếp dân")
    quality = {
        Rule.SIGNATURE: Exempt("No provider calls: the staff enter it."),
        Rule.WINDOW: Exempt("Nothing is sent by it."),
        Rule.REPLAY: Done("tests/web/desk/test_desk_pages.py::test_pressing_twice_makes_one_ticket"),
        Rule.FULL_DISK: Exempt("What cannot be written is answered with an error, and stays in the form."),
        Rule.CONTRACT_TEST: Exempt("It speaks to no provider."),
        Rule.RUNBOOK: Exempt("Nothing is set up: what came is entered at the desk."),
    }
