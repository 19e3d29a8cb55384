"""extensions.conf: what a call passes through, from the telephone company to an operator, a message or a call-back.

The extension stays the number that was dialled, from context to context: the events of the manager interface say it.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from caunoi.telephony.browser_phone import ECHO, REALM
from caunoi.telephony.files import speaking
from caunoi.telephony.names import KEEPS_PLACE
from caunoi.telephony.plan import EMERGENCY, Hours, Plan, Spans
from caunoi.telephony.skills import AHEAD

ZONE = "Asia/Ho_Chi_Minh"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECONDS_TO_KNOW = 12  # for which the operator of last time is rung
WITHOUT_MACROS = 210000  # Asterisk 21; before it Queue() has one argument more in front of the place

HEAD = """
; The hotline's dialplan.
;
; Cầu Nối reads calls from the manager interface. What Asterisk does not say there by itself, this dialplan says by
; UserEvent, because channel variables do not reach a manager user with few rights:
;   HotlineConsent        the caller was told of the recording, and whether there is one
;   HotlineMenu           the menu and the key that was pressed
;   HotlineQueueExit      why the queue let the caller go (TIMEOUT, JOINEMPTY, FULL ...)
;   HotlineOutOfHours     the hotline was closed
;   HotlineCallbackAsked  who waited wants to be called when it is their turn
;   HotlineSurvey         the grade that was given after the talk
;   HotlineHangup         at the end of every call: where the recording and the message lie, how much sound came
;   HotlineLegEnd         at the end of an operator's phone: how much sound came from it
;   HotlineCheck          what `caunoi pbx check` asks for
; What callers hear lies in the sounds' folder "caunoi": consent, unrecorded, closed, message, callback, survey, lost,
; place-…, keep, menu-…, ticket-…, wait-…, and what a key says.
"""
GREETING = """
; ---- citizens call in ----
[hotline]
exten => _[+0-9]!,1,Set(CHANNEL(hangup_handler_push)=hotline-hangup,s,1)
 same => n,Answer()
 same => n,Set(CHANNEL(language)=vi)
 same => n,Gosub(hotline-hours,s,1)
 same => n,GotoIf($["${GOSUB_RETVAL}" = "closed"]?hotline-closed,${EXTEN},1)"""
CONSENT = """ same => n,Gosub(hotline-consent,s,1)
 same => n,GotoIf($["${GOSUB_RETVAL}" != "yes"]?unrecorded)"""
RECORDING = """ ; The recording is named by the call; option b records only while somebody talks.
 same => n,MixMonitor(${RECORDINGS}/${CHANNEL(linkedid)}.wav,b)
 same => n(unrecorded),Set(__QUEUE=${FIRST_QUEUE})"""
ASKS_CONSENT = """
; Nobody is recorded who was not told, or who pressed 9.
[hotline-consent]
exten => s,1,Background(caunoi/consent,m)
 same => n,Set(ANNOUNCED=${IF($["${BACKGROUNDSTATUS}" = "SUCCESS"]?yes:no)})
 same => n,Read(REFUSED,,1,,1,4)
 same => n,GotoIf($["${REFUSED}" = "9"]?9,1)
 same => n,Set(RECORDED=${ANNOUNCED})
 same => n(said),UserEvent(HotlineConsent,Linkedid: ${CHANNEL(linkedid)},Announced: ${ANNOUNCED},Recorded: ${RECORDED})
 same => n,Return(${RECORDED})
; 9, in the middle of the sentence (m: no other key ends it) or after it.
exten => 9,1,Set(ANNOUNCED=${IF($["${ANNOUNCED}" = ""]?yes:${ANNOUNCED})})
 same => n,Set(RECORDED=no)
 same => n,Playback(caunoi/unrecorded)
 same => n,Goto(s,said)
