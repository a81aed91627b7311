from django.urls import path

from . import views

app_name = "riparto"

urlpatterns = [
    path("", views.elenco, name="elenco"),
    path("nuovo/", views.nuovo, name="nuovo"),
    path("<int:pk>/", views.dettaglio, name="dettaglio"),
    path("<int:pk>/verifica/", views.manda_in_verifica, name="manda_in_verifica"),
    path("<int:pk>/bozza/", views.riporta_in_bozza, name="riporta_in_bozza"),
    path("<int:pk>/approva/", views.approva, name="approva"),
    path("<int:pk>/elimina/", views.elimina, name="elimina"),
    path("<int:pk>/documento.<str:formato>", views.documento, name="documento"),
    path("prospetti/<slug:codice>/", views.prospetti, name="prospetti"),
    path("prospetti/<slug:codice>/emetti/", views.emetti, name="emetti"),
    path("prospetti/<slug:codice>/prospetto.<str:formato>", views.prospetto, name="prospetto"),
]
