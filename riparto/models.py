"""Who gets how much, by which act: the allocation of a dotazione to the enti, in versions, and what was issued."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse

from convenzioni.models import Atto, Convenzione, Dotazione, LineaFinanziamento, OrigineImporto
from core.constraints import se_e_solo_se
from core.fields import ImportoField
from core.history import traccia
from core.triggers import vieta_svuotamento
from enti.models import Ente
from enti.permessi import Permesso
from registro.models import Documento


class StatoRiparto(models.TextChoices):
    BOZZA = "bozza", "bozza"
    IN_VERIFICA = "in_verifica", "in verifica"
    APPROVATO = "approvato", "approvato"
    SUPERATO = "superato", "superato"


S = StatoRiparto

TRANSIZIONI: dict[str, tuple[str, ...]] = {
    S.BOZZA: (S.IN_VERIFICA,),
    S.IN_VERIFICA: (S.BOZZA, S.APPROVATO),
    S.APPROVATO: (S.SUPERATO,),
    S.SUPERATO: (),
}
DEFINITIVI = (S.APPROVATO, S.SUPERATO)
APERTI = (S.BOZZA, S.IN_VERIFICA)


class RipartoQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        """Approved ones to everybody who sees the convention; drafts only to those who may see drafts."""
        convenzioni = Convenzione.objects.visibili_a(utente).values("pk")
        regioni = Ente.objects.con_permesso(utente, Permesso.VEDERE_BOZZE).values("pk")
        return self.filter(dotazione__convenzione__in=convenzioni).filter(
            Q(stato__in=DEFINITIVI) | Q(dotazione__convenzione__regione__in=regioni)
        )

    def approvati(self):
        return self.filter(stato=S.APPROVATO)

    def aperti(self):
        return self.filter(stato__in=APERTI)


@traccia
class Riparto(models.Model):
    """One version of the allocation of a dotazione (a convention's line and year) to the enti."""

    dotazione = models.ForeignKey(Dotazione, models.PROTECT, verbose_name="dotazione", related_name="riparti")
    versione = models.PositiveSmallIntegerField("versione", default=1, editable=False)
    stato = models.CharField(
        "stato", max_length=15, choices=StatoRiparto, default=StatoRiparto.BOZZA, editable=False
    )
    criterio = models.TextField(
        "criterio di riparto",
        blank=True,
        help_text="Vuoto se la fonte non lo indica: si stampa «non indicato».",
    )
    atto = models.ForeignKey(
        Atto,
        models.PROTECT,
        verbose_name="atto di approvazione",
        null=True,
        blank=True,
        related_name="riparti",
    )
    parziale = models.BooleanField("parziale", default=False, editable=False)
    motivo = models.CharField("motivo della nuova versione", max_length=300, blank=True)
    nota = models.TextField("nota", blank=True, help_text="Si stampa nel prospetto.")
    sostituisce = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name="sostituisce",
        null=True,
        blank=True,
        editable=False,
        related_name="sostituito_da",
    )
    approvato_il = models.DateTimeField("approvato il", null=True, editable=False)
    approvato_da = models.ForeignKey(
        "enti.Utente",
        models.PROTECT,
        verbose_name="approvato da",
        null=True,
        editable=False,
        related_name="+",
    )
    documento = models.OneToOneField(
        Documento,
        models.PROTECT,
        verbose_name="documento",
        null=True,
        editable=False,
        related_name="riparto",
    )
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = RipartoQuerySet.as_manager()

    class Meta:
        verbose_name = "riparto"
        verbose_name_plural = "riparti"
        ordering = ["dotazione", "-versione"]
        constraints = [
            models.UniqueConstraint(
                fields=["dotazione", "versione"],
                name="riparto_versione_unica",
                violation_error_message="Questa versione del riparto c'è già.",
            ),
            models.UniqueConstraint(
                fields=["dotazione"],
                condition=Q(stato=StatoRiparto.APPROVATO),
                name="riparto_uno_approvato",
                violation_error_message="C'è già un riparto approvato per questa linea e questo anno.",
            ),
            models.UniqueConstraint(
                fields=["dotazione"],
                condition=Q(stato__in=APERTI),
                name="riparto_uno_aperto",
                violation_error_message="C'è già una bozza per questa linea e questo anno: lavora su quella.",
            ),
            # The official data of the sources are approved by their act, by nobody of this application.
            models.CheckConstraint(
                condition=Q(approvato_da=None) | Q(approvato_il__isnull=False),
                name="riparto_approvato_da_e_il",
                violation_error_message="Un riparto approvato dice quando.",
            ),
            se_e_solo_se(
                Q(stato__in=DEFINITIVI),
                Q(approvato_il__isnull=False, atto__isnull=False, documento__isnull=False),
                name="riparto_approvato_ha_atto_e_data",
                messaggio="Un riparto approvato ha il suo atto, la sua data e il suo documento.",
            ),
            models.CheckConstraint(
                condition=Q(versione=1) | ~Q(motivo=""),
                name="riparto_nuova_versione_ha_motivo",
                violation_error_message="Scrivi il motivo della nuova versione.",
            ),
        ]
        triggers = [vieta_svuotamento("riparto_non_si_svuota")]

    def __str__(self):
        return f"{self.dotazione} (versione {self.versione})"

    def get_absolute_url(self):
        return reverse("riparto:dettaglio", args=[self.pk])

    @property
    def convenzione(self) -> Convenzione:
        return self.dotazione.convenzione

    @property
    def aperto(self) -> bool:
        return self.stato in APERTI

    @property
    def definitivo(self) -> bool:
        return self.stato in DEFINITIVI

    def puo_diventare(self, stato: str) -> bool:
        return stato in TRANSIZIONI[self.stato]