"""
FIRST = """
; Some operators before all. QUEUESTATUS is emptied, for why a caller went on from here says nothing of why they leave.
[hotline-first]
exten => _[+0-9]!,1,NoOp()"""
LAST_OPERATOR = """ ; Whoever served this caller last, if they are free.
 same => n,GotoIf($["${KNOWN}" = ""]?skill)
 same => n,GotoIf($["${QUEUE_EXISTS(own-${KNOWN})}" != "1"]?skill)
 same => n,Queue(own-${KNOWN},ctb(add-linkedid^s^1),,,@SECONDS@)
 same => n,GotoIf($["${QUEUESTATUS}" = "CONTINUE"]?hotline-talked,${EXTEN},1)
 same => n(skill),Set(QUEUESTATUS=)"""
SKILLED = """ ; Whoever speaks the caller's language, else who knows the field; then everybody, before who came later.
 same => n,Set(SKILL=${CHANNEL(language)})
 same => n,GotoIf($["${QUEUE_EXISTS(skill-${SKILL})}" = "1"]?wait)
 same => n,Set(SKILL=${FIELD})
 same => n,GotoIf($["${SKILL}" = ""]?all)
 same => n,GotoIf($["${QUEUE_EXISTS(skill-${SKILL})}" != "1"]?all)
 same => n(wait),Queue(skill-${SKILL},ctb(add-linkedid^s^1),,,@SECONDS@)
 same => n,GotoIf($["${QUEUESTATUS}" = "CONTINUE"]?hotline-talked,${EXTEN},1)
 same => n,Set(QUEUESTATUS=)
 same => n,Set(QUEUE_PRIO=@AHEAD@)"""
QUEUEING = """
; b(add-linkedid^s^1) says in a header which call this is. c: once the operator's phone is gone the call goes on in
; hotline-talked; t: an operator may transfer.
[hotline-queue]
exten => _[+0-9]!,1,Queue(${QUEUE},ctb(add-linkedid^s^1),,,${LONGEST})
 same => n,UserEvent(HotlineQueueExit,QueueStatus: ${QUEUESTATUS},Linkedid: ${CHANNEL(linkedid)})
 same => n,GotoIf($["${QUEUESTATUS}" = "CONTINUE"]?hotline-talked,${EXTEN},1)
 same => n,Goto(hotline-message,${EXTEN},1)

; The operator's phone has ended, which says within a moment why. Where it was lost, the caller hears so and is first
; in line again.
[hotline-talked]
exten => _[+0-9]!,1,Wait(0.5)
 same => n,Set(LOST=LOST-${CHANNEL(linkedid)})
 same => n,GotoIf($["${GLOBAL(${LOST})}" != "1"]?over)
 same => n,Set(GLOBAL(${LOST})=)
 same => n,Playback(caunoi/lost)
 same => n,Set(QUEUE_PRIO=10)
 same => n,Goto(hotline-queue,${EXTEN},1)
 same => n(over),@OVER@"""
MESSAGES = """
[hotline-closed]
exten => _[+0-9]!,1,UserEvent(HotlineOutOfHours,Linkedid: ${CHANNEL(linkedid)})
 same => n,Playback(caunoi/closed)
 same => n,Goto(hotline-message,${EXTEN},1)

; Not VoiceMail(): its boxes count their files anew (msg0001), so that one message could be taken for another.
[hotline-message]
exten => _[+0-9]!,1,Playback(caunoi/message)
 same => n,ExecIf($["${PLAYBACKSTATUS}" != "SUCCESS"]?Playback(vm-intro))
 same => n,Set(MESSAGE=${RECORDINGS}/${CHANNEL(linkedid)}-message.wav)
 same => n,Record(${MESSAGE},5,180,k)
 same => n,Hangup()

[add-linkedid]
exten => s,1,Set(PJSIP_HEADER(add,X-Linkedid)=${CHANNEL(linkedid)})
 same => n,Set(CHANNEL(hangup_handler_push)=hotline-lost,s,1)
 same => n,Return()

; An operator's phone has ended. 44: its sound stopped coming (rtp_timeout), or its page was closed and said so.
[hotline-lost]
exten => s,1,ExecIf($["${HANGUPCAUSE}" = "44"]?Set(GLOBAL(LOST-${CHANNEL(linkedid)})=1))
 same => n,UserEvent(HotlineLegEnd,Linkedid: ${CHANNEL(linkedid)},Received: ${CHANNEL(rtcp,rxcount)})
 same => n,Return()

