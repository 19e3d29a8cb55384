"""The hidden field by which a form of the staff keeps what is typed into it; see web/drafts.py."""

import json
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.timezone import localtime

from caunoi.web.drafts import FIELD, drafts, form_of, fresh, typed

register = template.Library()


@register.simple_tag(takes_context=True)
def draft(context: Context, kind: str, key: Any = "", form: Any = "") -> str:
    """{% draft "ticket" ticket.pk "answer" %} after {% csrf_token %}. A form that was refused brings back what was
    sent, any other what was kept. The form itself says autocomplete="off", or the browser puts old words back."""
    request = getattr(context, "request", None)
    if request is None or not request.user.is_authenticated:
        return ""
    about, name = f"{kind}-{key}" if key else kind, str(form)
    fields, at, window = {}, "", ""
    sent = form_of(request)
    if sent and (sent.about, sent.form) == (about, name):
        fields = typed(request)
    elif row := drafts(request).get((about, name)):
        fields, at, window = row.fields, f"{localtime(row.at):%H:%M}", row.window
    return format_html(
        '<input type="hidden" name="{}" value="{}" data-form="{}/{}"{}>',
        FIELD,
        fresh(request.user.pk, about, name).token(),
        about,
        name,
        format_html(' data-kept="{}" data-at="{}" data-window="{}"', json.dumps(fields, ensure_ascii=False), at, window)
        if fields
        else "",
    )
