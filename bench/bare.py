"""The limits of the parts: Django with nothing in it, on the same server. `/` answers, `/insert` keeps one row
first."""

import json
import socket
import sys

import django
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path


def nothing(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"ok": True})


def insert(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (text) VALUES (%s) RETURNING id", [request.POST["description"]])
        return JsonResponse({"id": cursor.fetchone()[0]})


urlpatterns = [path("", nothing), path("insert", insert)]

if __name__ == "__main__":
    fd, database = int(sys.argv[1]), json.loads(sys.argv[2])
    engine = {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    settings.configure(
        ROOT_URLCONF="bench.bare",
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": {**engine, **database}},
        SECRET_KEY="bench",
        TRUSTED_PROXIES=[],
        MIDDLEWARE=[],
    )
    django.setup()
    from caunoi.web import serve  # it reads settings

    serve.run(WSGIMiddleware(WSGIHandler(), workers=serve.THREADS), socket.socket(fileno=fd))
