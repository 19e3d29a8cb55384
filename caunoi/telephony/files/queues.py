"""queues.conf."""

from collections.abc import Iterator

from caunoi.telephony.plan import CallQueue, Plan
from caunoi.telephony.skills import own_queue, skill_queue

HEAD = """
; The hotline's queues. No operators are listed: Cầu Nối signs them in and out (QueueAdd, QueueRemove) and pauses them
; with a reason, so that the app is the one truth about who works. It also signs out whoever it did not sign in.

[general]
; The bridge says again who works whenever it connects; Asterisk need not remember.
persistentmembers = no
log_membername_as_agent = yes
; Without it (Asterisk's own default!) only the first of the line is offered to anybody, however many are free.
autofill = yes
; Whoever serves several queues has written up their last call in all of them before the next one rings.
shared_lastcall = yes
"""


def queues(plan: Plan) -> str:
    hotline = (text for queue in plan.queues for text in _queue(queue, plan))
    return "\n".join([HEAD, *hotline, *_beside(plan), INCLUDE])


def _beside(plan: Plan) -> Iterator[str]:
    """The queues of skills and of single operators. Nothing is said of a place in the line in them, which is not the
    caller's place in all."""
    first = plan.queues[0]
    if plan.skills:
        yield "; Those who speak a language or know a field. Where none of them serves, the caller goes on at once."
    for code in plan.skills:
        yield from _short(skill_queue(code), first, "unavailable,invalid,paused")
    if plan.remembers:
        yield "; Each operator, for callers who know them. Where they are not free, the caller goes on at once."
        for phone in plan.phones:
            yield from _short(own_queue(phone.extension), first, "unavailable,invalid,paused,inuse,ringing,wrapup")


def _short(name: str, like: CallQueue, nobody: str) -> Iterator[str]:
    yield f"""[{name}]
autofill = yes
strategy = {like.strategy}
timeout = {like.rings}
retry = 1
wrapuptime = 2
ringinuse = no
autopause = all
autopausebusy = yes
autopauseunavail = yes
joinempty = {nobody}
leavewhenempty = {nobody}
servicelevel = 20
announce-frequency = 0
queue-youarenext =
queue-thankyou =
musicclass = default
maxlen = 0
"""


def _queue(queue: CallQueue, plan: Plan) -> Iterator[str]:
    yield f"""[{queue.name}]
autofill = yes
; {STRATEGY[queue.strategy]}
strategy = {queue.strategy}
; Seconds a phone rings before the next one does, and before the caller is offered again.
timeout = {queue.rings}
retry = 1
; Writing up is a state of the app (a pause with a reason). These seconds only give it the time to say so.
wrapuptime = 2
; No second call on a phone that talks.
ringinuse = no
; Who does not answer, or refuses, is paused in all queues, so that the next call rings at somebody else. Cầu Nối shows
; it to the operator, who comes back by one click, and to the supervisor. Without it leastrecent rings the same absent
; operator again and again.
autopause = all
autopausebusy = yes
autopauseunavail = yes
; Callers wait while operators only talk or pause; where nobody is signed in, or no phone can be reached, they are asked
; for a message at once. A member without a phone counts as none.
joinempty = unavailable,invalid
leavewhenempty = unavailable,invalid
; Answered within so many seconds counts as served in time.
servicelevel = 20
; While something is said to a caller, nobody can be put through to them: how many wait before them they hear before
; they enter (hotline-wait), in their own language, and then music.
announce-frequency = 0
announce-holdtime = no
announce-position = no
queue-youarenext =
queue-thankyou =
musicclass = default
maxlen = 0"""
    if plan.keeps_place:
        yield """; A caller who presses 1 is called when it is their turn.
context = hotline-keys"""
    yield ""


STRATEGY = {
    "leastrecent": "Who has waited longest for a call is rung first.",
    "rrmemory": "One after the other, beginning behind whoever was rung last.",
    "fewestcalls": "Who has taken the fewest calls is rung first.",
    "random": "Somebody who is free, by chance.",
    "linear": "In the order in which they signed in; the first one has the most work.",
    "ringall": "Everybody who is free is rung, for one caller after the other.",
}
INCLUDE = '#tryinclude "own/queues.conf"\n'
