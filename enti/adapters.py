"""How django-allauth behaves here: no public sign-up, people come by invitation."""

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False


def indirizzo_password(utente) -> str:
    """The path of the page where a person chooses a password; once, for PASSWORD_RESET_TIMEOUT seconds."""
    chiave = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(utente)
    return reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(utente), "key": chiave}
    )
