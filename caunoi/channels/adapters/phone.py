"""The telephone: an Asterisk that the bridge speaks to, or a cloud PBX that speaks to us (docs/telephony.md). Its calls
are read by caunoi/calls, not as messages; this file declares the rest."""

from caunoi.channels.base import Channel, Done, Exempt, Need, Reach, Rule
from caunoi.telephony.connectors.registry import CONNECTORS
from caunoi.telephony.plan import STRATEGIES

OWN = "Only for an exchange that this product writes the files of (caunoi pbx write)."


class Phone(Channel):
    key, label, icon, rank = "phone", "Phone", "phone", 10
    reach = Reach.CALL
    aliases = ("Điện thoại", "Gọi điện", "Cuộc gọi", "Tổng đài", "1022", "Tổng đài 1022")
    needs = (
        Need(name="host", label="Address of the Asterisk", help="Its manager interface (AMI).", required=False),
        Need(name="port", label="Port", kind="number", default="5038", required=False),
        Need(name="username", label="Manager user", required=False),
        Need(name="secret", label="Its secret", secret=True, required=False),
        Need(name="queues", label="Queues", help="Whose callers the operators serve.", required=False),
        Need(name="interface", label="Name of a desk phone", default="PJSIP/{extension}", required=False),
        Need(name="context", label="Context for calling out", default="from-agents", required=False),
        Need(name="caller", label="Number shown when calling out", default="1022", required=False),
        Need(name="recordings", label="Folder of the recordings", help="As this machine sees it.", required=False),
        Need(
            name="standby_of",
            label="Stands by for",
            help="The name of the first exchange's inbox. The second has its settings, but for where it is.",
            required=False,
        ),
        Need(name="numbers", label="Other numbers of the hotline", help=OWN, required=False),
        Need(name="trunk", label="Address of the telephone company", help=OWN, required=False),
        Need(name="browser_phones", label="Extensions that are browser phones", help=OWN, required=False),
        Need(
            name="wss",
            label="Address for browser phones",
            help="wss://…/ws, where a proxy leads to the exchange. Without it there are none.",
            required=False,
        ),
        Need(
            name="turn",
            label="TURN servers for browser phones",
            help="turn:host:3478, turns:host:5349: where operators sit outside of the exchange's network.",
            required=False,
        ),
        Need(
            name="turn_secret",
            label="Secret shared with the TURN servers",
            help="static-auth-secret of coturn. Browsers get names that expire, never this.",
            secret=True,
            required=False,
        ),
        Need(name="strategy", label="Who is rung first", kind="choice", choices=STRATEGIES, help=OWN, required=False),
        Need(name="opening", label="Calendar of the opening hours", default="always", help=OWN, required=False),
        Need(name="consent", label="Tell callers of the recording first", kind="switch", help=OWN, required=False),
        Need(name="keeps_place", label="Key 1: be called back in turn", kind="switch", help=OWN, required=False),
        Need(name="survey", label="Ask for a grade after the call", kind="switch", help=OWN, required=False),
        Need(
            name="logs",
            label="Folder of the exchange's logs",
            help="As this machine sees it, read only: callers who gave up while nobody listened are called back.",
            required=False,
        ),
        Need(
            name="logs_database",
            label="… or the database of its logs",
            help="postgresql://…, where the exchange writes queue_log, cel or cdr into tables.",
            secret=True,
            required=False,
        ),
        Need(
            name="connector",
            label="Cloud PBX",
            kind="choice",
            choices=tuple(CONNECTORS),
            help="Instead of an Asterisk.",
            required=False,
        ),
        Need(name="cti_key", label="Key for reporting calls", help="Its name among the keys.", required=False),
    )
    quality = {
        Rule.SIGNATURE: Done("tests/web/test_cti.py::test_an_api_key_is_no_exchange"),
        Rule.WINDOW: Exempt("Nothing is sent by it: people are called."),
        Rule.REPLAY: Done("tests/web/test_cti.py::test_the_same_from_many_sides_at_once_is_one_receipt_and_one_call"),
        Rule.FULL_DISK: Done(
            "tests/web/test_cti_at_once.py::test_without_a_database_or_a_table_nothing_is_acknowledged"
        ),
        Rule.CONTRACT_TEST: Done("tests/telephony"),
        Rule.RUNBOOK: Done("docs/telephony.md"),
    }
