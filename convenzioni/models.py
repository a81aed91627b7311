"""The agreement between the Region and its enti: acts, signatures, funding lines and their yearly dotazioni."""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.constraints import se_e_solo_se
from core.fields import ImportoField
from core.history import traccia
from core.triggers import vieta_svuotamento
from enti.models import Ente
from enti.permessi import Permesso
from registro.models import Fonte


class TipoAtto(models.TextChoices):
    DGR = "dgr", "deliberazione della Giunta regionale"
    DECRETO_DIRIGENZIALE = "decreto_dirigenziale", "decreto dirigenziale"
    DECRETO_PRESIDENTE = "decreto_presidente", "decreto del Presidente"
    DECRETO_SINDACALE = "decreto_sindacale", "decreto sindacale"
    DELIBERA = "delibera", "deliberazione"
    CONVENZIONE = "convenzione", "convenzione"
    ALTRO = "altro", "altro atto"


class AttoQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(ente__in=Ente.objects.visibili_a(utente))


@traccia
class Atto(models.Model):
    """An administrative act of an ente. Number and date are NULL where the source does not give them."""

    ente = models.ForeignKey(Ente, models.PROTECT, verbose_name="ente che lo adotta", related_name="atti")
    tipo = models.CharField("tipo", max_length=25, choices=TipoAtto)
    numero = models.CharField(
        "numero", max_length=40, null=True, blank=True, help_text="Vuoto se la fonte non lo indica."
    )
    data = models.DateField("data", null=True, blank=True, help_text="Vuota se la fonte non la indica.")
    oggetto = models.CharField("oggetto", max_length=300)
    # Not a URLField: its form field still warns in 5.2 about the scheme it will assume in 6.0.
    url = models.CharField(
        "indirizzo web", max_length=300, blank=True, validators=[URLValidator(["http", "https"])]
    )
    fonte = models.ForeignKey(Fonte, models.PROTECT, verbose_name="fonte", null=True, blank=True)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False)

    objects = AttoQuerySet.as_manager()

    class Meta:
        verbose_name = "atto"
        verbose_name_plural = "atti"
        ordering = [F("data").desc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ente", "tipo", "numero", "data"],
                name="atto_unico",
                violation_error_message="Questo atto c'è già: stesso ente, tipo, numero e data.",
            ),
            models.CheckConstraint(
                condition=~Q(numero=""),
                name="atto_numero_non_vuoto",
                violation_error_message="Lascia il numero vuoto se la fonte non lo indica.",
            ),
        ]

    def __str__(self):
        return f"{self.get_tipo_display().capitalize()}, {self.estremi}"

    @property
    def estremi(self) -> str:
        """«n. 1234 del 12/04/2024», or what of it is known."""
        parti = []
        if self.numero:
            parti.append(f"n. {self.numero}")
        if self.data:
            parti.append(f"del {self.data:%d/%m/%Y}")
        return " ".join(parti) or "estremi non indicati"

    @property
    def usato(self) -> bool:
        """It grounds an approved riparto or a change of state: what was decided by it is not rewritten."""
        if self._state.adding:
            return False
        decisi = self.riparti.filter(stato__in=("approvato", "superato"))
        return self.passaggio_set.exists() or decisi.exists()

    def clean(self):
        self.numero = self.numero or None


class StatoConvenzione(models.TextChoices):
    BOZZA = "bozza", "bozza"
    SCHEMA_APPROVATO = "schema_approvato", "schema approvato"
    VIGENTE = "vigente", "vigente"
    PROROGATA = "prorogata", "prorogata"
    CONCLUSA = "conclusa", "conclusa"
    RISOLTA = "risolta", "risolta"


S = StatoConvenzione

TRANSIZIONI: dict[str, tuple[str, ...]] = {
    S.BOZZA: (S.SCHEMA_APPROVATO,),
    S.SCHEMA_APPROVATO: (S.BOZZA, S.VIGENTE),
    S.VIGENTE: (S.PROROGATA, S.CONCLUSA, S.RISOLTA),
    S.PROROGATA: (S.CONCLUSA, S.RISOLTA),
    S.CONCLUSA: (),
    S.RISOLTA: (),
}
IN_FORZA = (S.VIGENTE, S.PROROGATA)


class ConvenzioneQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        """Of the person's Region; drafts only to those who may see drafts there."""
        regioni = Ente.objects.con_permesso(utente, Permesso.VEDERE_RISORSE)
        regioni = Ente.objects.filter(Q(pk__in=regioni) | Q(enti__in=regioni)).values("pk")
        bozze = Ente.objects.con_permesso(utente, Permesso.VEDERE_BOZZE).values("pk")
        return self.filter(regione__in=regioni).filter(~Q(stato=S.BOZZA) | Q(regione__in=bozze))

    def in_forza(self):
        return self.filter(stato__in=IN_FORZA)


