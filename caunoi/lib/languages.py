"""The languages of people in the province, each by its ISO 639 code and its own name. Pure."""

MOTHER_TONGUE = "vi"
SIGNED = frozenset({"vsl"})
"""Nobody speaks these on a telephone."""
LANGUAGES = {
    MOTHER_TONGUE: "Tiếng Việt",
    "sti": "S'Tiêng",
    "km": "ខ្មែរ",
    "cmo": "M'Nông",
    "rad": "Ê Đê",
    "vsl": "Ngôn ngữ ký hiệu",
}
SPOKEN = {code: name for code, name in LANGUAGES.items() if code not in SIGNED}
