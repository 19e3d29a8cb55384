"""pjsip.conf and pjsip_wizard.conf: the trunks to the telephone company, and the operators' phones."""

from caunoi.telephony.plan import Plan, Telephone, Trunk

TRANSPORTS = """
; Transports, and the lines to the telephone company. The operators' phones are in pjsip_wizard.conf.

[transport-udp]
type = transport
protocol = udp
bind = 0.0.0.0:5060

; Browser phones: plain ws at http.conf's address. A proxy in front carries wss to it; browsers insist on wss.
[transport-ws]
type = transport
protocol = ws
bind = 0.0.0.0
"""
NO_TRUNK = """
; There is no line to the telephone company: name its address in the set-up of the inbox, as "trunk". Where the company
; wants a registration, write it into own/pjsip.conf.
"""
PHONES = """
; The operators' phones: one for each extension of Setup, People, under the extension's own number, because the inbox'
; setting "interface" is PJSIP/{extension}.

; A phone on the desk, or a softphone program.
[desk-phone](!)
type = wizard
accepts_auth = yes
accepts_registrations = yes
endpoint/context = @CONTEXT@
endpoint/transport = transport-udp
endpoint/disallow = all
endpoint/allow = alaw,ulaw
endpoint/direct_media = no
; A phone that was unplugged mid-call: after so much silence the call ends.
endpoint/rtp_timeout = 30
endpoint/rtp_timeout_hold = 300
aor/max_contacts = 1
aor/remove_existing = yes
; A phone that is gone shows in Cầu Nối as not connected after so many seconds.
aor/qualify_frequency = 15

; A phone in the browser (WebRTC). Plain codecs only: opus needs a codec module that Asterisk does not ship. Cầu Nối
; makes its password anew for each session; it is in no file, its digest in the exchange's database (sorcery.conf).
[browser-phone](!)
type = wizard
accepts_registrations = yes
endpoint/context = @CONTEXT@
endpoint/transport = transport-ws
endpoint/webrtc = yes
endpoint/disallow = all
endpoint/allow = ulaw,alaw
; A browser that is gone mid-call sends no BYE: after so much silence the caller goes back to the head of the line.
endpoint/rtp_timeout = 8
endpoint/rtp_timeout_hold = 300
aor/max_contacts = 1
aor/remove_existing = yes
aor/maximum_expiration = 120
; A closed tab ends its connection and is gone at once; one that fell silent is known after at most 5 + 3 s.
aor/qualify_frequency = 5
aor/qualify_timeout = 3.0
"""


def pjsip(plan: Plan) -> str:
    trunks = "\n".join(_trunk(trunk) for trunk in plan.trunks) or NO_TRUNK
    return f'{TRANSPORTS}{trunks}\n#tryinclude "own/pjsip.conf"\n'


def _trunk(trunk: Trunk) -> str:
    host = trunk.address.partition(":")[0]
    address = trunk.address if ":" in trunk.address else f"{trunk.address}:5060"
    return f"""
; The telephone company. Without registration it is known by its address.
[{trunk.name}]
type = endpoint
context = from-trunk
transport = transport-udp
disallow = all
allow = alaw,ulaw
aors = {trunk.name}
direct_media = no
; A carrier's leg that has gone silent ends.
rtp_timeout = 60
[{trunk.name}]
type = aor
contact = sip:{address}
qualify_frequency = 60
[{trunk.name}]
type = identify
endpoint = {trunk.name}
match = {host}
"""


def wizard(plan: Plan) -> str:
    phones = "\n".join(_phone(phone) for phone in plan.phones)
    return f'{PHONES.replace("@CONTEXT@", plan.context)}\n{phones}\n#tryinclude "own/pjsip_wizard.conf"\n'


def _phone(phone: Telephone) -> str:
    """A phone's section. What people are called may hold any letter, but must not end the line or its value."""
    name = "".join(char for char in phone.name if char.isalnum() or char in " .-")
    if phone.browser:
        return f"""[{phone.extension}](browser-phone)
endpoint/callerid = {name} <{phone.extension}>
endpoint/auth = browser-{phone.extension}
"""
    password = (
        f"inbound_auth/password = {phone.password}"
        if phone.password
        else "; Without a password it cannot register.\n;inbound_auth/password ="
    )
    return f"""[{phone.extension}](desk-phone)
endpoint/callerid = {name} <{phone.extension}>
inbound_auth/username = {phone.extension}
{password}
"""
