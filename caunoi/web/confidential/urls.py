from django.urls import path

from caunoi.web.confidential import pages

app_name = "confidential"
urlpatterns = [
    path("", pages.listing, name="home"),
    path("<str:code>/", pages.detail, name="case"),
    path("<str:code>/do", pages.do, name="do"),
    path("<str:code>/files/<int:pk>", pages.file, name="file"),
    path("<str:code>/papers/<slug:paper>.docx", pages.paper, name="paper"),
]
