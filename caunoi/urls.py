from django.urls import include, path

from caunoi.web import cell, errors, health, metrics, missives, pictures, voice

urlpatterns = [
    path("", include("caunoi.web.urls")),
    path("", include("caunoi.web.citizen.urls")),
    path("desk/", include("caunoi.web.desk.urls")),
    path("procedures/", include("caunoi.web.procedures.urls")),
    path("agency/", include("caunoi.web.agency.urls")),
    path("board/", include("caunoi.web.board.urls")),
    path("confidential/", include("caunoi.web.confidential.urls")),
    path("quality/", include("caunoi.web.quality.urls")),
    path("setup/", include("caunoi.web.setup.urls")),
    path("open311/v2/", include("caunoi.api.open311.urls")),
    path("api/v1/", include("caunoi.api.v1.urls")),
    path("cells/missives", missives.hear, name="cell-missives"),
    path("voice/before", voice.before, name="voice-before"),
    path("voice/ticket", voice.ticket, name="voice-ticket"),
    path("voice/prompt", voice.prompt, name="voice-prompt"),
    path("voice/sound/<str:digest>.wav", voice.sound, name="voice-sound"),
    path("files/<path:name>.<str:size>", pictures.show, name="picture"),
    path("cell.json", cell.show, name="cell"),
    path("health", health.whole, name="health"),
    path("health/seen", health.request_as_seen, name="health-seen"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("health/reads", health.reads, name="reads"),
    path("metrics", metrics.show, name="metrics"),
]
handler400, handler403, handler404, handler500 = (
    errors.bad_request,
    errors.forbidden,
    errors.not_found,
    errors.server_error,
)