[hotline-hangup]
; A message of less than a second (16044 bytes) is none; "0" behind the size makes nothing zero.
exten => s,1,ExecIf($[${STAT(s,${MESSAGE})}0 > 160440]?Set(MESSAGE_FILE=${MESSAGE}))
 same => n,UserEvent(HotlineHangup,Linkedid: ${CHANNEL(linkedid)},QueueStatus: ${QUEUESTATUS},\
HangupCause: ${HANGUPCAUSE},MixmonitorFile: ${MIXMONITOR_FILENAME},\
VoicemailFile: ${MESSAGE_FILE},VmStatus: ${RECORD_STATUS},Received: ${CHANNEL(rtcp,rxcount)})
 same => n,Return()
"""
ASKS_GRADE = """
; The operator has hung up; whoever still listens is asked for a grade from 1 to 5.
[hotline-survey]
exten => _[+0-9]!,1,Read(GRADE,caunoi/survey,1,,1,6)
 same => n,GotoIf($["${GRADE}" = ""]?over)
 same => n,UserEvent(HotlineSurvey,Linkedid: ${CHANNEL(linkedid)},Grade: ${GRADE})
 same => n(over),Hangup()
"""
ASKS_PLACE = """
; ---- the call-back that keeps its place ----
; Who waits and presses 1 hangs up, and a Local channel stands in the line at their place. Once an operator has taken
; it, the citizen is called, twice at most. QUEUEPOSITION is the place at which somebody left the queue.
[hotline-keys]
exten => @KEY@,1,Set(CALLER=${FILTER(+0-9,${CALLERID(num)})})
 ; Who hides their number cannot be called, and may say it; nobody has us call abroad or a number that costs.
 same => n,GotoIf($[0${REGEX("^([+]?84|0)[235789][0-9]{8,9}$" ${CALLER})} = 0]?hotline-message,${HOTLINE},1)
 ; A number has one place.
 same => n,GotoIf($[0${GROUP_COUNT(${CALLER}@place)} > 0]?kept)
 same => n,UserEvent(HotlineCallbackAsked,Linkedid: ${CHANNEL(linkedid)},Number: ${CALLER},Position: ${QUEUEPOSITION})
 same => n,Originate(Local/${CALLER}@hotline-callback/n,exten,hotline-place,${QUEUEPOSITION}*${QUEUE}*${CALLER},1,10,a)
 same => n(kept),Playback(caunoi/callback)
 same => n,Hangup()

; The half that waits: PLACE*QUEUE*NUMBER.
[hotline-place]
exten => _X.,1,Set(CHANNEL(hangup_handler_push)=hotline-hangup,s,1)
 same => n,Set(CALLERID(num)=${CUT(EXTEN,*,3)})
 same => n,Set(GROUP(place)=${CUT(EXTEN,*,3)})
"""
TURN = """
; The operator's phone is connected: the other half may call the citizen.
[hotline-turn]
exten => s,1,Set(GLOBAL(TURN-${CHANNEL(linkedid)})=1)
 same => n,Return()

; The half that calls.
[hotline-callback]
exten => _[+0-9]!,1,Answer()
 same => n,Set(TURN=TURN-${CHANNEL(linkedid)})
 same => n(wait),Wait(0.5)
 same => n,GotoIf($["${GLOBAL(${TURN})}" != "1"]?wait)
 same => n,Set(GLOBAL(${TURN})=)
 same => n,Set(CALLERID(num)=${HOTLINE})
 same => n,Set(CITIZEN=${EXTEN})
 same => n,ExecIf($["${EXTEN:0:3}" = "+84"]?Set(CITIZEN=0${EXTEN:3}))
 same => n,ExecIf($["${EXTEN:0:2}" = "84"]?Set(CITIZEN=0${EXTEN:2}))
 same => n,Dial(PJSIP/${CITIZEN}@${TRUNK},25)
 same => n,Wait(2)
 same => n,Dial(PJSIP/${CITIZEN}@${TRUNK},25)
 same => n,Hangup()
