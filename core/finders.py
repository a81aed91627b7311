"""Static files of the design system, taken from the installed package and nowhere else."""

from importlib.util import find_spec
from pathlib import Path

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

PACKAGE = "bootstrap_italia_template"  # distribution design-django-theme
PREFIX = "design"
FONT = "fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-"

# The package holds some four hundred files; its templates would shadow ours, so it is not an installed app.
FILES = (
    "css/bootstrap-italia.min.css",
    # Not used by pages: the css names it, and the manifest storage refuses a css that names a missing file.
    "css/bootstrap-italia.min.css.map",
    "svg/sprites.svg",
    *(f"{FONT}{weight}.woff2" for weight in ("regular", "italic", "600", "700")),
)


class DesignSystemFinder(BaseFinder):
    """Offers `FILES` under `design/…`, for the development server and for collectstatic."""

    def __init__(self, app_names=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # find_spec does not import the package: nothing of it runs.
        package = Path(find_spec(PACKAGE).submodule_search_locations[0])
        self.storage = FileSystemStorage(location=package / "static")
        self.storage.prefix = PREFIX

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        name = path.removeprefix(f"{PREFIX}/")
        found = self.storage.path(name) if name != path and name in FILES else None
        if find_all:
            return [found] if found else []
        return found or []

    def list(self, ignore_patterns):
        for name in FILES:
            yield name, self.storage
