from typing import Any

from django.conf import settings
from django.http import HttpRequest

from caunoi.directory.queries import option


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page needs: the hotline's name and number, the theme, who looks."""
    theme = request.COOKIES.get("theme", "")
    return {
        "hotline": {"name": option("hotline_name"), "phone": option("hotline_phone")},
        "theme": theme if theme in ("light", "dark") else "",
        "demo": settings.DEMO,
        "public_url": settings.PUBLIC_URL,
    }
