"""Records of our own in the portal's shape, and files made of them."""

import gzip
import io
import json
from typing import Any

import openpyxl

HEADER = ("Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực")


def raw(code: str = "1.000001", **values: Any) -> dict[str, Any]:
    """One record as the portal gives it."""
    return {
        "ma_thu_tuc": code,
        "ten_thu_tuc": f"Cấp giấy số {code}",
        "so_quyet_dinh": "10/QĐ-BTP",
        "cap_thuc_hien": "Cấp xã",
        "loai_thu_tuc": "Loại khác",
        "linh_vuc": "Hộ tịch",
        "doi_tuong_thuc_hien": "Công dân Việt Nam",
        "detail_url": f"https://example.org/{code}",
        "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
        "trinh_tu_thuc_hien": "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả.",
        "yeu_cau_dieu_kien": "Không có thông tin",
        "cach_thuc_thuc_hien": "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp5 Ngày làm việcMiễn phí",
        "thanh_phan_ho_so": "--Tên giấy tờMẫu đơn, tờ khaiSố lượngTờ khai1 bản chính",
        "can_cu_phap_ly": "Tên văn bản pháp lýMã văn bảnLuật Hộ tịch60/2014/QH13",
        "ket_qua_xu_ly": "Giấy chứng nhậnMã: KQ.G1.01",
        "_agency_dir": "bo-tu-phap",
        **values,
    }


def lines(*records: dict[str, Any], packed: bool = False) -> bytes:
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
    return gzip.compress(text) if packed else text


def sheet(*rows: tuple[Any, ...], header: tuple[Any, ...] = HEADER) -> bytes:
    """A list as the portal exports it: a title cell, the header, the rows."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", *(None,) * 4))
    page.append(header)
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row(code: str, name: str = "", agency: str = "Ủy ban nhân dân cấp xã") -> tuple[str, ...]:
    return (code, name or f"Cấp giấy số {code}", "Bộ Tư pháp", agency, "Hộ tịch")