class Componente(models.TextChoices):
    UNICA = "unica", "quota"
    FISSA = "fissa", "quota fissa"
    VARIABILE = "variabile", "quota variabile"


class QuotaQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(riparto__in=Riparto.objects.visibili_a(utente))

    def totale(self):
        """The sum in euro of the amounts that are there; None when none is (missing is not zero)."""
        return self.aggregate(totale=Sum("importo"))["totale"]


@traccia
class Quota(models.Model):
    """The amount of an ente in a riparto (euro; NULL where not stated), whole or in its two components."""

    riparto = models.ForeignKey(Riparto, models.CASCADE, verbose_name="riparto", related_name="quote")
    ente = models.ForeignKey(Ente, models.PROTECT, verbose_name="ente", related_name="quote")
    componente = models.CharField("componente", max_length=10, choices=Componente, default=Componente.UNICA)
    importo = ImportoField(
        "importo", null=True, blank=True, help_text="In euro, per esempio 1.234,56. Vuoto se non è indicato."
    )
    origine = models.CharField(
        "origine", max_length=10, choices=OrigineImporto, default=OrigineImporto.INSERITO
    )
    formula = models.CharField(
        "come si calcola", max_length=300, blank=True, help_text="Solo per gli importi calcolati."
    )
    da_verificare = models.BooleanField("da verificare", default=False)
    motivo_verifica = models.TextField("perché è da verificare", blank=True)
    nota = models.CharField("nota", max_length=300, blank=True)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = QuotaQuerySet.as_manager()

    class Meta:
        verbose_name = "quota"
        verbose_name_plural = "quote"
        ordering = ["riparto", "ente__nome_breve", "componente"]
        constraints = [
            models.UniqueConstraint(
                fields=["riparto", "ente", "componente"],
                name="quota_una_per_ente",
                violation_error_message="L'ente ha già questa quota.",
            ),
            models.CheckConstraint(
                condition=Q(importo=None) | Q(importo__gte=0),
                name="quota_importo_non_negativo",
                violation_error_message="L'importo non può essere negativo.",
            ),
            models.CheckConstraint(
                condition=Q(da_verificare=False) | ~Q(motivo_verifica=""),
                name="quota_verifica_ha_motivo",
                violation_error_message="Scrivi perché l'importo è da verificare.",
            ),
            models.CheckConstraint(
                condition=~Q(origine="calcolato") | ~Q(formula=""),
                name="quota_calcolata_ha_formula",
                violation_error_message="Un importo calcolato dice come si calcola.",
            ),
        ]
        triggers = [vieta_svuotamento("quota_non_si_svuota")]

    def __str__(self):
        return f"{self.ente.nome_breve}, {self.get_componente_display()}"


class EmissioneQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(convenzione__in=Convenzione.objects.visibili_a(utente))


@traccia
class Emissione(models.Model):
    """A prospetto issued by an official with number and date: it freezes the riparti it lists.

    For the whole Region, one ente (`ente`), one line (`linea`), all years or one (`anno`).
    """

    convenzione = models.ForeignKey(
        Convenzione, models.PROTECT, verbose_name="convenzione", related_name="emissioni"
    )
    ente = models.ForeignKey(
        Ente, models.PROTECT, verbose_name="ente", null=True, blank=True, related_name="+"
    )
    linea = models.ForeignKey(
        LineaFinanziamento, models.PROTECT, verbose_name="linea", null=True, blank=True, related_name="+"
    )
    anno = models.PositiveSmallIntegerField("anno", null=True, blank=True)
    numero = models.PositiveIntegerField("numero")
    data = models.DateField("data")
    riparti = models.ManyToManyField(Riparto, verbose_name="riparti", related_name="emissioni")
    dotazioni = models.ManyToManyField(Dotazione, verbose_name="dotazioni", related_name="emissioni")
    documento = models.OneToOneField(
        Documento, models.PROTECT, verbose_name="documento", related_name="emissione"
    )
    emesso_da = models.ForeignKey(
        "enti.Utente", models.PROTECT, verbose_name="emesso da", null=True, related_name="+"
    )
    emesso_il = models.DateTimeField("emesso il", auto_now_add=True)

    objects = EmissioneQuerySet.as_manager()

    class Meta:
        verbose_name = "emissione"
        verbose_name_plural = "emissioni"
        ordering = [F("emesso_il").desc(), "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convenzione", "numero"],
                name="emissione_numero_unico",
                violation_error_message="Questo numero di emissione è già usato.",
            ),
            models.CheckConstraint(
                condition=Q(ente=None) | Q(linea=None),
                name="emissione_ente_o_linea",
                violation_error_message="Un prospetto è di un ente oppure di una linea.",
            ),
        ]

    def __str__(self):
        return f"Prospetto n. {self.numero} del {self.data:%d/%m/%Y}"

    def clean(self):
        if self.anno and self.anno not in self.convenzione.anni:
            raise ValidationError({"anno": "L'anno è fuori dalla convenzione."})
