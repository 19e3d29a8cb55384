"""A telephone exchange as the product meets it: the manager interface (AMI) of a small Asterisk 22, in a thread.

It keeps one queue's members by app_queue's own rules: who is added twice is refused, who is not there cannot be removed
or paused, an interface that no file names is Invalid (4), a phone that is not registered Unavailable (5), and a ring in
vain pauses (`autopause = yes`, reason "Auto-Pause"). Of calls that are steered it keeps where each channel is: one that
is not there cannot be led or hung up, and one that is led where the dialplan has nothing is cut off. Packets have the
fields of recorded transcripts. It imports nothing of the product."""

import contextlib
import itertools
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

type Packet = dict[str, str]
QUEUE = "tongdai1022"
IDLE, INVALID, UNAVAILABLE, RINGING = "1", "4", "5", "6"


def wire(packet: Packet) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in packet.items()).encode() + b"\r\n"


@dataclass
class Member:
    interface: str
    name: str
    paused: bool = False
    reason: str = ""


@dataclass
class Exchange:
    """`endpoints`: the phones that its files name; `registered`: those that are switched on. `with Exchange() as
    pbx`."""

    endpoints: set[str] = field(default_factory=lambda: {str(number) for number in range(101, 131)})
    registered: set[str] = field(default_factory=lambda: {str(number) for number in range(101, 131)})
    username: str = "caunoi"
    secret: str = "mat-khau-tong-dai"
    members: dict[str, Member] = field(default_factory=dict)
    asked: list[Packet] = field(default_factory=list)
    contexts: set[str] = field(
        default_factory=lambda: {"hotline-conference", "hotline-citizen", "hotline-hold", "hotline-transfer"}
    )
    places: dict[str, str] = field(default_factory=dict)  # of channels: a context, or the bridge of two
    dialled: dict[str, str] = field(default_factory=dict)  # whom we were asked to ring, by the channel's id

    def __post_init__(self) -> None:
        self._links: list[socket.socket] = []
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)

    # --- as the product sees it ---

    def __enter__(self) -> Self:
        exchange = self

        class Link(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.request.sendall(b"Asterisk Call Manager/11.0.0\r\n")
                with contextlib.suppress(OSError):
                    for action in self._actions():
                        exchange._do(action, self.request)
                with exchange._lock:
                    if self.request in exchange._links:
                        exchange._links.remove(self.request)

            def _actions(self) -> Iterator[Packet]:
                action: Packet = {}
                for raw in self.rfile:
                    line = raw.decode("utf-8", "replace").rstrip("\r\n")
                    if line:
                        key, _, value = line.partition(": ")
                        action[key] = value
                    elif action:
                        yield action
                        action = {}

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Link)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.hang_up_the_link()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def settings(self) -> dict[str, str]:
        """What the form of the telephone's inbox asks about it."""
        return {
            "host": "127.0.0.1",
            "port": str(self.port),
            "username": self.username,
            "secret": self.secret,
            "queues": QUEUE,
        }

    @property
    def linked(self) -> bool:
        return bool(self._links)

    @property
    def links(self) -> int:
        """How many hold a link at this moment."""
        return len(self._links)

    @property
    def logins(self) -> int:
        return sum(action.get("Action") == "Login" for action in self.asked)

    def hang_up_the_link(self) -> None:
        with self._lock:
            for link in self._links:
                with contextlib.suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
            self._links.clear()

    def _do(self, action: Packet, link: socket.socket) -> None:
        with self._lock:
            self.asked.append(action)
            mark = {"ActionID": action.get("ActionID", "")}
            match action.get("Action"):
                case "Login":
                    good = (action.get("Username"), action.get("Secret")) == (self.username, self.secret)
                    link.sendall(
                        wire({"Response": "Success" if good else "Error", **mark, "Message": "Authentication"})
                    )
                    if good:
                        self._links.append(link)
                        link.sendall(wire({"Event": "FullyBooted", "Status": "Fully Booted"}))
                case "QueueStatus":
                    self._list(link, mark, "QueueStatus", [self._member(one) for one in self.members.values()])
                case "CoreShowChannels":
                    self._list(link, mark, "CoreShowChannels", [])
                case "QueueAdd" | "QueueRemove" | "QueuePause":
                    refusal = self._queue(action)
                    link.sendall(
                        wire({"Response": "Error" if refusal else "Success", **mark, "Message": refusal or "OK"})
                    )
                case "Getvar":
                    there = any(f"({context}," in action["Variable"] for context in self.contexts)
                    link.sendall(wire({"Response": "Success", **mark, "Value": str(int(there))}))
                case "Redirect" | "Hangup":
                    refusal = self._steer(action)
                    link.sendall(
                        wire({"Response": "Error" if refusal else "Success", **mark, "Message": refusal or "OK"})
                    )
                case "Originate":
                    link.sendall(wire({"Response": "Success", **mark, "Message": "Originate successfully queued"}))
                    self._rings(action)
                case _:
                    link.sendall(wire({"Response": "Success", **mark}))

    def _list(self, link: socket.socket, mark: Packet, name: str, items: list[Packet]) -> None:
        link.sendall(wire({"Response": "Success", **mark, "EventList": "start"}))
        for item in items:
            link.sendall(wire({"Event": "QueueMember", **mark, **item}))
        end = {"Event": f"{name}Complete", **mark, "EventList": "Complete", "ListItems": str(len(items))}
        link.sendall(wire(end))

    def _steer(self, action: Packet) -> str:
        """What the manager answers; "" where it did it."""
        led = {action["Channel"]: action.get("Context", "")}
        if "ExtraChannel" in action:
            led[action["ExtraChannel"]] = action["ExtraContext"]
        if led.keys() - self.places.keys():
            return "Channel does not exist"
        for channel, context in led.items():
            if context in self.contexts:
                self.places[channel] = context
            else:
                del self.places[channel]
        return ""

    def _rings(self, action: Packet) -> None:
        call = action["ChannelId"]
        number = action["Channel"].partition("/")[2].partition("@")[0]
        self.dialled[call] = number
        local = "Local/" in action["Channel"]
        channel = f"{action['Channel'].removesuffix('/n')}-0000000c" + (";1" if local else "")
        own = {"Context": "from-agents", "Exten": number if local else "s", "Uniqueid": call, "Linkedid": call}
        self.say(Event="Newchannel", Channel=channel, **own)
        dest = {"DestChannel": channel, "DestUniqueid": call, "DestLinkedid": call}
        self.say(Event="DialBegin", **dest, DialString=action["Channel"].partition("/")[2])

    def _queue(self, action: Packet) -> str:
        """What app_queue answers; "" where it did it."""
        interface, paused = action["Interface"], action.get("Paused") in ("true", "1", "yes")
        there = self.members.get(interface)
        if action["Queue"] != QUEUE:
            return "Unable to find queue"
        match action["Action"]:
            case "QueueAdd":
                if there:
                    return "Unable to add interface: Already there"
                self.members[interface] = Member(interface, action.get("MemberName", interface), paused)
                self.say(Event="QueueMemberAdded", **self._member(self.members[interface]))
            case "QueueRemove":
                if not there:
                    return "Unable to remove interface: Not there"
                del self.members[interface]
                self.say(Event="QueueMemberRemoved", **self._member(there))
            case _:
                if not there:
                    return "Interface not found"
                self._pause(there, paused=paused, reason=action.get("Reason", ""))
        return ""

    def _pause(self, member: Member, *, paused: bool, reason: str) -> None:
        member.paused, member.reason = paused, reason if paused else ""
        self.say(Event="QueueMemberPause", **self._member(member))

    def _status(self, interface: str) -> str:
        phone = interface.partition("/")[2]
        return INVALID if phone not in self.endpoints else IDLE if phone in self.registered else UNAVAILABLE

    def _member(self, member: Member) -> Packet:
        return {
            "Queue": QUEUE,
            "MemberName": member.name,
            "Interface": member.interface,
            "Location": member.interface,
            "StateInterface": member.interface,
            "Membership": "dynamic",
            "Penalty": "0",
            "CallsTaken": "0",
            "LastCall": "0",
            "InCall": "0",
            "Status": self._status(member.interface),
            "Paused": "1" if member.paused else "0",
            "PausedReason": member.reason,
        }

    def say(self, **packet: str) -> None:
        """An event, at once, to whoever is signed in."""
        told = wire({"Event": packet.pop("Event"), "Timestamp": f"{time.time():.6f}", **packet})
        with self._lock:
            for link in list(self._links):
                with contextlib.suppress(OSError):
                    link.sendall(told)

    # --- what happens at it ---

    def signed_in_by_hand(self, phone: str, name: str) -> None:
        """Somebody at the exchange's own console puts a phone into the queue."""
        self._queue({"Action": "QueueAdd", "Queue": QUEUE, "Interface": f"PJSIP/{phone}", "MemberName": name})

    def unplug(self, phone: str) -> None:
        """A phone loses its registration."""
        self._register(phone, on=False)

    def plug_in(self, phone: str) -> None:
        self._register(phone, on=True)

    def _register(self, phone: str, *, on: bool) -> None:
        (self.registered.add if on else self.registered.discard)(phone)
        if member := self.members.get(f"PJSIP/{phone}"):
            self.say(Event="QueueMemberStatus", **self._member(member))

    def called(self, caller: str) -> str:
        """A citizen calls and stands in the queue; the id of the call."""
        call = f"{int(time.time())}.{next(self._numbers)}"
        root = self._root(call, caller)
        self.say(Event="Newchannel", Context="from-trunk", Exten="1022", **root)
        self.say(Event="QueueCallerJoin", Queue=QUEUE, Exten="1022", Position="1", Count="1", **root)
        return call

    def _root(self, call: str, caller: str = "") -> Packet:
        known = {"CallerIDNum": caller} if caller else {}
        return {"Channel": "PJSIP/trunk-0000000a", "Uniqueid": call, "Linkedid": call, **known}

    def _leg(self, call: str, phone: str) -> Packet:
        member = self.members[f"PJSIP/{phone}"]
        return {
            "Queue": QUEUE,
            "MemberName": member.name,
            "Interface": member.interface,
            "DestChannel": f"PJSIP/{phone}-0000000b",
            "DestUniqueid": f"{call}-b",
            "DestLinkedid": call,
        }

    def ring_in_vain(self, call: str, phone: str) -> None:
        """A phone rings for a call until its time is over, and is paused."""
        leg = self._leg(call, phone)
        self.say(Event="AgentCalled", **self._root(call), **leg)
        self.say(Event="AgentRingNoAnswer", **self._root(call), **leg, RingTime="15000")
        self._pause(self.members[f"PJSIP/{phone}"], paused=True, reason="Auto-Pause")

    def rings(self, call: str, phone: str) -> None:
        self.say(Event="AgentCalled", **self._root(call), **self._leg(call, phone))

    def answers(self, call: str, phone: str) -> None:
        """An operator picks up and talks with the caller."""
        self.say(Event="QueueCallerLeave", Queue=QUEUE, Position="1", Count="0", **self._root(call))
        self.say(Event="AgentConnect", **self._root(call), **self._leg(call, phone), HoldTime="2", RingTime="2")
        self.places |= {self._root(call)["Channel"]: "two", self._leg(call, phone)["DestChannel"]: "two"}

    def picks_up(self, party: str) -> None:
        """Whoever was called by the product's own wish answers."""
        dest = {"DestUniqueid": party, "DestLinkedid": party, "DestChannel": "Local/x@from-agents-0000000c;1"}
        self.say(Event="DialEnd", **dest, DialStatus="ANSWER")

    def leaves(self, call: str, phone: str) -> None:
        """An operator goes out of a room in which others talk on."""
        leg = self._leg(call, phone)
        self.say(Event="AgentComplete", **self._root(call), **leg, HoldTime="2", TalkTime="9", Reason="agent")
        own = {"Channel": leg["DestChannel"], "Uniqueid": leg["DestUniqueid"], "Linkedid": call}
        self.say(Event="Hangup", Cause="16", **own)

    def ends(self, call: str) -> None:
        """The citizen hangs up, and with them everybody who is still there."""
        self.say(Event="Hangup", Cause="16", **self._root(call))

    def hangs_up(self, call: str, phone: str) -> None:
        """The operator ends the talk."""
        leg = self._leg(call, phone)
        self.say(Event="AgentComplete", **self._root(call), **leg, HoldTime="2", TalkTime="9", Reason="agent")
        own = {"Channel": leg["DestChannel"], "Uniqueid": leg["DestUniqueid"], "Linkedid": call}
        self.say(Event="Hangup", Cause="16", **own)
        self.say(Event="Hangup", Cause="16", **self._root(call))

    def gives_up(self, call: str) -> None:
        self.say(Event="QueueCallerAbandon", Queue=QUEUE, HoldTime="9", Position="1", **self._root(call))
        self.say(Event="Hangup", Cause="16", **self._root(call))

    def leaves_a_message(self, call: str, folder: Path, sound: bytes) -> Path:
        """Nobody is there: the dialplan records a message, and says where when the caller hangs up."""
        self.say(Event="QueueCallerLeave", Queue=QUEUE, Position="1", Count="0", **self._root(call))
        exit_ = {"UserEvent": "HotlineQueueExit", "QueueStatus": "TIMEOUT"}
        self.say(Event="UserEvent", **exit_, **self._root(call))
        file = folder / f"{call}-message.wav"
        file.write_bytes(sound)
        told = {"UserEvent": "HotlineHangup", "VoicemailFile": f"/var/spool/asterisk/monitor/{file.name}"}
        self.say(Event="UserEvent", **told, VmStatus="HANGUP", **self._root(call))
        self.say(Event="Hangup", Cause="16", **self._root(call))
        return file

    def keeps_place(self, call: str, caller: str) -> str:
        """Who waits presses 1 and hangs up; a Local channel stands in the queue for them. The id of that call."""
        root = self._root(call, caller)
        self.say(Event="QueueCallerLeave", Queue=QUEUE, Position="1", Count="0", **root)
        asked = {"UserEvent": "HotlineCallbackAsked", "Number": caller, "Position": "1"}
        self.say(Event="UserEvent", **asked, **root)
        self.say(Event="Hangup", Cause="16", **root)
        turn = f"{int(time.time())}.{next(self._numbers)}"
        half = {"Uniqueid": turn, "Linkedid": turn, "Channel": f"Local/{caller}@hotline-callback-00000001;1"}
        self.say(Event="Newchannel", Context="hotline-callback", Exten=caller, **half)
        dest = {"DestChannel": half["Channel"], "DestUniqueid": turn, "DestLinkedid": turn}
        self.say(Event="DialBegin", DialString=f"{caller}@hotline-callback/n", **dest)
        self.say(Event="DialEnd", DialStatus="ANSWER", **dest)
        place = {"CallerIDNum": caller, "Exten": f"1*{QUEUE}*{caller}"}
        self.say(Event="QueueCallerJoin", Queue=QUEUE, Position="1", Count="1", **place, **half)
        return turn

    def turn_is_answered(self, turn: str, caller: str, phone: str) -> None:
        """An operator picks up for who keeps a place; the citizen is called, and they talk."""
        name = f"Local/{caller}@hotline-callback-00000001"
        half = {"Uniqueid": turn, "Linkedid": turn, "Channel": f"{name};1"}
        leg = self._leg(turn, phone)
        self.say(Event="AgentCalled", **half, **leg)
        self.say(Event="QueueCallerLeave", Queue=QUEUE, Position="1", Count="0", **half)
        self.say(Event="AgentConnect", **half, **leg, HoldTime="2", RingTime="2")
        far = {"DestChannel": "PJSIP/trunk-0000000c", "DestUniqueid": f"{turn}-c", "DestLinkedid": turn}
        other = {"Channel": f"{name};2", "Uniqueid": f"{turn}-2", "Linkedid": turn}
        self.say(Event="DialBegin", DialString=f"{caller}@trunk", **other, **far)
        self.say(Event="DialEnd", DialStatus="ANSWER", **other, **far)
        time.sleep(1)
        self.say(Event="AgentComplete", **half, **leg, HoldTime="2", TalkTime="1", Reason="agent")
        self.say(Event="Hangup", Cause="16", **half)