"""
PASSWORDS = """
; Cầu Nối has the digest of a browser phone's password of today written down here, by Originate; no phone can dial it.
[hotline-password]"""
RECORDS_OWN = (
    " ; Only a call of our own: one that is handed over or called into another is recorded there, or not to be.\n"
    ' same => n,ExecIf($["${CHANNEL(uniqueid)}${QUEUE}" = "${CHANNEL(linkedid)}"]?'
    "MixMonitor(${RECORDINGS}/${CHANNEL(linkedid)}.wav,b))"
)
STEERING = """
; ---- for the product: what an operator does with a call by a key ----
; A call's room, named by the call: both legs are led there by Redirect, and a colleague, 113 or 115 is called in. Those
; who serve keep it open; with the last of them the citizen's leg ends (confbridge.conf).
[hotline-conference]
exten => _[0-9A-Za-z].,1,Answer()
 same => n,ConfBridge(${EXTEN},,serving)
 same => n,Hangup()
[hotline-citizen]
exten => _[0-9A-Za-z].,1,Answer()
 same => n,ConfBridge(${EXTEN},,citizen)
 same => n,Hangup()

; On hold, for as long as somebody is in the room who can take them back.
[hotline-hold]
exten => _[0-9A-Za-z].,1,Answer()
 same => n(wait),MusicOnHold(,5)
 same => n,GotoIf($[0${CONFBRIDGE_INFO(parties,${EXTEN})} > 0]?wait)
 same => n,Goto(hotline-again,${HOTLINE},1)

; Handed over to a colleague or another number. Where nobody picks up, the citizen goes back.
[hotline-transfer]
exten => _[+0-9].,1,Dial(Local/${FILTER(+0-9,${EXTEN})}@@CONTEXT@/n,60)
 same => n,GotoIf($["${DIALSTATUS}" = "ANSWER"]?over)
 same => n,Goto(hotline-again,${HOTLINE},1)
 same => n(over),Hangup()

; To the head of the line.
[hotline-again]
exten => _[+0-9]!,1,Set(__QUEUE=${IF($["${QUEUE}" = ""]?${FIRST_QUEUE}:${QUEUE})})
 same => n,Set(QUEUE_PRIO=10)
 same => n,Goto(hotline-queue,${EXTEN},1)
"""
CHECKING = """
; `caunoi pbx check`: a call to the echo, which says what only the exchange knows.
[hotline-check]
exten => echo,1,Answer()
 same => n,UserEvent(HotlineCheck,Linkedid: ${CHANNEL(linkedid)},Files: ${FILES},Clock: ${EPOCH},\
Folder: ${STAT(d,${RECORDINGS})},\
Autofill: ${AST_CONFIG(queues.conf,${FIRST_QUEUE},autofill)},\
Codecs: ${PJSIP_ENDPOINT(${TRUNK},allow)})
 same => n,Echo()
 same => n,Hangup()
exten => talk,1,Answer()
 same => n,Wait(1)
 same => n,Hangup()
"""


def extensions(plan: Plan, files: str) -> str:
    parts = "\n".join(
        [
            HEAD,
            *_globals(plan, files),
            *_incoming(plan),
            *_hours(plan.hours),
            *([ASKS_CONSENT] if plan.consent else []),
            speaking.dialplan(
                plan.speaking, "hotline-first" if _has_first(plan) else "hotline-queue", keeps_place=plan.keeps_place
            ),
            *_first(plan),
            *_queueing(plan),
            MESSAGES,
            *([ASKS_GRADE] if plan.survey else []),
            *_place(plan),
            *_outgoing(plan),
            *_passwords(plan),
            STEERING.replace("@CONTEXT@", plan.context),
            CHECKING,
            '#tryinclude "own/extensions.conf"\n',
        ]
    )
    return re.sub(r"\n{3,}", "\n\n", parts)


def _globals(plan: Plan, files: str) -> Iterator[str]:
    yield f"""[globals]
