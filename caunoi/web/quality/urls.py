from django.urls import path

from caunoi.web.quality import cards, cases, comments, flagged, home, people, samples

app_name = "quality"
urlpatterns = [
    path("", home.show, name="home"),
    path("people.csv", home.table, name="people-csv"),
    path("samples/new", samples.draw, name="draw"),
    path("samples/<int:pk>/", samples.detail, name="sample"),
    path("samples/<int:pk>/cases.csv", samples.table, name="sample-csv"),
    path("samples/<int:pk>/remove", samples.remove, name="remove"),
    path("next", cases.following, name="next"),
    path("cases/<int:pk>/", cases.show, name="case"),
    path("cases/<int:pk>/score", cases.score, name="score"),
    path("cases/<int:pk>/take-back", cases.take_back, name="take-back"),
    path("cases/<int:pk>/calibrate", cases.calibrate, name="calibrate"),
    path("cases/<int:pk>/discuss", cases.discuss, name="discuss"),
    path("cases/<int:pk>/agree", cases.agree, name="agree"),
    path("cases/<int:pk>/reply", cases.reply, name="reply"),
    path("cases/<int:pk>/decide", cases.decide, name="decide"),
    path("cases/<int:pk>/calls/<int:call>/transcribe", cases.transcribe, name="transcribe"),
    path("comments/", comments.show, name="comments"),
    path("comments/<int:pk>/", comments.mark, name="comment"),
    path("flagged/", flagged.show, name="flagged"),
    path("flagged/<int:pk>/", flagged.judge, name="flag"),
    path("mine", people.mine, name="mine"),
    path("people/<str:username>/", people.detail, name="person"),
    path("people/<str:username>/coach", people.coach, name="coach"),
    path("card/", cards.listing, name="card"),
    path("card/new", cards.write, name="card-new"),
]