class ConvenzioneManager(models.Manager.from_queryset(ConvenzioneQuerySet)):
    def get_by_natural_key(self, codice):
        return self.get(codice=codice)


@traccia
class Convenzione(models.Model):
    """An agreement of a Region with its enti, for whole years. Its state changes only through the actions."""

    codice = models.SlugField("codice", max_length=30, unique=True, help_text="Per esempio CPI-2024-2026.")
    titolo = models.CharField("titolo", max_length=400)
    regione = models.ForeignKey(
        Ente,
        models.PROTECT,
        verbose_name="regione",
        related_name="convenzioni",
        limit_choices_to={"tipo": "regione"},
    )
    anno_inizio = models.PositiveSmallIntegerField("primo anno")
    anno_fine = models.PositiveSmallIntegerField("ultimo anno")
    stato = models.CharField(
        "stato", max_length=20, choices=StatoConvenzione, default=StatoConvenzione.BOZZA, editable=False
    )
    precedente = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="convenzione precedente",
        null=True,
        blank=True,
        related_name="seguenti",
    )
    fonte = models.ForeignKey(Fonte, models.PROTECT, verbose_name="fonte", null=True, blank=True)
    nota = models.TextField("nota", blank=True, help_text="Appare nella pagina della convenzione.")
    dimostrativo = models.BooleanField("dati dimostrativi", default=False, editable=False)
    nota_dimostrativa = models.TextField("che cosa è vero e che cosa è inventato", blank=True, editable=False)

    objects = ConvenzioneManager()

    class Meta:
        verbose_name = "convenzione"
        verbose_name_plural = "convenzioni"
        ordering = ["-anno_inizio", "codice"]
        constraints = [
            models.CheckConstraint(
                condition=Q(anno_fine__gte=F("anno_inizio")) & Q(anno_inizio__gte=2000, anno_fine__lte=2100),
                name="convenzione_anni",
                violation_error_message="L'ultimo anno non può venire prima del primo "
                "(anni tra il 2000 e il 2100).",
            ),
        ]

    def __str__(self):
        return self.codice

    def get_absolute_url(self):
        return reverse("convenzioni:dettaglio", args=[self.codice])

    def natural_key(self):
        return (self.codice,)

    @property
    def anni(self) -> range:
        return range(self.anno_inizio, self.anno_fine + 1)

    @property
    def periodo(self) -> str:
        return (
            str(self.anno_inizio)
            if self.anno_inizio == self.anno_fine
            else f"{self.anno_inizio}-{self.anno_fine}"
        )

    @property
    def in_forza(self) -> bool:
        return self.stato in IN_FORZA

    def puo_diventare(self, stato: str) -> bool:
        return stato in TRANSIZIONI[self.stato]

    def clean(self):
        if self.regione_id and not self.regione.e_regione:
            raise ValidationError({"regione": "Scegli una Regione."})


class PassaggioQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(convenzione__in=Convenzione.objects.visibili_a(utente))


@traccia
class Passaggio(models.Model):
    """A change of state of a convention: from what to what, by which act, by whom."""

    convenzione = models.ForeignKey(
        Convenzione, models.PROTECT, verbose_name="convenzione", related_name="passaggi"
    )
    da_stato = models.CharField("da", max_length=20, choices=StatoConvenzione)
    a_stato = models.CharField("a", max_length=20, choices=StatoConvenzione)
    atto = models.ForeignKey(Atto, models.PROTECT, verbose_name="atto", null=True, blank=True)
    nota = models.CharField("nota", max_length=300, blank=True)
    fatto_il = models.DateTimeField("fatto il", auto_now_add=True)
    fatto_da = models.ForeignKey(
        "enti.Utente", models.PROTECT, verbose_name="fatto da", null=True, related_name="+"
    )

    objects = PassaggioQuerySet.as_manager()

    class Meta:
        verbose_name = "passaggio di stato"
        verbose_name_plural = "passaggi di stato"
        ordering = ["fatto_il", "pk"]

    def __str__(self):
        return f"{self.convenzione}: {self.get_a_stato_display()}"


class SottoscrizioneQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(convenzione__in=Convenzione.objects.visibili_a(utente))


