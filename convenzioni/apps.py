from django.apps import AppConfig


class ConvenzioniConfig(AppConfig):
    name = "convenzioni"
    verbose_name = "convenzioni"
