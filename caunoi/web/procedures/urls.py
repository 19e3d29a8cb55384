from django.urls import path

from caunoi.web.procedures import gaps, home, imports, one, outdated, synonyms, templates

app_name = "procedures"
urlpatterns = [
    path("", home.listing, name="home"),
    path("imports/", imports.listing, name="imports"),
    path("imports/<int:pk>/", imports.detail, name="import"),
    path("imports/<int:pk>/oddities.csv", imports.oddities, name="oddities"),
    path("imports/<int:pk>/do", imports.do, name="import-do"),
    path("gaps/", gaps.show, name="gaps"),
    path("synonym", gaps.synonym, name="synonym"),
    path("synonyms/", synonyms.listing, name="synonyms"),
    path("synonyms/new", synonyms.write, name="synonym-new"),
    path("synonyms/active", synonyms.active, name="synonym-active"),
    path("synonyms/<int:pk>/undo", synonyms.undo, name="synonym-undo"),
    path("outdated/", outdated.listing, name="outdated"),
    path("outdated/<int:pk>/settle", outdated.settle, name="settle"),
    path("templates/", templates.listing, name="templates"),
    path("templates/new", templates.write, name="template-new"),
    path("templates/<int:pk>/", templates.write, name="template"),
    path("templates/<int:pk>/active", templates.active, name="template-active"),
    path("<code>/", one.show, name="one"),
    path("<code>/compare", one.compare_versions, name="compare"),
    path("<code>/note", one.note, name="note"),
    path("<code>/note/<int:pk>", one.note_active, name="note-active"),
    path("<code>/put-back", one.put_back, name="put-back"),
    path("<code>/retire", one.retire, name="retire"),
]
