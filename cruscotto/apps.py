from django.apps import AppConfig


class CruscottoConfig(AppConfig):
    name = "cruscotto"
    verbose_name = "cruscotto"
