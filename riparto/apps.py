from django.apps import AppConfig


class RipartoConfig(AppConfig):
    name = "riparto"
    verbose_name = "riparto"