HOTLINE = {plan.numbers[0]}
FIRST_QUEUE = {plan.queues[0].name}
; Seconds until who waits is asked for a message.
LONGEST = {plan.longest}
TRUNK = {plan.trunks[0].name if plan.trunks else "trunk"}
; Recordings and messages lie here, each named by its call. Cầu Nối reads this folder ("recordings" of its inbox).
RECORDINGS = {plan.recordings}
; The version of all files together: `caunoi pbx check` compares what the exchange has loaded.
FILES = {files}"""
    yield from speaking.variables(plan.speaking.live)


def _incoming(plan: Plan) -> Iterator[str]:
    yield GREETING
    if plan.consent:
        yield CONSENT
    yield RECORDING
    yield f" same => n,Goto({speaking.first(plan.speaking)},${{EXTEN}},1)"
    yield "\n; As the telephone company dials in.\n[from-trunk]"
    yield from (f"exten => {number},1,Goto(hotline,${{EXTEN}},1)" for number in plan.numbers)


def _hours(hours: Hours | None) -> Iterator[str]:
    yield """
; Open or closed, by the product's calendar. To close at once: asterisk -rx "database put hotline closed 1"; to go on by
; the hours: asterisk -rx "database del hotline closed".
[hotline-hours]
exten => s,1,GotoIf($["${DB(hotline/closed)}" = "1"]?closed)"""
    if hours:
        yield f" same => n,Set(NOW=${{STRFTIME(${{EPOCH}},{ZONE},%Y%m%d%H%M)}})"
        if hours.until:
            yield f" ; Days that differ from their weekday, as far as they are known: until {hours.until}."
        for day, spans in sorted(hours.days.items()):
            for start, end in spans:
                since, until = (f"{day:%Y%m%d}{_clock(minute, '')}" for minute in (start, end))
                yield f" same => n,GotoIf($[${{NOW}} >= {since} & ${{NOW}} < {until}]?open)"
            yield f' same => n,GotoIf($["${{NOW:0:8}}" = "{day:%Y%m%d}"]?closed)'
        for days, spans in _weekdays(hours):
            for start, end in spans:  # an end counts as inside: the last minute is the one before
                yield f" same => n,GotoIfTime({_clock(start)}-{_clock(end - 1)},{days},*,*,{ZONE}?open)"
        yield " same => n,Goto(closed)"
    yield """ same => n(open),Return(open)
 same => n(closed),Return(closed)"""


def _clock(minute: int, between: str = ":") -> str:
    return f"{minute // 60:02}{between}{minute % 60:02}"


def _weekdays(hours: Hours) -> Iterator[tuple[str, Spans]]:
    """Runs of weekdays that are alike: `mon-fri`."""
    for spans, days in groupby(range(len(WEEK)), key=lambda number: hours.week[number]):
        first, *rest = days
        yield f"{WEEK[first]}-{WEEK[rest[-1]]}" if rest else WEEK[first], spans


def _has_first(plan: Plan) -> bool:
    return bool(plan.skills) or _knows(plan)


def _knows(plan: Plan) -> bool:
    return plan.remembers and plan.speaking.live is not None


def _first(plan: Plan) -> Iterator[str]:
    """Where some operators are rung before all others. A caller who has been served there goes on as from the queue of
    all."""
    if not _has_first(plan):
        return
    yield FIRST
    if _knows(plan):
        yield LAST_OPERATOR.replace("@SECONDS@", str(SECONDS_TO_KNOW))
    if plan.skills:
        yield SKILLED.replace("@SECONDS@", str(plan.overflow)).replace("@AHEAD@", str(AHEAD))
    yield " same => n(all),Goto(hotline-queue,${EXTEN},1)"


def _queueing(plan: Plan) -> Iterator[str]:
    yield QUEUEING.replace("@OVER@", "Goto(hotline-survey,${EXTEN},1)" if plan.survey else "Hangup()")


def _place(plan: Plan) -> Iterator[str]:
    if plan.keeps_place:
        waits = "Queue(${CUT(EXTEN,*,2)},b(add-linkedid^s^1),,,3600"
        yield ASKS_PLACE.replace("@KEY@", KEEPS_PLACE).rstrip("\n")
        if not plan.consent:  # else nobody knows here what the citizen said
            yield " same => n,MixMonitor(${RECORDINGS}/${CHANNEL(linkedid)}.wav,b)"
        yield f" same => n,GotoIf($[${{VERSION(ASTERISK_VERSION_NUM)}} < {WITHOUT_MACROS}]?older)"
        yield f" same => n,{waits},,hotline-turn,,${{CUT(EXTEN,*,1)}})"
        yield " same => n,Hangup()"
        yield f" same => n(older),{waits},,,hotline-turn,,${{CUT(EXTEN,*,1)}})"
        yield " same => n,Hangup()"
        yield TURN


def _outgoing(plan: Plan) -> Iterator[str]:
    yield f"""
