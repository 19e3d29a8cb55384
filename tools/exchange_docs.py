"""docs/asterisk: what `caunoi pbx write` makes for an example province, without its passwords.

Run: .venv/bin/python -m tools.exchange_docs
"""

from datetime import date
from pathlib import Path

from caunoi.telephony import files
from caunoi.telephony.plan import CallQueue, Hours, Plan, Telephone, Trunk
from caunoi.telephony.speaking import Act, KeyChoice, KeyMenu, LiveDoor, Speaking

DOCS = Path(__file__).resolve().parents[1] / "docs" / "asterisk"
FROM_SEVEN_TO_NINE = ((7 * 60, 21 * 60),)
EXAMPLE = Plan(
    numbers=("1022", "02713881022"),
    trunks=(Trunk(name="trunk", address="198.51.100.10"), Trunk(name="trunk2", address="203.0.113.10:5070")),
    phones=tuple(
        Telephone(extension=str(number), name=f"Tổng đài viên {number}", browser=number > 108)
        for number in range(101, 111)
    ),
    hours=Hours(week=(FROM_SEVEN_TO_NINE,) * 7, days={date(2027, 2, 6): ((7 * 60, 11 * 60 + 30),)}),
    consent=True,
    keeps_place=True,
    skills=("dien", "sti"),
    remembers=True,
    queues=(CallQueue(name="tongdai1022"), CallQueue(name="thutuc")),
    speaking=Speaking(
        menus=(
            KeyMenu(
                code="main",
                choices={
                    "1": KeyChoice(act=Act.QUEUE, target="tongdai1022", field="dien"),
                    "2": KeyChoice(act=Act.MENU, target="procedures"),
                    "3": KeyChoice(act=Act.TICKET),
                    "4": KeyChoice(act=Act.MESSAGE),
                    "5": KeyChoice(act=Act.LANGUAGE, target="sti"),
                },
            ),
            KeyMenu(
                code="procedures",
                choices={
                    "1": KeyChoice(act=Act.QUEUE, target="thutuc"),
                    "2": KeyChoice(act=Act.SAY, target="procedures"),
                    "9": KeyChoice(act=Act.MENU, target="main"),
                },
            ),
        ),
        live=LiveDoor(address="http://127.0.0.1:8022/voice", key="random"),
    ),
)


def main() -> None:
    for name, text in files.write(EXAMPLE, "example").items():
        (DOCS / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
