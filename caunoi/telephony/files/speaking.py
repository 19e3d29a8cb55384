"""The contexts of extensions.conf in which callers hear and press: menus, the state of a ticket, what is said before
they wait.

What the product answers is filtered to letters and digits before it is used, so that whatever stood in its place could
at most name another sound.
"""

from collections.abc import Iterator

from caunoi.telephony.speaking import MANY, Act, KeyChoice, KeyMenu, LiveDoor, Speaking

STEPS = 12  # menus and announcements of one call; then a person
PATIENCE = 2  # seconds for an answer of the product
KEYED = 9  # digits of a ticket's code

WAITING = """
; What is said before somebody waits: of incidents, for how long about, behind how many, and how not to wait.
[hotline-wait]
exten => _[+0-9]!,1,NoOp()"""
GOES_ON = " same => n(wait),Goto(@NEXT@,${EXTEN},1)"
ASKS_BEFORE = """ same => n,Set(CURLOPT(httptimeout)=@PATIENCE@)
 same => n,Set(CURLOPT(conntimeout)=@PATIENCE@)
 same => n,Set(ASKING=queue=${QUEUE}&field=${FIELD}&from=${FILTER(0-9,${CALLERID(num)})})
 same => n,Set(BEFORE=${CURL(${LIVE}/before,key=${LIVE_PASSWORD}&${ASKING})})
 same => n,Set(SOUND=${FILTER(0-9a-f,${CUT(BEFORE,*,2)})})
 same => n,Set(MINUTES=${FILTER(0-9,${CUT(BEFORE,*,1)})})
 same => n,Set(KNOWN=${FILTER(0-9A-Za-z,${CUT(BEFORE,*,4)})})
 same => n,Set(AHEAD=${FILTER(0-9,${CUT(BEFORE,*,3)})})
 same => n,GotoIf($["${AHEAD}" = ""]?hear)
 same => n,Set(QUEUE_PRIO=${AHEAD})
 same => n(hear),GotoIf($["${SOUND}" = ""]?quiet)
 same => n,Playback(${LIVE}/sound/${SOUND}.wav)
 same => n(quiet),GotoIf($["${MINUTES}" = ""]?place)
 same => n,Playback(caunoi/wait-${MINUTES})"""
PLACE = """ same => n(place),Set(PLACE=${QUEUE_WAITING_COUNT(${QUEUE})})
 same => n,GotoIf($[0${PLACE} = 0]?alone)
 same => n,Playback(caunoi/place-${IF($[${PLACE} > @MANY@]?@MANY@:${PLACE})})"""
NOBODY_BEFORE = " same => n(alone),NoOp()"
OFFERS_PLACE = """ same => n(alone),GotoIf($[0${PLACE} + 0${MINUTES} = 0]?wait)
 same => n,Playback(caunoi/keep)"""
ASKS_TICKET = """
; The state of a ticket, for whoever calls from the number that it was made with. Nothing else is said of it.
[hotline-ticket]
exten => _[+0-9]!,1,Read(CODE,caunoi/ticket-code,@KEYED@,,2,8)
 same => n,GotoIf($["${CODE}" = ""]?back)
 same => n,Set(CURLOPT(httptimeout)=@PATIENCE@)
 same => n,Set(CURLOPT(conntimeout)=@PATIENCE@)
 same => n,Set(ASKING=code=${FILTER(0-9,${CODE})}&from=${FILTER(0-9,${CALLERID(num)})})
 same => n,Set(STATE=${FILTER(a-z,${CURL(${LIVE}/ticket,key=${LIVE_PASSWORD}&${ASKING})})})
 same => n,GotoIf($["${STATE}" = ""]?back)
 same => n,Playback(caunoi/ticket-${STATE})
 same => n(back),Goto(hotline-menu-${MENU},${EXTEN},1)"""
