from django.urls import path, register_converter
from django.urls.converters import StringConverter

from caunoi.web.citizen import (
    account,
    agencies,
    app,
    areas,
    channels,
    confidential,
    feeds,
    follow,
    grade,
    home,
    join,
    log,
    lookup,
    machines,
    near,
    open_data,
    privacy,
    procedures,
    prompts,
    proof,
    push,
    register,
    report,
    security_txt,
    short,
    sitemap,
    takedown,
    ticket,
    widget,
)


class Token(StringConverter):
    """The secret of a draft or of a follow link, as `secrets.token_urlsafe` writes it."""

    regex = "[A-Za-z0-9_-]{1,32}"


class ReportStep(StringConverter):
    regex = "|".join((*report.STEPS, *report.STOPS))


class Embed(StringConverter):
    regex = "|".join(widget.SCRIPTS)


register_converter(Embed, "embed")
register_converter(Token, "token")
register_converter(ReportStep, "step")

app_name = "citizen"
urlpatterns = [
    path("", home.show, name="home"),
    path("report", report.begin, name="report"),
    path("report/short", short.write, name="short"),
    path("s/<token:token>", short.show, name="deposit"),
    path("report/confidential", confidential.write, name="confidential"),
    path("k/<token:token>", confidential.show, name="case"),
    path("k/<token:token>/reply", confidential.reply, name="case-reply"),
    path("report/<token:token>/<step:step>", report.step, name="report-step"),
    path("report/<token:token>/similar", report.similar, name="report-similar"),
    path("report/<token:token>/proposals", prompts.show, name="report-proposals"),
    path("report/<token:token>/enough", prompts.end, name="report-enough"),
    path("report/answered", prompts.thank, name="report-answered"),
    path("p/<code>/join", join.join, name="join"),
    path("j/<token:token>", join.show, name="joined"),
    path("j/<token:token>/mail", join.mail, name="join-mail"),
    path("j/<token:token>/confirm/<token:proof>", join.confirm, name="join-confirm"),
    path("j/<token:token>/leave", join.leave, name="leave"),
    path("lookup", lookup.ask, name="lookup"),
    path("lookup/open", proof.ask, name="proof"),
    path("lookup/code", proof.code, name="proof-code"),
    path("lookup/account", account.begin, name="account"),
    path("lookup/account/back", account.back, name="account-back"),
    path("lookup/account/leave", account.leave, name="account-leave"),
    path("lookup/mine", account.own_reports, name="own-reports"),
    path("register", register.listing, name="register"),
    path("p/<code>", ticket.show, name="ticket"),
    path("tthc/", procedures.browse, name="procedures"),
    path("tthc/suggest", procedures.suggest, name="procedure-suggestions"),
    path("tthc/<code>", procedures.show, name="procedure"),
    path("tthc/<code>/<int:version>", procedures.show, name="procedure-version"),
    path("f/<token:token>", follow.show, name="follow"),
    path("f/<token:token>/reply", follow.reply, name="reply"),
    path("f/<token:token>/rate", follow.rate, name="rate"),
    path("f/<token:token>/reopen", follow.reopen, name="reopen"),
    path("f/<token:token>/takedown", takedown.ask, name="takedown"),
    path("f/<token:token>/push", push.switch, name="push"),
    path("f/<token:token>/close", follow.close, name="close"),
    path("f/<token:token>/link", follow.send_link, name="send-link"),
    path("r/<word>", grade.show, name="grade"),
    path("helpers", machines.show, name="helpers"),
    path("privacy", privacy.show, name="privacy"),
    path("privacy/ask", privacy.ask, name="privacy-ask"),
    path("privacy/r/<token:token>", privacy.own_request, name="privacy-request"),
    path("privacy/r/<token:token>/cancel", privacy.cancel, name="privacy-cancel"),
    path("privacy/r/<token:token>/file.zip", privacy.package, name="privacy-package"),
    path("accessibility", privacy.accessibility, name="accessibility"),
    path("log", log.show, name="log"),
    path("log/heads.json", log.heads, name="log-heads"),
    path("log/entries.json", log.entries, name="log-entries"),
    path("log/consistency.json", log.consistency, name="log-consistency"),
    path("log/key.pem", log.key, name="log-key"),
    path("log/keys.json", log.keys, name="log-keys"),
    path("log/witness", log.witness, name="log-witness"),
    path("log/verify_log.py", log.verifier, name="log-verifier"),
    path("log/<code>", log.ticket, name="log-ticket"),
    path("log/<code>/<int:number>.json", log.proof, name="log-proof"),
    path("agencies/", agencies.listing, name="agencies"),
    path("agencies/<slug:code>", agencies.show, name="agency"),
    path("channels", channels.show, name="channels"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("sw.js", app.worker, name="worker"),
    path("app", app.show, name="app"),
    path("app/send", app.send, name="app-send"),
    path("app/icon-<int:pixels>.png", app.icon, name="app-icon"),
    path("favicon.ico", app.icon, {"pixels": 96}, name="favicon"),  # what a browser asks for beside a file or an image
    path("near", near.show, name="near"),
    path("feed.<slug:kind>", feeds.show, name="feed"),
    path("widget", widget.frame, name="widget"),
    path("widget/guide", widget.guide, name="widget-guide"),
    path("<embed:script>.js", widget.script, name="widget-script"),
    path("robots.txt", sitemap.robots, name="robots"),
    path(".well-known/security.txt", security_txt.show, name="security-txt"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-pages.xml", sitemap.pages, name="sitemap-pages"),
    path("sitemap-procedures.xml", sitemap.procedures, name="sitemap-procedures"),
    path("sitemap-<int:number>.xml", sitemap.part, name="sitemap-part"),
    path("open-data", open_data.show, name="open-data"),
    path("open-data/<str:name>", open_data.download, name="open-data-file"),
    path("areas.json", areas.outlines, name="areas"),
    path("points.json", areas.points, name="points"),
]