@traccia
class Sottoscrizione(models.Model):
    """The signature of one ente, with its own act and date (NULL where the source does not give them)."""

    convenzione = models.ForeignKey(
        Convenzione, models.PROTECT, verbose_name="convenzione", related_name="sottoscrizioni"
    )
    ente = models.ForeignKey(Ente, models.PROTECT, verbose_name="ente", related_name="sottoscrizioni")
    atto = models.ForeignKey(
        Atto, models.PROTECT, verbose_name="atto dell'ente", null=True, blank=True, related_name="+"
    )
    firmata_il = models.DateField("firmata il", null=True, blank=True)
    nota = models.CharField("nota", max_length=300, blank=True)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = SottoscrizioneQuerySet.as_manager()

    class Meta:
        verbose_name = "sottoscrizione"
        verbose_name_plural = "sottoscrizioni"
        ordering = ["convenzione", "ente"]
        constraints = [
            models.UniqueConstraint(
                fields=["convenzione", "ente"],
                name="sottoscrizione_una_per_ente",
                violation_error_message="Questo ente ha già la sua sottoscrizione.",
            ),
        ]

    def __str__(self):
        return f"{self.convenzione} – {self.ente}"

    def clean(self):

        convenzione = (
            self.convenzione if "convenzione" in self._state.fields_cache or self.convenzione_id else None
        )
        if self.ente_id and convenzione and self.ente.regione_id != convenzione.regione_id:
            raise ValidationError({"ente": "Firma solo un ente della Regione della convenzione."})
        if self.atto_id and self.ente_id and self.atto.ente_id != self.ente_id:
            raise ValidationError({"atto": "L'atto è di un altro ente."})


class Natura(models.TextChoices):
    PERSONALE = "personale", "personale"
    FUNZIONAMENTO = "funzionamento", "oneri di funzionamento"
    PREMIALE = "premiale", "premiale"


class LineaQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(regione__in=Ente.objects.visibili_a(utente))

    def principali(self):
        """Without the «di cui»: only these enter a total."""
        return self.filter(padre=None)


class LineaManager(models.Manager.from_queryset(LineaQuerySet)):
    def get_by_natural_key(self, sigla_regione, codice):
        return self.get(regione__sigla=sigla_regione, codice=codice)


@traccia
class LineaFinanziamento(models.Model):
    """A stream of money, in the catalogue of a Region. A child («di cui») is part of its parent, never added."""

    regione = models.ForeignKey(
        Ente,
        models.PROTECT,
        verbose_name="regione",
        related_name="linee",
        limit_choices_to={"tipo": "regione"},
    )
    codice = models.CharField("codice", max_length=40)
    denominazione = models.CharField("denominazione", max_length=200)
    nome_breve = models.CharField("nome breve", max_length=80, help_text="Come appare nelle tabelle.")
    fonte_risorse = models.CharField(
        "fonte delle risorse",
        max_length=120,
        null=True,
        blank=True,
        help_text="Chi mette il denaro. Vuoto se la fonte non lo nomina: si stampa «fonte non indicata».",
    )
    natura = models.CharField("natura", max_length=15, choices=Natura)
    padre = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="è un «di cui» di",
        null=True,
        blank=True,
        related_name="di_cui",
    )
    lettera = models.CharField("lettera", max_length=2, blank=True, help_text="Nei documenti: A, B, C…")
    ordine = models.PositiveSmallIntegerField("ordine", default=0)
    nota = models.TextField("nota", blank=True)

    objects = LineaManager()

    class Meta:
        verbose_name = "linea di finanziamento"
        verbose_name_plural = "linee di finanziamento"
        ordering = ["ordine", "codice"]
        constraints = [
            models.UniqueConstraint(
                fields=["regione", "codice"],
                name="linea_codice_unico",
                violation_error_message="C'è già una linea con questo codice.",
            ),
            models.CheckConstraint(
                condition=~Q(padre=F("pk")),
                name="linea_non_padre_di_se",
                violation_error_message="Una linea non è un «di cui» di sé stessa.",
            ),
        ]

    def __str__(self):
        return self.nome_breve

    def natural_key(self):
        return (self.regione.sigla, self.codice)

    natural_key.dependencies = ["enti.ente"]

    @property
    def e_di_cui(self) -> bool:
        return self.padre_id is not None

    def clean(self):

        self.fonte_risorse = self.fonte_risorse or None
        if self.padre_id:
            if self.padre.padre_id:
                raise ValidationError({"padre": "Un «di cui» non ha a sua volta dei «di cui»."})
            if self.padre.regione_id != self.regione_id:
                raise ValidationError({"padre": "La linea padre è di un'altra Regione."})


class OrigineImporto(models.TextChoices):
    STAMPATO = "stampato", "stampato nella fonte"
    CALCOLATO = "calcolato", "calcolato"
    INSERITO = "inserito", "inserito"


class DotazioneQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(convenzione__in=Convenzione.objects.visibili_a(utente))

    def in_vigore(self):
        return self.filter(in_vigore=True)


class DotazioneManager(models.Manager.from_queryset(DotazioneQuerySet)):
    def get_by_natural_key(self, codice, sigla_regione, linea, anno, versione):
        return self.get(
            convenzione__codice=codice,
            linea__regione__sigla=sigla_regione,
            linea__codice=linea,
            anno=anno,
            versione=versione,
        )


