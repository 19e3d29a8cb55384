"""What is alike in every province: the manager interface, the web server, sound, modules, logs."""

from caunoi.telephony import gaps
from caunoi.telephony.plan import Plan

LOOPBACK = "127.0.0.1"
READ, WRITE = "call,agent,cdr,system,user", "agent,originate,call,reporting"
EVENT_FILTERS = (
    "Event: (Newchannel|Hangup|DialBegin|DialEnd|OriginateResponse)[^A-Za-z]",
    "Event: (BlindTransfer|AttendedTransfer|MessageWaiting)[^A-Za-z]",
    "Event: (AgentCalled|AgentConnect|AgentComplete|AgentRingNoAnswer)[^A-Za-z]",
    "Event: (QueueCallerJoin|QueueCallerLeave|QueueCallerAbandon)[^A-Za-z]",
    "Event: QueueMember(Added|Pause|Penalty|Removed|Ringinuse|Status)[^A-Za-z]",
    "UserEvent: Hotline",
)


NEAR = "bindaddr = 127.0.0.1"
FAR = """; Nothing is encrypted here: a private network, or tlsenable, tlsbindaddr and tlscertfile in own/manager.conf.
bindaddr = 0.0.0.0"""


def manager(plan: Plan) -> str:
    ours = plan.manager
    near = ours.product == LOOPBACK
    secret = (
        f"secret = {ours.secret}" if ours.secret else "; Long and random; without it nobody can sign in.\n;secret ="
    )
    filters = "\n".join(f"eventfilter = {one}" for one in EVENT_FILTERS)
    return f"""
; The manager user of Cầu Nối's bridge, with no right more than it uses.

[general]
enabled = yes
port = {ours.port}
{NEAR if near else FAR}
displayconnects = no
; Every figure of ours is counted from the events' own clock.
timestampevents = yes

[{ours.username}]
{secret}
deny = 0.0.0.0/0.0.0.0
permit = {ours.product}/255.255.255.255
; Never system or command: they run programs.
read = {READ}
write = {WRITE}
; Sent are only the events that are read: of an answered call 19 instead of 122. Answers to actions are not filtered.
{filters}

#tryinclude "own/manager.conf"
"""


HTTP = """
; The web server inside Asterisk, on which browser phones reach it (ws://127.0.0.1:8088/ws). On loopback: a proxy in
; front of it carries wss to it.

[general]
enabled = yes
bindaddr = 127.0.0.1
bindport = 8088

#tryinclude "own/http.conf"
"""
RTP = """
; The ports by which the sound goes; open them (UDP) towards the phones and the telephone company.

[general]
rtpstart = 10000
rtpend = 20000
; Browser phones find their way by ICE; where they are outside of your network, name a STUN server in own/rtp.conf:
; [general](+), then stunaddr = …
icesupport = yes

#tryinclude "own/rtp.conf"
"""
SORCERY = """
; Where the proofs of phones are read: those of desk phones from the files, those of browser phones from the exchange's
; own database, into which hotline-password (extensions.conf) writes them.

[res_pjsip]
auth = config,pjsip.conf,criteria=type=auth
auth = astdb,hotline

#tryinclude "own/sorcery.conf"
"""
MUSIC = """
; What callers hear while they wait: the files of one folder, in any order. Without files they hear nothing.

[default]
mode = files
directory = moh
sort = random

#tryinclude "own/musiconhold.conf"
"""
MODULES = """
; Everything that is installed is loaded. Needed for the hotline: app_queue, app_mixmonitor, app_record, app_playback,
; app_read, app_originate, app_userevent, app_confbridge, app_chanspy, app_echo, func_channel, func_config, func_curl,
; func_cut, func_env, func_db, func_global, func_strings, func_version, res_pjsip and res_pjsip_config_wizard,
; res_musiconhold, res_http_media_cache; for browser phones also res_http_websocket, res_pjsip_transport_websocket,
; res_sorcery_astdb, res_pjsip_rfc3326 and res_srtp; for what nobody heard meanwhile cel_custom and cdr_csv.

[modules]
autoload = yes
; Messages are recorded by the dialplan; no mailboxes.
noload = app_voicemail.so

#tryinclude "own/modules.conf"
"""
CONFERENCES = """
; In a call's room those who serve are marked, and the citizen's leg ends with the last of them. quiet: nobody is told
; that they are alone, or asked for a name.

[general]

[default_bridge]
type = bridge

[default_user]
type = user

[serving]
type = user
quiet = yes
marked = yes
dtmf_passthrough = yes

[citizen]
type = user
quiet = yes
end_marked = yes
dtmf_passthrough = yes

#tryinclude "own/confbridge.conf"
"""
LOGGER = """
; queue_log says of each call what became of it, also while nobody listens to the manager interface.

[general]
queue_log = yes
queue_log_to_file = yes

[logfiles]
console = notice,warning,error
messages.log = notice,warning,error

#tryinclude "own/logger.conf"
"""
CDR = """
; Each call's record as a line of cdr-csv/Master.csv, for what nobody heard meanwhile where there is no CEL. No figure
; is counted from it: an abandoned call can read ANSWERED there. Its times are of this machine's time zone.

[general]
enable = yes
unanswered = yes

[csv]
usegmtime = no
loguniqueid = yes
loguserfield = yes

#tryinclude "own/cdr.conf"
"""
CEL = """
; Beginnings, ends and connections of all calls, for what nobody heard meanwhile. Without a dateformat times are exact
; and of no time zone.

[general]
enable = yes
events = CHAN_START,ANSWER,HANGUP,BRIDGE_ENTER,BLINDTRANSFER

#tryinclude "own/cel.conf"
"""
CEL_VARIABLES = {"eventtype": "eventtype", "eventtime": "eventtime", "userdeftype": "userdeftype"} | {
    "cid_name": "CALLERID(name)",
    "cid_num": "CALLERID(num)",
    "cid_ani": "CALLERID(ANI)",
    "cid_rdnis": "CALLERID(RDNIS)",
    "cid_dnid": "CALLERID(DNID)",
    "peer": "BRIDGEPEER",
    "extra": "eventextra",
}
"""What a column of CEL is called in the exchange, where it is not `CHANNEL(column)`."""


def cel_columns() -> str:
    """The file of CEL, in the columns that gaps.py reads."""
    values = (CEL_VARIABLES.get(name, f"CHANNEL({name})") for name in gaps.CEL)
    columns = ",".join(f"${{CSV_QUOTE(${{{value}}})}}" for value in values)
    return f"""
; The columns of cel-custom/Master.csv, as in Asterisk's own example.

[mappings]
Master.csv => {columns}

#tryinclude "own/cel_custom.conf"
"""


def logrotate(plan: Plan) -> str:
    """For /etc/logrotate.d. Recordings are not among them: the product copies them, and its retention rules count."""
    return """
/var/log/asterisk/messages.log
/var/log/asterisk/queue_log
/var/log/asterisk/cdr-csv/Master.csv
/var/log/asterisk/cel-custom/Master.csv
{
    daily
    rotate 31
    missingok
    notifempty
    compress
    delaycompress
    sharedscripts
    create 0640 asterisk asterisk
    postrotate
        /usr/sbin/asterisk -rx 'logger reload' > /dev/null 2>&1 || true
    endscript
}
"""
