"""The product's addresses, and the gallery's, which who sets up may see."""

from django.urls import path

from caunoi.urls import handler400, handler403, handler404, handler500
from caunoi.urls import urlpatterns as product
from tools.gallery import views

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("gallery/", views.show, name="setup:gallery"), *product]
