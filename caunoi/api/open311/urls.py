from django.urls import path, register_converter
from django.urls.converters import StringConverter

from caunoi.api.open311 import reply, requests, services


class Form(StringConverter):
    regex = "json|xml"


register_converter(Form, "form")
app_name = "open311"
urlpatterns = [
    path("discovery.<form:form>", services.discovery, name="discovery"),
    path("services.<form:form>", services.index, name="services"),
    path("services/<str:code>.<form:form>", services.definition, name="service"),
    path("requests.<form:form>", requests.requests, name="requests"),
    path("requests/<str:code>.<form:form>", requests.request, name="request"),
    path("tokens/<str:token>.<form:form>", requests.token, name="token"),
    path("<path:rest>", reply.nothing, name="nothing"),
]