; ---- operators call out, transfer, and are reached ----
; Cầu Nối takes calls that begin in this context for outgoing ones.
[{plan.context}]
; Danger to life."""
    for number in EMERGENCY:
        yield f"exten => {number},1,{_dial(60)}"
        yield from _otherwise(plan, 60)
    yield "\n; Operators among themselves."
    for phone in plan.phones:
        yield f"exten => {phone.extension},1,Dial(PJSIP/${{EXTEN}},20)"
        yield " same => n,Hangup()"
    yield f"""
; Hear oneself: the test of a headset.
exten => {ECHO},1,Answer()
 same => n,Echo()
 same => n,Hangup()"""
    yield """
; Click-to-call and dialling by hand: the citizen sees the hotline's number. 00 is abroad; 1800 and 1900 numbers have no
; 0 in front."""
    for pattern in ("_0X.", "_1[89]00X."):
        yield f"exten => {pattern},1,Set(CHANNEL(hangup_handler_push)=hotline-hangup,s,1)"
        yield " same => n,Set(CALLERID(num)=${HOTLINE})"
        if not plan.consent:  # whom we call is told of no recording
            yield RECORDS_OWN
        yield f" same => n,{_dial(30)}"
        yield from _otherwise(plan, 30)
    yield """
; As a phone's address book has them: +84 912... is 0912..., +1... is 001...
exten => _+84X.,1,Goto(0${FILTER(0-9,${EXTEN:3})},1)
exten => _+[1-79]X.,1,Goto(00${FILTER(0-9,${EXTEN:1})},1)
exten => _+8[0-35-9]X.,1,Goto(00${FILTER(0-9,${EXTEN:1})},1)"""


def _passwords(plan: Plan) -> Iterator[str]:
    phones = [phone.extension for phone in plan.phones if phone.browser]
    if phones:
        yield PASSWORDS
    for extension in phones:
        whose = f'"username":"{extension}","realm":"{REALM}","md5_cred":"${{FILTER(0-9a-f,${{DIGEST}})}}"'
        proof = f'{{"auth_type":"md5",{whose}}}'
        yield f"exten => {extension},1,Set(DB(hotline/auth/browser-{extension})={proof})"
        yield " same => n,Answer()"
        yield " same => n,Hangup()"


def _dial(seconds: int) -> str:
    return f"Dial({_outside('${TRUNK}')},{seconds})"


def _outside(trunk: str) -> str:
    """Whom a trunk is to ring. What a phone dials may hold any letters, and Dial() rings all that an & joins."""
    return f"PJSIP/${{FILTER(0-9,${{EXTEN}})}}@{trunk}"


def _otherwise(plan: Plan, seconds: int) -> Iterator[str]:
    """Where the first line is gone, the next one is taken."""
    for trunk in plan.trunks[1:]:
        yield (
            ' same => n,ExecIf($["${DIALSTATUS}" = "CHANUNAVAIL" | "${DIALSTATUS}" = "CONGESTION"]?'
            f"Dial({_outside(trunk.name)},{seconds}))"
        )
    yield " same => n,Hangup()"
