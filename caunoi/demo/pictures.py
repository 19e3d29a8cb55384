"""Small flat drawings that stand for the photos of the demo: a street before and after the work. Pure."""

import io
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw

SIZE = (960, 720)
HORIZON, KERB = 400, 470
DAY, DUSK, NIGHT, STORM = "#b9d9ee", "#f0c9a0", "#1d2740", "#8b98a5"
SCENES = (
    "lamp-dark",
    "lamp-lit",
    "pothole",
    "road-mended",
    "rubbish",
    "clean",
    "street-flooded",
    "tree-down",
    "tree-cleared",
    "monument-dark",
    "monument-lit",
)
VARIANTS = 2

type _Part = Callable[[ImageDraw.ImageDraw, Random], None]


def draw(scene: str, variant: int = 0) -> bytes:
    """One scene as PNG, always the same for the same arguments. KeyError for an unknown scene."""
    r, street = Random(f"{scene} {variant}"), Random(f"street {variant}")  # before and after: the same street
    name, _, state = scene.partition("-")
    dark = name in ("lamp", "monument")
    sky = NIGHT if dark else STORM if state in ("flooded", "down") else street.choice((DAY, DUSK))
    image = Image.new("RGB", SIZE, sky)
    pen = ImageDraw.Draw(image, "RGBA")
    _houses(pen, street, dark)
    pen.rectangle((0, HORIZON, 960, KERB), fill="#55606b" if dark else "#a9a295")  # the pavement
    pen.rectangle((0, KERB, 960, 720), fill="#2b3138" if dark else "#5c6167")  # the road
    for x in range(-40, 960, 180):
        pen.rectangle((x, 585, x + 100, 597), fill="#6b7178" if dark else "#d8d8d0")
    PARTS[scene](pen, r)
    out = io.BytesIO()
    image.resize((SIZE[0] * 2 // 3, SIZE[1] * 2 // 3), Image.Resampling.BOX).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _houses(pen: ImageDraw.ImageDraw, r: Random, dark: bool) -> None:
    x = -r.randint(0, 60)
    while x < 960:
        width, height = r.randint(110, 190), r.randint(130, 260)
        wall = r.choice(("#2c3550", "#2a3147", "#333a52") if dark else ("#e8d9b5", "#dfe3d5", "#e6c8b4", "#cfdbe2"))
        pen.rectangle((x, HORIZON - height, x + width, HORIZON), fill=wall)
        roof = "#24293c" if dark else r.choice(("#a4533d", "#7d6a5b", "#8f3f36"))
        pen.polygon(
            [(x - 8, HORIZON - height), (x + width + 8, HORIZON - height), (x + width / 2, HORIZON - height - 46)],
            fill=roof,
        )
        for left in range(x + 18, x + width - 34, 52):
            lit = "#f4d47c" if dark and r.random() < 0.25 else "#1b2136" if dark else "#7ba3b8"
            pen.rectangle((left, HORIZON - height + 26, left + 28, HORIZON - height + 62), fill=lit)
        pen.rectangle(
            (x + width // 2 - 17, HORIZON - 64, x + width // 2 + 17, HORIZON), fill="#3a2f2a" if dark else "#7a5a44"
        )
        x += width + r.randint(6, 26)


def _post(pen: ImageDraw.ImageDraw, x: int, lit: bool) -> None:
    if lit:
        for grow in range(9, 0, -1):
            pen.polygon([(x + 74, 170), (x + 74 - grow * 26, 560), (x + 74 + grow * 26, 560)], fill=(255, 226, 140, 22))
        pen.ellipse((x + 34, 128, x + 114, 208), fill=(255, 238, 170, 120))
    pen.rectangle((x, 150, x + 12, KERB + 6), fill="#7d8792")
    pen.line((x + 6, 156, x + 70, 150), fill="#7d8792", width=9)
    pen.rectangle((x + 54, 148, x + 96, 166), fill="#fff3b8" if lit else "#454d57")


def _lamps(lit: bool) -> _Part:
    def part(pen: ImageDraw.ImageDraw, r: Random) -> None:
        for x in (110 + r.randint(-20, 20), 430, 740 + r.randint(-20, 20)):
            _post(pen, x, lit)

    return part


def _monument(lit: bool) -> _Part:
    def part(pen: ImageDraw.ImageDraw, r: Random) -> None:
        if lit:
            pen.ellipse((270, 60, 690, 520), fill=(255, 230, 150, 60))
            pen.ellipse((350, 110, 610, 480), fill=(255, 236, 170, 70))
        stone = "#d8cba8" if lit else "#3c4356"
        pen.rectangle((330, 440, 630, 474), fill=stone)
        pen.rectangle((375, 400, 585, 440), fill=stone)
        pen.polygon([(440, 400), (520, 400), (500, 110), (480, 70), (460, 110)], fill=stone)
        for x in (300, 640):
            pen.rectangle((x, 448, x + 26, 474), fill="#fff3b8" if lit else "#454d57")

    return part


def _road(broken: bool) -> _Part:
    def part(pen: ImageDraw.ImageDraw, r: Random) -> None:
        x, y = 380 + r.randint(-60, 60), 560
        if broken:
            pen.ellipse((x, y, x + 250, y + 96), fill="#3a3a38")
            pen.ellipse((x + 24, y + 18, x + 224, y + 84), fill="#7a6a55")
            pen.ellipse((x + 60, y + 34, x + 180, y + 74), fill="#93a7ad")
            for _ in range(14):
                px, py = x + r.randint(-40, 280), y + r.randint(-20, 110)
                pen.ellipse((px, py, px + 14, py + 9), fill="#8b857a")
        else:
            pen.rectangle((x - 20, y - 14, x + 280, y + 104), fill="#3f4348")

    return part


def _rubbish(pen: ImageDraw.ImageDraw, r: Random) -> None:
    for _ in range(38):
        x, y = r.randint(300, 660), r.randint(400, 505)
        colour = r.choice(("#2f3437", "#e9e5da", "#3d7a55", "#b4483c", "#d9a441", "#4a76a8"))
        pen.ellipse((x, y, x + r.randint(26, 64), y + r.randint(20, 44)), fill=colour)


def _clean(pen: ImageDraw.ImageDraw, r: Random) -> None:
    pen.rectangle((330, 385, 352, 470), fill="#6d7a80")
    pen.rectangle((290, 330, 392, 392), fill="#2f7d4f")
    pen.rectangle((600, 410, 650, 478), fill="#2f7d4f")
    pen.rectangle((594, 400, 656, 414), fill="#25653f")


def _flooded(pen: ImageDraw.ImageDraw, r: Random) -> None:
    pen.rectangle((0, 430, 960, 720), fill=(128, 112, 84, 235))
    for _ in range(46):
        x, y = r.randint(-20, 940), r.randint(440, 710)
        pen.line((x, y, x + r.randint(30, 110), y), fill=(205, 192, 160, 150), width=3)
    for _ in range(90):
        x, y = r.randint(0, 960), r.randint(0, 420)
        pen.line((x, y, x - 7, y + 26), fill=(235, 240, 245, 120), width=2)
    pen.rectangle((560, 470, 720, 520), fill="#a33b32")  # a car up to its windows
    pen.polygon([(590, 470), (620, 430), (690, 430), (712, 470)], fill="#c9d6dc")


def _tree(x: int, pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((x, 300, x + 22, 470), fill="#6b4a33")
    for dx, dy in ((-60, 190), (10, 160), (-20, 230), (40, 220)):
        pen.ellipse((x + dx, dy, x + dx + 110, dy + 100), fill="#3f7a43")


def _tree_down(pen: ImageDraw.ImageDraw, r: Random) -> None:
    pen.polygon([(120, 468), (160, 452), (640, 560), (632, 590)], fill="#6b4a33")
    for _ in range(12):
        x, y = r.randint(520, 800), r.randint(480, 620)
        pen.ellipse((x, y, x + 130, y + 84), fill=r.choice(("#3f7a43", "#356b3a", "#4c8a4d")))
    pen.polygon([(90, 470), (150, 470), (132, 430), (108, 424)], fill="#5a3d2a")


def _tree_cleared(pen: ImageDraw.ImageDraw, r: Random) -> None:
    pen.rectangle((110, 446, 152, 472), fill="#6b4a33")
    pen.ellipse((110, 438, 152, 454), fill="#c9a97c")
    _tree(700, pen)


PARTS: dict[str, _Part] = {
    "lamp-dark": _lamps(False),
    "lamp-lit": _lamps(True),
    "monument-dark": _monument(False),
    "monument-lit": _monument(True),
    "pothole": _road(True),
    "road-mended": _road(False),
    "rubbish": _rubbish,
    "clean": _clean,
    "street-flooded": _flooded,
    "tree-down": _tree_down,
    "tree-cleared": _tree_cleared,
}
