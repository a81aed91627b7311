"""Password rules whose refusal Django 5.2 gives in English only."""

from django.contrib.auth.password_validation import MinimumLengthValidator


class LunghezzaMinima(MinimumLengthValidator):
    def get_error_message(self):
        return f"La password è troppo corta: servono almeno {self.min_length} caratteri."
