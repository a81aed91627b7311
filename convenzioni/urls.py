from django.urls import path

from . import views

app_name = "convenzioni"

urlpatterns = [
    path("", views.elenco, name="elenco"),
    path("dotazioni/<int:pk>/cambia/", views.cambia_dotazione, name="cambia_dotazione"),
    path("<slug:codice>/", views.dettaglio, name="dettaglio"),
    path("<slug:codice>/stato/", views.passaggio, name="passaggio"),
]
