from django.urls import path

from caunoi.web.setup import gallery

app_name = "setup"
urlpatterns = [
    path("gallery/", gallery.show, name="gallery"),
]
