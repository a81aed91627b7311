"""The base of every admin page: rights from the roles, rows in scope, writes in the register, no 500 on a rule."""

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.forms.models import BaseInlineFormSet, model_to_dict
from django.http import HttpResponseRedirect
from procrastinate.contrib.django.models import ProcrastinateJob

from core.constraints import in_parole, verifica_subito

from .actions import annota
from .models import CifraFonte, Fonte

# Rights come from the roles, not from groups; addresses are changed by the amministratore; jobs are operations.
for estraneo in (Group, EmailAddress, ProcrastinateJob):
    admin.site.unregister(estraneo)

admin.site.site_header = "Convenzioni CPI: dati di base"
admin.site.site_title = "Dati di base"
admin.site.enable_nav_sidebar = False  # the grids need the width
admin.site.index_title = "Che cosa vuoi inserire o correggere"


def nel_campo_di(modello: type[models.Model], utente) -> models.QuerySet:
    """The rows of the model that the person may see; all of them for catalogues without scope."""
    oggetti = modello._default_manager
    return oggetti.visibili_a(utente) if hasattr(oggetti, "visibili_a") else oggetti.all()


class _Diritti:
    """Rights of admin pages and inlines: from the active roles, never from Django groups."""

    permessi_lettura: tuple[str, ...] = ()
    permessi_scrittura: tuple[str, ...] = ()

    def ente_di(self, obj) -> models.Model | None:
        """The ente whose officials may write the object; None when any of theirs may."""
        return getattr(obj, "regione", None)

    def puo_scrivere(self, request, obj=None) -> bool:
        ente = self.ente_di(obj) if obj is not None else None
        return any(request.user.puo(permesso, ente) for permesso in self.permessi_scrittura)

    def has_view_permission(self, request, obj=None):
        return any(request.user.puo(p) for p in (*self.permessi_lettura, *self.permessi_scrittura))

    def has_add_permission(self, request, obj=None):
        return self.puo_scrivere(request)

    def has_change_permission(self, request, obj=None):
        return self.puo_scrivere(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.puo_scrivere(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        scelte = nel_campo_di(db_field.remote_field.model, request.user)
        if hasattr(scelte, "con_permesso"):
            # An ente is a choice only where the person may write: a reader of another Region adds nothing there.
            scelte = scelte.con_permesso(request.user, *self.permessi_scrittura)
        kwargs.setdefault("queryset", scelte)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class RigheConNome(BaseInlineFormSet):
    """In a grid the label is the head of the column: each box says it again, with its row."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        riga = f", riga {index + 1}" if isinstance(index, int) else ""
        for campo in form.fields.values():
            campo.widget.attrs.setdefault("aria-label", f"{campo.label}{riga}")


class InlineDelDominio(_Diritti, admin.TabularInline):
    """Rows of a grid: short boxes, no buttons that lead away from what is being typed."""

    extra = 0
    formset = RigheConNome
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 1, "cols": 22})}}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        campo = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(campo, "widget", None), RelatedFieldWidgetWrapper):
            campo.widget = campo.widget.widget
        return campo


class AdminDelDominio(_Diritti, admin.ModelAdmin):
    list_per_page = 50
    save_on_top = True
    actions = None  # no mass deletion: each row goes through its own page and its own message

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return self.puo_scrivere(request)

    def get_queryset(self, request):
        righe = super().get_queryset(request)
        return righe.filter(pk__in=nel_campo_di(self.model, request.user).values("pk"))

    def get_object(self, request, object_id, from_field=None):
        """Before a write, the row as it is once locked: saving what was read earlier would undo other changes."""
        oggetto = super().get_object(request, object_id, from_field)
        if oggetto is None or request.method != "POST":
            return oggetto
        righe = self.get_queryset(request).select_for_update(of=("self",), no_key=True)
        return righe.filter(pk=oggetto.pk).first()

    def get_changeform_initial_data(self, request):
        """From the address, so anything: a reference that is not a number is left out."""
        iniziali = super().get_changeform_initial_data(request)
        riferimenti = {campo.name for campo in self.opts.get_fields() if campo.many_to_one}
        return {
            nome: valore
            for nome, valore in iniziali.items()
            if nome not in riferimenti or (valore.isascii() and valore.isdigit())
        }

    # ---- a broken rule of the database is a message on the form, with everything still as typed

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            with transaction.atomic():
                risposta = super().changeform_view(request, object_id, form_url, extra_context)
                if request.method == "POST":
                    verifica_subito()
            return risposta
        except IntegrityError as errore:
            request.regola_infranta = in_parole(errore)
        except ValidationError as errore:
            request.regola_infranta = errore
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        infranta = getattr(request, "regola_infranta", None)
        if infranta is None:
            return form

        class ConLaRegola(form):
            def clean(self):
                pulito = super().clean()
                self.add_error(None, infranta)
                return pulito

        return ConLaRegola

    def delete_view(self, request, object_id, extra_context=None):
        try:
            with transaction.atomic():
                risposta = super().delete_view(request, object_id, extra_context)
                if request.method == "POST":
                    verifica_subito()
            return risposta
        except IntegrityError as errore:
            messages.error(request, " ".join(in_parole(errore).messages))
            return HttpResponseRedirect(request.path.replace("delete/", "change/"))

    # ---- every write is in the register, with the fields that changed

    def log_addition(self, request, object, message):
        annota("dati di base: inserito", object, da=request.user, ente=self._ente(object))
        return super().log_addition(request, object, message)

    def log_change(self, request, object, message):
        annota("dati di base: modificato", object, da=request.user, ente=self._ente(object), campi=message)
        return super().log_change(request, object, message)

    def log_deletions(self, request, queryset):
        for oggetto in queryset:
            valori = {campo: str(valore) for campo, valore in model_to_dict(oggetto).items()}
            annota(
                "dati di base: eliminato", oggetto, da=request.user, ente=self._ente(oggetto), valori=valori
            )
        return super().log_deletions(request, queryset)

    def _ente(self, oggetto):
        return self.ente_di(oggetto)

    def history_view(self, request, object_id, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)


class CifraFonteInline(InlineDelDominio):
    model = CifraFonte
    permessi_lettura = ("vedere_risorse",)
    permessi_scrittura = ("gestire_convenzioni",)
    fields = ["ordine", "testo", "descrizione", "valore", "unita", "anno", "vive_in", "da_verificare", "nota"]


@admin.register(Fonte)
class FonteAdmin(AdminDelDominio):
    permessi_lettura = ("vedere_risorse",)
    permessi_scrittura = ("gestire_convenzioni",)
    list_display = ["codice", "titolo", "emittente", "data"]
    search_fields = ["codice", "titolo"]
    inlines = [CifraFonteInline]
