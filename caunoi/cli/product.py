"""Sets up Django on import: commands that read or write the product's rows import it before the stages they need."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
django.setup()
