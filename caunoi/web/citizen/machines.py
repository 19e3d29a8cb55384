"""What machines help with on this hotline, for citizens."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.directory.ai_register import HELPERS
from caunoi.directory.queries import is_helping
from caunoi.web.page import Page, render_page


@dataclass(frozen=True)
class MachinesPage(Page):
    """`sentences`: one for each helper that is on."""

    template = "citizen/machines.html"

    sentences: list[str]


def show(request: HttpRequest) -> HttpResponse:
    there = [one for one in HELPERS.values() if not one.setting or getattr(settings, one.setting)]
    return render_page(request, MachinesPage([_(one.public) for one in there if is_helping(one.key)]))
