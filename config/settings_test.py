"""Settings of the tests: the real thing, with fast hashing and a secret of its own."""

import os

os.environ.setdefault("SECRET_KEY", "chiave-usata-solo-nelle-prove-automatiche-0123456789")
os.environ.setdefault("HTTPS", "0")
if "DATABASE_URL" not in os.environ:
    from core.localdb import ensure

    os.environ["DATABASE_URL"] = ensure()

from .settings import *  # noqa: F403
from .settings import DATABASES, STATIC_ROOT, STORAGES

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The pool keeps connections that would stop the test database from being dropped.
DATABASES["default"]["OPTIONS"].pop("pool")
# WhiteNoise warns of a folder that is not there, and warnings are errors.
os.makedirs(STATIC_ROOT, exist_ok=True)
