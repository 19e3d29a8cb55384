"""What the demo province takes reports about, who acts on it, and how long that may take: tables, written as rows."""

from datetime import timedelta

from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.queries import forget
from caunoi.routing.models import Rule
from caunoi.sla.models import Target

INFRASTRUCTURE = ("Hạ tầng đô thị", "Infrastructure")
ORDER = ("Môi trường, trật tự", "Environment and order")
PAPERS = ("Thủ tục hành chính", "Administrative procedures")
CARE = ("Y tế, giáo dục, an sinh", "Health, education, welfare")

#  code, name, English, icon, publish, kind, urgency, contact, group, description, English description
CATEGORIES = (
    ("lamps", "Đèn chiếu sáng công cộng", "Street lights", "lightbulb", "at_once", "report", "normal", False, INFRASTRUCTURE,
     "Đèn đường, đèn hẻm, đèn công viên không sáng, sáng cả ngày, cột nghiêng.",
     "Street and park lights that are out, burn all day, or poles that lean."),
    ("roads", "Đường sá, vỉa hè", "Roads and pavements", "construction", "at_once", "report", "normal", False, INFRASTRUCTURE,
     "Ổ gà, sụt lún, nắp cống vỡ, vỉa hè hỏng, công trình thi công không rào chắn.",
     "Potholes, sinking ground, broken covers and pavements, unfenced road works."),
    ("drains", "Thoát nước, ngập úng", "Drains and flooding", "droplets", "at_once", "report", "normal", False, INFRASTRUCTURE,
     "Cống nghẹt, nước tràn lên đường, ngập sau mưa.", "Blocked drains, water on the road, flooding after rain."),
    ("power", "Cung cấp điện", "Electricity", "zap", "at_once", "report", "urgent", False, INFRASTRUCTURE,
     "Mất điện, điện yếu, dây điện chùng, hóa đơn tiền điện.", "Power cuts, low voltage, hanging cables, power bills."),
    ("water", "Nước sạch", "Tap water", "glass-water", "at_once", "report", "normal", False, INFRASTRUCTURE,
     "Mất nước, nước đục, vỡ ống, hóa đơn tiền nước.", "No water, cloudy water, burst pipes, water bills."),
    ("telecom", "Viễn thông, internet", "Telephone and internet", "wifi", "at_once", "report", "normal", False, INFRASTRUCTURE,
     "Mất mạng, sóng yếu, cáp viễn thông rơi, tin nhắn rác.", "No connection, weak signal, fallen cables, spam messages."),
    ("trees", "Cây xanh, công viên", "Trees and parks", "trees", "at_once", "report", "normal", False, INFRASTRUCTURE,
     "Cây đổ, cành khô, cây che biển báo, đồ chơi công viên hỏng.", "Fallen trees, dead branches, broken playgrounds."),
    ("traffic", "Giao thông, xe buýt", "Traffic and buses", "traffic-cone", "review", "report", "normal", False, INFRASTRUCTURE,
     "Đèn tín hiệu hỏng, biển báo, đậu xe sai, xe quá tải, xe buýt.", "Signals, signs, parking, overloaded lorries, buses."),
    ("rubbish", "Rác thải, vệ sinh", "Rubbish", "trash-2", "at_once", "report", "normal", False, ORDER,
     "Rác không được gom, bãi rác tự phát, xác động vật.", "Rubbish not collected, wild dumps, dead animals."),
    ("pollution", "Ô nhiễm môi trường", "Pollution", "factory", "review", "report", "complex", False, ORDER,
     "Mùi hôi trang trại, nước thải, khói bụi, khai thác cát.", "Smells, waste water, smoke and dust, sand mining."),
    ("noise", "Tiếng ồn, karaoke", "Noise", "volume-2", "review", "report", "normal", False, ORDER,
     "Karaoke, loa kéo, quán nhậu, xưởng sản xuất làm ồn.", "Karaoke, loudspeakers, bars, workshops."),
    ("order", "An ninh trật tự", "Public order", "shield-alert", "review", "report", "normal", True, ORDER,
     "Tụ tập gây rối, nghi trộm cắp, tín dụng đen, lừa đảo qua mạng.", "Disturbances, suspected theft, loan sharks, scams."),
    ("encroachment", "Lấn chiếm lòng lề đường", "Blocked pavements", "store", "review", "report", "normal", False, ORDER,
     "Buôn bán, đậu xe, để vật liệu trên vỉa hè, lòng đường.", "Trading, parking or building material on pavements."),
    ("building", "Trật tự xây dựng", "Building control", "building-2", "review", "report", "complex", False, ORDER,
     "Xây không phép, sai phép, làm nứt nhà bên cạnh.", "Building without a permit or beyond it, damage to neighbours."),
    ("procedures", "Hỏi về thủ tục hành chính", "Questions on procedures", "file-text", "review", "question", "normal", False,
     PAPERS, "Hồ sơ gồm những gì, nộp ở đâu, bao lâu, lệ phí.", "Which papers, where, how long, what it costs."),
    ("land", "Đất đai, sổ đỏ", "Land", "map", "review", "report", "complex", True, PAPERS,
     "Hồ sơ đất đai trễ hẹn, tách thửa, quy hoạch, tranh chấp ranh.", "Late land papers, splitting plots, planning."),
    ("identity", "Cư trú, căn cước, hộ tịch", "Identity papers", "id-card", "review", "report", "normal", True, PAPERS,
     "Căn cước, VNeID, đăng ký cư trú, khai sinh, kết hôn.", "Identity cards, VNeID, residence, births and marriages."),
    ("conduct", "Thái độ phục vụ", "Conduct of officials", "user", "never", "report", "complex", True, PAPERS,
     "Thái độ, tác phong của cán bộ, công chức khi giải quyết công việc.", "How officials behave when they serve people."),
    ("health", "Y tế, an toàn thực phẩm", "Health and food safety", "heart-pulse", "review", "report", "normal", False, CARE,
     "Khám chữa bệnh, dịch bệnh, tiêm chủng, bếp ăn, hàng quán.", "Hospitals, epidemics, vaccination, canteens and eateries."),
    ("education", "Giáo dục", "Education", "school", "review", "report", "normal", False, CARE,
     "Tuyển sinh, thu chi trường học, dạy thêm, an toàn cổng trường.", "Admission, school fees, extra lessons, school gates."),
    ("welfare", "Bảo hiểm, việc làm, an sinh", "Insurance, work, welfare", "handshake", "review", "report", "normal", True, CARE,
     "BHYT, BHXH, trợ cấp, nợ lương, người có công, hộ nghèo.", "Insurance, allowances, unpaid wages, veterans, the poor."),
    ("children", "Bảo vệ trẻ em", "Protection of children", "baby", "never", "report", "urgent", False, CARE,
     "Trẻ bị bạo hành, bỏ rơi, lao động sớm. Nguy hiểm: gọi ngay 111.",
     "Children hurt, left or made to work. In danger: call 111."),
    ("other", "Vấn đề khác", "Something else", "message-circle", "review", "report", "normal", False, CARE,
     "Không thấy lĩnh vực phù hợp: cứ gửi, tổng đài sẽ xếp giúp.", "Nothing fits: send it, the hotline will sort it."),
)  # fmt: skip

