from django.urls import path

from . import views

app_name = "quadro"

urlpatterns = [
    path("<slug:codice>/", views.quadro_convenzione, name="convenzione"),
]
