"""An app learns where we are and what may be reported."""

import pytest


def test_discovery_names_this_endpoint_and_both_formats(app, xml_app):
    found = app.get("discovery").body
    assert found["endpoints"][0]["url"].endswith("/open311/v2")
    assert found["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert "1022" in found["contact"]
    root = xml_app.get("discovery").body
    assert root.tag == "discovery"
    assert [f.text for f in root.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


def test_services_are_the_categories_in_the_language_asked_for(app):
    lamps = app.get("services").body[0]
    assert (lamps["service_code"], lamps["service_name"], lamps["type"]) == (
        "lamps",
        "Chiếu sáng công cộng",
        "realtime",
    )
    assert app.get("services", lang="en").body[0]["service_name"] == "Street lighting"
    answer = app.client.get("/open311/v2/services.json", headers={"accept-language": "en"})
    assert answer.json()[0]["service_name"] == "Street lighting"
    assert answer["content-type"] == "application/json; charset=utf-8"


def test_services_as_xml_repeat_one_element_a_service(xml_app):
    answer = xml_app.get("services")
    assert answer.response["content-type"] == "text/xml; charset=utf-8"
    assert answer.response.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    assert [s.findtext("service_code") for s in answer.body.findall("service")] == ["lamps", "identity", "noise"]
    assert answer.body.findtext("service/metadata") == "true"


def test_only_a_service_with_attributes_says_so_and_defines_them(app, xml_app):
    metadata = {s["service_code"]: s["metadata"] for s in app.get("services").body}
    assert metadata == {"lamps": True, "identity": False, "noise": True}
    for code, has in metadata.items():
        assert bool(app.get(f"services/{code}").body["attributes"]) is has
    root = xml_app.get("services/lamps").body
    assert root.tag == "service_definition"
    assert [a.findtext("code") for a in root.findall("attributes/attribute")] == ["occurred", "kind"]
    assert [v.findtext("key") for v in root.findall("attributes/attribute/values/value")] == [
        "report",
        "petition",
        "question",
    ]


@pytest.mark.parametrize("path", ["services/nothing", "nothing", "requests/26-000001-1", "tokens/x"])
def test_what_is_not_there_is_404_in_the_form_of_the_spec(app, xml_app, path):
    answer = app.get(path)
    assert (answer.status, answer.body[0]["code"]) == (404, 404)
    assert answer.body[0]["description"]
    answer = xml_app.get(path)
    assert (answer.status, answer.body.findtext("error/code")) == (404, "404")


def test_a_method_that_a_resource_does_not_know_is_405_in_the_form_of_the_spec(app):
    answer = app.client.post("/open311/v2/services.json")
    assert (answer.status_code, answer.json()[0]["code"], answer["Allow"]) == (405, 405, "GET, HEAD")
