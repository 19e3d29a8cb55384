from caunoi.api.v1.api import api

app_name = "api"
urlpatterns = api.urls[0]
