"""Settings, all from the environment (see .env.example). Without DATABASE_URL the embedded cluster is used."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
# No default secret in production: without DEBUG a missing SECRET_KEY stops the start.
SECRET_KEY = env.str("SECRET_KEY", default="solo-per-lo-sviluppo") if DEBUG else env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEBUG else [])
# False only where the site is reached over plain http on the same machine, as in script/demo.
HTTPS = env.bool("HTTPS", default=not DEBUG)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.admin",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_tables2",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "core",
    "registro",
    "enti",
    "convenzioni",
    "riparto",
    "rendicontazione",
    "cruscotto",
]

MIDDLEWARE = [
    "core.middleware.DatabasePerso",
    "core.middleware.NienteByteNulli",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.NessunaCopia",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cruscotto.context_processors.navigazione",
            ],
            "builtins": ["core.templatetags.formati", "core.templatetags.componenti"],
        },
    },
]
FORM_RENDERER = "core.renderers.Renderer"
DJANGO_TABLES2_TEMPLATE = "componenti/tabella.html"

# ---- database

DATABASE = env.db_url("DATABASE_URL")
OPZIONI = DATABASE.pop("OPTIONS", {})
DATABASES = {
    "default": {
        **DATABASE,
        "ENGINE": "django.db.backends.postgresql",
        # The socket folder of the embedded cluster comes as ?host=…: every command looks for it in HOST.
        "HOST": OPZIONI.pop("host", DATABASE["HOST"]),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **OPZIONI,
            "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8), "timeout": 5},
            # A page that waits forever for a row helps nobody: see the Italian 503.
            "options": "-c lock_timeout=10s",
        },
    }
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- people

AUTH_USER_MODEL = "enti.Utente"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "nome", "cognome")},
    },
    {"NAME": "core.passwords.LunghezzaMinima", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24 * 3
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "enti.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USER_DISPLAY = str
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Convenzioni CPI: "
ACCOUNT_EMAIL_NOTIFICATIONS = True

# ---- security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessione" if HTTPS else "sessione"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_AGE = 60 * 60 * 9
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "core.errors.csrf_failure"

# Rate limits are counted here: shared by all the server's processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}

# ---- language, numbers, time

LANGUAGE_CODE = "it"
LANGUAGES = [("it", "Italiano")]
TIME_ZONE = "Europe/Rome"
USE_TZ = True
USE_I18N = True
# On would print a year as 2.026: amounts go through the `euro` filter and EuroField instead.
USE_THOUSAND_SEPARATOR = False

# ---- files

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var/static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "core.finders.DesignSystemFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Limits of an upload: stated on the upload page and in the refusal.
CARICAMENTO_MAX_MB = env.int("CARICAMENTO_MAX_MB", default=20)
CARICAMENTO_MAX_RIGHE = env.int("CARICAMENTO_MAX_RIGHE", default=100_000)
# Files that a process examines at the same time, each in a child of its own (up to 1 GiB of memory).
CARICAMENTO_INSIEME = env.int("CARICAMENTO_INSIEME", default=2)
FILE_UPLOAD_HANDLERS = [
    "core.uploads.LimiteDelCorpo",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A riparto of 110 enti with two components has some 1,500 fields in the admin grid.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# ---- mail, office, log

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="convenzioni-cpi@localhost")
UFFICIO = env.str("UFFICIO", default="Direzione generale Istruzione, Formazione e Lavoro")
AMMINISTRAZIONE = env.str("AMMINISTRAZIONE", default="Regione Lombardia")
ASSISTENZA_EMAIL = env.str("ASSISTENZA_EMAIL", default=DEFAULT_FROM_EMAIL)
# The address printed on documents, before /d/<code>/.
INDIRIZZO_PUBBLICO = env.str("INDIRIZZO_PUBBLICO", default="http://127.0.0.1:8000")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"riga": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "riga"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
