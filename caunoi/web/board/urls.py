from django.urls import path

from caunoi.web.board import directives, overdue, overview, reports, satisfaction, ticket, tickets

app_name = "board"
urlpatterns = [
    path("", overview.show, name="overview"),
    path("directives", directives.listing, name="directives"),
    path("directives/new", directives.new, name="directive-new"),
    path("directives/<int:pk>", directives.act, name="directive"),
    path("overdue", overdue.show, name="overdue"),
    path("overdue/ask", overdue.ask, name="overdue-ask"),
    path("overdue/report.pdf", overdue.file, name="overdue-file"),
    path("explanations", overdue.explanations, name="explanations"),
    path("explanations/<int:pk>", overdue.explanation, name="explanation"),
    path("reminders", overdue.reminders, name="reminders"),
    path("reports", reports.listing, name="reports"),
    path("reports/new", reports.new, name="report-new"),
    path("reports/<int:pk>", reports.show, name="report"),
    path("reports/<int:pk>/edit", reports.edit, name="report-edit"),
    path("reports/<int:pk>/do", reports.act, name="report-act"),
    path("reports/<int:pk>/restore", reports.restore, name="report-restore"),
    path("reports/<int:pk>/cases", reports.cases, name="report-cases"),
    path("reports/<int:pk>/file.<slug:form>", reports.file, name="report-file"),
    path("satisfaction", satisfaction.show, name="satisfaction"),
    path("tickets", tickets.show, name="tickets"),
    path("tickets/<code>", ticket.show, name="ticket"),
    path("tickets/<code>/why", ticket.why, name="why"),
    path("tickets/<code>/grant", ticket.grant, name="grant"),
]
