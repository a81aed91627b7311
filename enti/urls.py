from django.urls import path

from . import views

app_name = "enti"

urlpatterns = [
    path("", views.persone, name="persone"),
    path("invita/", views.invita, name="invita"),
    path("<int:pk>/", views.persona, name="persona"),
    path("<int:pk>/rinvia/", views.rinvia, name="rinvia"),
    path("<int:pk>/disattiva/", views.disattiva, name="disattiva"),
    path("<int:pk>/riattiva/", views.riattiva, name="riattiva"),
    path("<int:pk>/incarichi/aggiungi/", views.incarico_aggiungi, name="incarico_aggiungi"),
    path("incarichi/<int:pk>/chiudi/", views.incarico_chiudi, name="incarico_chiudi"),
    path("incarichi/<int:pk>/togli/", views.incarico_togli, name="incarico_togli"),
]
