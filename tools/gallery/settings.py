"""The product's settings, and the gallery beside its pages."""

from caunoi.settings import *  # noqa: F403

ROOT_URLCONF = "tools.gallery.urls"
SILENCED_SYSTEM_CHECKS = ["urls.W003"]  # the colon of its name: the row of the access table that lets in
