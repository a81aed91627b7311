"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from core.gallery import galleria
from cruscotto import views

handler400 = "core.errors.handler400"
handler403 = "core.errors.handler403"
handler404 = "core.errors.handler404"
handler429 = "core.errors.handler429"
handler500 = "core.errors.handler500"

urlpatterns = [
    path("", views.home, name="home"),
    path("aiuto/", views.aiuto, name="aiuto"),
    path("assistenza/", views.assistenza, name="assistenza"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibilita/", views.accessibilita, name="accessibilita"),
    path("salute/", views.salute, name="salute"),
    path("documenti/", views.documenti, name="documenti"),
    path("d/<str:codice>/", views.documento, name="documento"),
    path("registro/", views.registro, name="registro"),
    path("convenzioni/", include("convenzioni.urls")),
    path("quadro/", include("cruscotto.urls")),
    path("riparti/", include("riparto.urls")),
    path("rendiconti/", include("rendicontazione.urls")),
    path("persone/", include("enti.urls")),
    # The address of a person is changed by the amministratore: allauth's own page is not offered.
    path("accesso/email/", RedirectView.as_view(pattern_name="home"), name="account_email"),
    path("accesso/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns.append(path("componenti/", galleria, name="galleria"))
