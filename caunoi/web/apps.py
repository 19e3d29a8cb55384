import os
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

from caunoi.host import home


class WebConfig(AppConfig):
    name = "caunoi.web"

    def __init__(self, *args: Any) -> None:
        """All processes of a home count into one folder, so that any of them can report for all. prometheus_client
        reads its place when it is first imported: before any app is ready, since tasks import what counts."""
        super().__init__(*args)
        try:
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(home.prepare(settings.HOME / "metrics")))
        except OSError:
            pass  # the doctor says it; each process counts for itself

    def ready(self) -> None:
        import_string("caunoi.web.signed_in.connect")()  # models are there only now
