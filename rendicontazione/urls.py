from django.urls import path

from . import views

app_name = "rendicontazione"

urlpatterns = [
    path("", views.elenco, name="elenco"),
    path("<int:pk>/", views.dettaglio, name="dettaglio"),
    path("<int:pk>/carica/", views.carica, name="carica"),
    path("<int:pk>/modello/", views.modello, name="modello"),
    path("caricamenti/<int:pk>/", views.esito, name="esito"),
    path("caricamenti/<int:pk>/errori/", views.errori, name="errori"),
    path("caricamenti/<int:pk>/errori.csv", views.errori_csv, name="errori_csv"),
    path("caricamenti/<int:pk>/originale/", views.originale, name="originale"),
    path("versioni/<int:pk>/righe/", views.righe, name="righe"),
    path("versioni/<int:pk>/trasmetti/", views.trasmetti, name="trasmetti"),
    path("versioni/<int:pk>/ritira/", views.ritira, name="ritira"),
    path("versioni/<int:pk>/scarta/", views.scarta, name="scarta"),
    path("versioni/<int:pk>/prendi-in-carico/", views.prendi_in_carico, name="prendi_in_carico"),
    path("versioni/<int:pk>/valida/", views.valida, name="valida"),
    path("versioni/<int:pk>/restituisci/", views.restituisci, name="restituisci"),
    path("convenzioni/<int:pk>/genera/", views.genera, name="genera"),
]