OF_COMMUNE = "commune"
#  category, agency (or the commune's committee), since hour, until hour
RULES: tuple[tuple[str, str, int | None, int | None], ...] = (
    ("lamps", "xncongtrinh", None, None), ("trees", "xncongtrinh", None, None), ("roads", "bqlduongbo", None, None),
    ("drains", "thoatnuoc", None, None), ("power", "dienluc", None, None), ("water", "capnuoc", None, None),
    ("telecom", "vnpt", None, None), ("traffic", "csgt", None, None), ("rubbish", OF_COMMUNE, None, None),
    ("pollution", "snnmt", None, None), ("noise", OF_COMMUNE, None, None), ("noise", "catp", 22, 6),
    ("order", "catp", None, None), ("encroachment", OF_COMMUNE, None, None), ("building", OF_COMMUNE, None, None),
    ("procedures", "tthcc", None, None), ("land", "vpdkdd", None, None), ("identity", "qlhc", None, None),
    ("conduct", "snoivu", None, None), ("health", "syte", None, None), ("education", "sgddt", None, None),
    ("welfare", "bhxh", None, None), ("children", "syte", None, None), ("other", OF_COMMUNE, None, None),
)  # fmt: skip
# The north has waterworks of its own.
NORTH_WATER = ("25195", "25210", "25217", "25220", "25270", "25326", "25333", "25357", "25363", "25432", "25441")

#  clock, category, urgency, days, minutes, calendar
TARGETS: tuple[tuple[str, str, str, int | None, timedelta | None, str], ...] = (
    ("accept", "", "", None, timedelta(minutes=15), "always"),
    ("forward", "", "", None, timedelta(minutes=5), "always"),
    ("agency_accept", "", "", None, timedelta(hours=8), "office"),
    ("handle", "", "", 5, None, "office"),
    ("handle", "", "urgent", None, timedelta(hours=4), "office"),
    ("handle", "", "complex", 15, None, "office"),
    *(("handle", code, "normal", 2, None, "office") for code, *_, group, _, _ in CATEGORIES if group is INFRASTRUCTURE),
    ("reply", "", "", None, timedelta(hours=8), "office"),
)

# Things that are everybody's are shown where they stand; all else by its street.
EXACT = {"lamps", "roads", "drains", "trees", "traffic"}


def build() -> None:
    """Write the tables that lack; called again it changes nothing."""
    for order, row in enumerate(CATEGORIES, 1):
        code, name, name_en, icon, publish, kind, urgency, contact, group, description, description_en = row
        Category.objects.get_or_create(
            code=code,
            defaults={
                "name": name, "name_en": name_en, "icon": icon, "publish": publish, "kind": kind, "urgency": urgency,
                "needs_contact": contact, "group": group[0], "group_en": group[1], "description": description,
                "description_en": description_en, "order": order * 10, "place": "exact" if code in EXACT else "street",
            },
        )  # fmt: skip
    forget()
    categories = {c.code: c for c in Category.objects.all()}
    agencies = {a.code: a for a in Agency.objects.filter(area=None)}
    if not Rule.objects.exists():
        _rules(categories, agencies)
    if not Target.objects.exists():
        Target.objects.bulk_create(
            Target(
                clock=clock, category=categories.get(category), urgency=urgency, days=days, calendar=calendar,
                minutes=None if length is None else length // timedelta(minutes=1),
            )
            for clock, category, urgency, days, length, calendar in TARGETS
        )  # fmt: skip


def _rules(categories: dict[str, Category], agencies: dict[str, Agency]) -> None:
    Rule.objects.bulk_create(
        Rule(
            category=categories[category], agency=agencies.get(to), of_area="" if to in agencies else to,
            since_hour=since, until_hour=until, order=number * 10,
        )
        for number, (category, to, since, until) in enumerate(RULES, 1)
    )  # fmt: skip
    Rule.objects.bulk_create(
        Rule(category=categories["water"], area=area, agency=agencies["capnuocbp"], order=500)
        for area in Area.objects.filter(code__in=NORTH_WATER, valid_to=None).order_by("code")
    )
