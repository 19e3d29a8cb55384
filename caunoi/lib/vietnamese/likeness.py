"""Words that say nothing of what a report is about. Pure."""

COMMON = frozenset(
    "toi em minh chung anh chi ban ong ba co chu bac nguoi dan cua va hay hoac la thi ma de o tai tren duoi trong "
    "ngoai nay kia do day cac nhung mot hai ba nhieu rat qua lam bi duoc cho den tu voi khi nao gi da dang se con "
    "chua khong xin vui long giup nho gui kinh cam on ngay hom qua tuan thang nam lau roi nua cung moi".split()
)
"""Words that any report may hold."""