SAYS = """
; An announcement as it is now; where the product does not answer, as it was when these files were written.
[hotline-say]
exten => _[+0-9]!,1,NoOp()"""
ASKS_PROMPT = """ same => n,Set(CURLOPT(httptimeout)=@PATIENCE@)
 same => n,Set(CURLOPT(conntimeout)=@PATIENCE@)
 same => n,Set(ASKING=prompt=${SAY}&language=${CHANNEL(language)})
 same => n,Set(SOUND=${FILTER(0-9a-f,${CURL(${LIVE}/prompt,key=${LIVE_PASSWORD}&${ASKING})})})
 same => n,GotoIf($["${SOUND}" = ""]?kept)
 same => n,Playback(${LIVE}/sound/${SOUND}.wav)
 same => n,Goto(hotline-menu-${MENU},${EXTEN},1)"""
FALLBACK = """ same => n(kept),Playback(caunoi/${SAY})
 same => n,Goto(hotline-menu-${MENU},${EXTEN},1)"""


def variables(live: LiveDoor | None) -> Iterator[str]:
    """What stands in [globals]."""
    if live:
        yield "; Where the product says what is true now, and the key to that and nothing else."
        yield f"LIVE = {live.address}"
        yield f"LIVE_PASSWORD = {live.key}"


def first(speaking: Speaking) -> str:
    """The context in which callers begin."""
    return f"hotline-menu-{speaking.menus[0].code}" if speaking.menus else "hotline-wait"


def dialplan(speaking: Speaking, queueing: str, *, keeps_place: bool) -> str:
    """The contexts, to be put into an extensions.conf that has hotline-message and `queueing`, the context in which
    callers wait; `keeps_place`: they may leave it and keep their place."""
    lines = [line for menu in speaking.menus for line in _menu(menu)]
    acts = {choice.act for menu in speaking.menus for choice in menu.choices.values()}
    if Act.TICKET in acts:
        lines.append(ASKS_TICKET)
    if Act.SAY in acts:
        lines += [SAYS, *([ASKS_PROMPT] if speaking.live else []), FALLBACK]
    lines += [WAITING, *([ASKS_BEFORE] if speaking.live else []), PLACE.replace("@MANY@", str(MANY))]
    lines += [OFFERS_PLACE if keeps_place else NOBODY_BEFORE, GOES_ON.replace("@NEXT@", queueing)]
    return "\n".join(lines).replace("@PATIENCE@", str(PATIENCE)).replace("@KEYED@", str(KEYED))


def _menu(menu: KeyMenu) -> Iterator[str]:
    """A menu; whoever presses nothing, 0 or another key goes on to a person."""
    name = f"hotline-menu-{menu.code}"
    yield f"""
[{name}]
exten => _[+0-9]!,1,Set(MENU={menu.code})
 same => n,Set(STEPS=$[0${{STEPS}} + 1])
 same => n,GotoIf($[${{STEPS}} > {STEPS}]?person)
 same => n,Read(CHOICE,caunoi/menu-{menu.code},1,,2,5)
 same => n,UserEvent(HotlineMenu,Linkedid: ${{CHANNEL(linkedid)}},Menu: {menu.code},Choice: ${{CHOICE}})"""
    chosen = sorted(menu.choices.items())
    yield from (f' same => n,GotoIf($["${{CHOICE}}" = "{key}"]?key{key})' for key, _choice in chosen)
    yield " same => n(person),Goto(hotline-wait,${EXTEN},1)"
    for key, choice in chosen:
        first_line, *rest = [*_sets(choice), f"Goto({_leads(choice, name)},${{EXTEN}},1)"]
        yield f" same => n(key{key}),{first_line}"
        yield from (f" same => n,{line}" for line in rest)


def _sets(choice: KeyChoice) -> Iterator[str]:
    if choice.field:
        yield f"Set(__FIELD={choice.field})"
    match choice.act:
        case Act.QUEUE:
            yield f"Set(__QUEUE={choice.target})"
        case Act.SAY:
            yield f"Set(SAY={choice.target})"
        case Act.LANGUAGE:
            yield f"Set(CHANNEL(language)={choice.target})"


def _leads(choice: KeyChoice, menu: str) -> str:
    match choice.act:
        case Act.MENU:
            return f"hotline-menu-{choice.target}"
        case Act.LANGUAGE:
            return menu
        case Act.QUEUE:
            return "hotline-wait"
        case _:
            return f"hotline-{choice.act}"