@traccia
class Dotazione(models.Model):
    """The amount of a line for a year at regional level (euro; NULL where not stated).

    `precisione` is the half-width of the rounding in the source (euro): 55 milioni e 282mila is ±500.
    A dotazione changed by an act is a new version; one version per line and year is in force.
    """

    convenzione = models.ForeignKey(
        Convenzione, models.PROTECT, verbose_name="convenzione", related_name="dotazioni"
    )
    linea = models.ForeignKey(
        LineaFinanziamento, models.PROTECT, verbose_name="linea", related_name="dotazioni"
    )
    anno = models.PositiveSmallIntegerField("anno")
    versione = models.PositiveSmallIntegerField("versione", default=1, editable=False)
    in_vigore = models.BooleanField("in vigore", default=True, editable=False)
    importo = ImportoField(
        "importo", null=True, blank=True, help_text="In euro, per esempio 1.234,56. Vuoto se non è indicato."
    )
    precisione = ImportoField(
        "precisione (±)",
        null=True,
        blank=True,
        help_text="Se la fonte arrotonda: di quanto può sbagliare, in euro. Vuota se è esatto al centesimo.",
    )
    origine = models.CharField(
        "origine", max_length=10, choices=OrigineImporto, default=OrigineImporto.INSERITO
    )
    da_verificare = models.BooleanField("da verificare", default=False)
    motivo_verifica = models.TextField("perché è da verificare", blank=True)
    nota = models.CharField("nota", max_length=300, blank=True)
    atto = models.ForeignKey(Atto, models.PROTECT, verbose_name="atto", null=True, blank=True)
    fonte = models.ForeignKey(Fonte, models.PROTECT, verbose_name="fonte", null=True, blank=True)
    sostituisce = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name="sostituisce",
        null=True,
        blank=True,
        editable=False,
        related_name="sostituita_da",
    )
    motivo = models.CharField("motivo della nuova versione", max_length=300, blank=True, editable=False)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = DotazioneManager()

    class Meta:
        verbose_name = "dotazione"
        verbose_name_plural = "dotazioni"
        ordering = ["convenzione", "linea__ordine", "anno", "versione"]
        constraints = [
            models.UniqueConstraint(
                fields=["convenzione", "linea", "anno", "versione"],
                name="dotazione_versione_unica",
                violation_error_message="Questa linea ha già una dotazione per quell'anno.",
            ),
            models.UniqueConstraint(
                fields=["convenzione", "linea", "anno"],
                condition=Q(in_vigore=True),
                name="dotazione_una_in_vigore",
                violation_error_message="Questa linea ha già una dotazione in vigore per quell'anno.",
            ),
            models.CheckConstraint(
                condition=Q(importo=None) | Q(importo__gte=0),
                name="dotazione_importo_non_negativo",
                violation_error_message="L'importo non può essere negativo.",
            ),
            models.CheckConstraint(
                condition=Q(precisione=None) | Q(importo__isnull=False, precisione__gt=0),
                name="dotazione_precisione_di_un_importo",
                violation_error_message="La precisione è maggiore di zero e accompagna un importo.",
            ),
            models.CheckConstraint(
                condition=Q(da_verificare=False) | ~Q(motivo_verifica=""),
                name="dotazione_verifica_ha_motivo",
                violation_error_message="Scrivi perché l'importo è da verificare.",
            ),
            se_e_solo_se(
                Q(versione=1),
                Q(sostituisce__isnull=True),
                name="dotazione_versione_sostituisce",
                messaggio="Dalla seconda versione in poi una dotazione sostituisce la precedente.",
            ),
        ]
        triggers = [vieta_svuotamento("dotazione_non_si_svuota")]

    def __str__(self):
        return f"{self.linea.nome_breve} {self.anno}"

    def natural_key(self):
        return (*self.convenzione.natural_key(), *self.linea.natural_key(), self.anno, self.versione)

    natural_key.dependencies = ["convenzioni.convenzione", "convenzioni.lineafinanziamento"]

    @property
    def arrotondato(self) -> bool:
        return self.precisione is not None

    def clean(self):

        # On the page of a new convention the parent is there but has no key yet.
        convenzione = (
            self.convenzione if "convenzione" in self._state.fields_cache or self.convenzione_id else None
        )
        if convenzione is None or convenzione.anno_inizio is None or convenzione.anno_fine is None:
            return
        errori = {}
        if self.anno and self.anno not in convenzione.anni:
            errori["anno"] = f"La convenzione va dal {convenzione.anno_inizio} al {convenzione.anno_fine}."
        if self.linea_id and self.linea.regione_id != convenzione.regione_id:
            errori["linea"] = "Questa linea è di un'altra Regione."
        if errori:
            raise ValidationError(errori)
