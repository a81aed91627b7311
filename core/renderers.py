"""The one renderer of every form on our pages: label, help, error, control, wired for screen readers."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Whole forms and single fields come from `templates/componenti/`; widgets stay Django's own.

    Only whole-form and field-group templates change, so the admin, which lays out its fields by itself,
    is not touched. Needs `django.forms` among the installed apps for the widget templates.
    """

    form_template_name = "componenti/form.html"
    formset_template_name = "componenti/formset.html"
    field_template_name = "componenti/campo.html"
