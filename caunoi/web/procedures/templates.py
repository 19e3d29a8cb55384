"""Answer templates: the pages where reviewers write them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.answers import actions, queries
from caunoi.answers.models import Citation, Template
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor


class TemplateForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("What it is called"), max_length=150)
    text = forms.CharField(
        label=gettext_lazy("Answer to the citizen"),
        help_text=gettext_lazy(
            "A procedure's code in the text (1.004222) makes it a source: when it changes, you are notified."
        ),
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=10_000,
    )


@dataclass(frozen=True)
class AnswerTemplateLine:
    """A template with what it rests on."""

    row: Template
    citations: Sequence[Citation]


@dataclass(frozen=True)
class AnswerTemplatesPage(Page):
    template = "procedures/templates.html"

    rows: list[AnswerTemplateLine]


@dataclass(frozen=True, kw_only=True)
class AnswerTemplatePage(Page):
    """A template that is written, or the `existing` one."""

    template = "procedures/template.html"

    form: TemplateForm
    existing: Template | None


def listing(request: HttpRequest) -> HttpResponse:
    templates = queries.by_name(queries.templates(every=True))
    rows = [AnswerTemplateLine(row, list(queries.resting(row))) for row in templates]
    return render_page(request, AnswerTemplatesPage(rows))


def write(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    template = queries.template(pk) if pk is not None else None
    if pk is not None and template is None:
        raise Http404
    initial = {"name": template.name, "text": template.text} if template else {}
    form = TemplateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.write_template(**form.cleaned_data, by=actor(request), template=template)
        except IntegrityError:
            form.add_error("name", _("There is a template of this name already."))
        else:
            messages.success(request, _("Saved."))
            return redirect("procedures:templates")
    page = AnswerTemplatePage(form=form, existing=template)
    return render_page(request, page, status=422 if form.errors else 200)


@require_POST
def active(request: HttpRequest, pk: int) -> HttpResponse:
    template = or_404(queries.template(pk))
    actions.set_template(template, by=actor(request), active=not template.active)
    return redirect("procedures:templates")
