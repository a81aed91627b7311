"""What the enti report: the obligations of a convention, their reports in versions, the cost rows."""

from decimal import Decimal
from functools import reduce
from operator import add

from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from convenzioni.models import Convenzione, LineaFinanziamento
from core.constraints import se_e_solo_se, tutti_o_nessuno
from core.fields import ImportoField
from core.history import traccia, traccia_cambi
from core.triggers import vieta_svuotamento
from enti.models import CentroImpiego, Ente, EnteStrumentale
from enti.permessi import Permesso
from registro.models import Caricamento


class TipoAdempimento(models.TextChoices):
    COSTI_PERSONALE_TRIMESTRALE = (
        "costi_personale_trimestrale",
        "rendiconto trimestrale dei costi del personale",
    )
    COSTI_PERSONALE_ANNUALE = "costi_personale_annuale", "report annuale dei costi del personale"


class RegolaQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(convenzione__in=Convenzione.objects.visibili_a(utente))


@traccia
class RegolaAdempimento(models.Model):
    """When a duty of a convention falls due: `mesi_dopo` months after the end of its period, on `giorno`.

    `giorno` NULL is the last day of that month. `presunta` says that the source gives only the periodicity.
    """

    convenzione = models.ForeignKey(
        Convenzione, models.PROTECT, verbose_name="convenzione", related_name="regole"
    )
    tipo = models.CharField("adempimento", max_length=40, choices=TipoAdempimento)
    mesi_dopo = models.PositiveSmallIntegerField(
        "mesi dopo la fine del periodo", help_text="1 = il mese che segue il periodo."
    )
    giorno = models.PositiveSmallIntegerField(
        "giorno del mese", null=True, blank=True, help_text="Vuoto: l'ultimo giorno del mese."
    )
    presunta = models.BooleanField(
        "presunta", default=False, help_text="La fonte indica la periodicità ma non il giorno."
    )
    fonte = models.CharField("da dove viene la regola", max_length=300, blank=True)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = RegolaQuerySet.as_manager()

    class Meta:
        verbose_name = "regola di scadenza"
        verbose_name_plural = "regole di scadenza"
        ordering = ["convenzione", "tipo"]
        constraints = [
            models.UniqueConstraint(
                fields=["convenzione", "tipo"],
                name="regola_una_per_tipo",
                violation_error_message="Questa convenzione ha già una regola per questo adempimento.",
            ),
            models.CheckConstraint(
                condition=Q(giorno=None) | Q(giorno__range=(1, 31)),
                name="regola_giorno_del_mese",
                violation_error_message="Il giorno va da 1 a 31.",
            ),
        ]

    def __str__(self):
        return f"{self.convenzione}: {self.get_tipo_display()}"


class VoceCosto(models.TextChoices):
    """The items of a personnel cost (the six of the template, the rest under «altro»)."""

    TRATTAMENTO_FONDAMENTALE = "trattamento_fondamentale", "Trattamento fondamentale"
    TRATTAMENTO_ACCESSORIO = "trattamento_accessorio", "Trattamento accessorio"
    ONERI_RIFLESSI = "oneri_riflessi", "Oneri riflessi"
    IRAP = "irap", "IRAP"
    BUONI_PASTO = "buoni_pasto", "Buoni pasto"
    ALTRO = "altro", "Altro"


class VoceAmmessaQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(convenzione__in=Convenzione.objects.visibili_a(utente))


@traccia
class VoceAmmessa(models.Model):
    """Which cost items a line admits in a year. A line without rows for a year admits no personnel cost."""

    convenzione = models.ForeignKey(
        Convenzione, models.PROTECT, verbose_name="convenzione", related_name="voci_ammesse"
    )
    linea = models.ForeignKey(
        LineaFinanziamento, models.PROTECT, verbose_name="linea", related_name="voci_ammesse"
    )
    anno = models.PositiveSmallIntegerField("anno")
    voce = models.CharField("voce di costo", max_length=30, choices=VoceCosto)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = VoceAmmessaQuerySet.as_manager()

    class Meta:
        verbose_name = "voce di costo ammessa"
        verbose_name_plural = "voci di costo ammesse"
        ordering = ["convenzione", "anno", "linea__ordine", "voce"]
        constraints = [
            models.UniqueConstraint(
                fields=["convenzione", "linea", "anno", "voce"],
                name="voce_ammessa_unica",
                violation_error_message="Questa voce è già ammessa.",
            ),
        ]

    def __str__(self):
        return f"{self.linea} {self.anno}: {self.get_voce_display()}"


class AdempimentoQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        """Reports hold personal data: own ente for a province, the whole Region for who reviews or audits."""
        enti = Ente.objects.con_permesso(utente, Permesso.VEDERE_RENDICONTI).values("pk")
        return self.filter(ente__in=enti, convenzione__in=Convenzione.objects.visibili_a(utente).values("pk"))

    def con_rendiconto(self, utente=None):
        """Add `rendiconto_id`, `stato` and `trasmesso_il` of the version that `utente` may see (None: all).

        That is the version in force; for the Region, which meets a report only once it has been sent, the
        last one sent. `stato` is `DA_PRESENTARE` where there is none.
        """
        versioni = Rendiconto.objects.filter(adempimento=OuterRef("pk")).filter(
            Q(in_vigore=True) | Q(trasmesso_il__isnull=False)
        )
        if utente is not None:
            propri = Ente.objects.con_permesso(utente, Permesso.CARICARE_RENDICONTO).values("pk")
            versioni = versioni.filter(Q(trasmesso_il__isnull=False) | Q(adempimento__ente__in=propri))
        versioni = versioni.order_by("-in_vigore", "-versione")
        return self.annotate(
            rendiconto_id=Subquery(versioni.values("pk")[:1]),
            stato=Coalesce(
                Subquery(versioni.values("stato")[:1]), Value(DA_PRESENTARE), output_field=models.CharField()
            ),
            trasmesso_il=Subquery(versioni.values("trasmesso_il")[:1]),
        )

    def da_fare(self):
        """Of those `con_rendiconto`: the quarters still to send, what came back first, then by due date."""
        aperti = self.filter(stato__in=[DA_PRESENTARE, *MODIFICABILI], trimestre__isnull=False)
        prima = Case(When(stato=StatoRendiconto.RESTITUITO, then=0), default=1)
        return aperti.order_by(prima, "scadenza", "ente__nome_breve", "pk")

    def da_istruire(self):
        """Of those `con_rendiconto`: what waits for the Region, the oldest first."""
        return self.filter(stato__in=[StatoRendiconto.TRASMESSO, StatoRendiconto.IN_ISTRUTTORIA]).order_by(
            "trasmesso_il", "pk"
        )


@traccia
class Adempimento(models.Model):
    """A duty of an ente for a period: a quarter (`trimestre` 1–4) or the whole year (NULL)."""

    convenzione = models.ForeignKey(
        Convenzione, models.PROTECT, verbose_name="convenzione", related_name="adempimenti"
    )
    ente = models.ForeignKey(Ente, models.PROTECT, verbose_name="ente", related_name="adempimenti")
    tipo = models.CharField("tipo", max_length=40, choices=TipoAdempimento)
    anno = models.PositiveSmallIntegerField("anno")
    trimestre = models.PositiveSmallIntegerField("trimestre", null=True, blank=True)
    scadenza = models.DateField("scadenza")
    presunta = models.BooleanField("giorno presunto", default=False)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = AdempimentoQuerySet.as_manager()

    class Meta:
        verbose_name = "adempimento"
        verbose_name_plural = "adempimenti"
        ordering = ["scadenza", "ente__nome_breve", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convenzione", "ente", "tipo", "anno", "trimestre"],
                name="adempimento_unico",
                nulls_distinct=False,
                violation_error_message="Questo adempimento c'è già.",
            ),
            se_e_solo_se(
                Q(tipo=TipoAdempimento.COSTI_PERSONALE_TRIMESTRALE),
                Q(trimestre__isnull=False),
                name="adempimento_trimestrale_ha_trimestre",
                messaggio="Un rendiconto trimestrale ha il suo trimestre.",
            ),
            models.CheckConstraint(
                condition=Q(trimestre=None) | Q(trimestre__range=(1, 4)),
                name="adempimento_trimestre",
                violation_error_message="Il trimestre va da 1 a 4.",
            ),
        ]

    def __str__(self):
        return f"{self.titolo}, {self.ente.nome_breve}"

    def get_absolute_url(self):
        return reverse("rendicontazione:dettaglio", args=[self.pk])

    @property
    def titolo(self) -> str:
        if self.trimestre:
            return f"Rendiconto {self.trimestre}° trimestre {self.anno}"
        return f"Report annuale dei costi del personale {self.anno}"

    @property
    def mesi(self) -> tuple[int, ...]:
        """The months of the period, 1–12."""
        if self.trimestre:
            return tuple(range(self.trimestre * 3 - 2, self.trimestre * 3 + 1))
        return tuple(range(1, 13))

    def giorni_di_ritardo(self, il=None) -> int:
        """Days after the due date on the day `il` (today in Rome); 0 when not late."""
        return max(0, ((il or timezone.localdate()) - self.scadenza).days)


class StatoRendiconto(models.TextChoices):
    IN_COMPILAZIONE = "in_compilazione", "in compilazione"
    TRASMESSO = "trasmesso", "trasmesso"
    IN_ISTRUTTORIA = "in_istruttoria", "in istruttoria"
    RESTITUITO = "restituito", "restituito"
    VALIDATO = "validato", "validato"


S = StatoRendiconto

TRANSIZIONI: dict[str, tuple[str, ...]] = {
    S.IN_COMPILAZIONE: (S.TRASMESSO,),
    S.TRASMESSO: (S.IN_COMPILAZIONE, S.IN_ISTRUTTORIA),
    S.IN_ISTRUTTORIA: (S.VALIDATO, S.RESTITUITO),
    S.RESTITUITO: (S.TRASMESSO,),
    S.VALIDATO: (),
}
# Not stored: the state of an adempimento that has no report yet.
DA_PRESENTARE = "da_presentare"
# A new file makes a new version only while the report is in the hands of the ente.
MODIFICABILI = (S.IN_COMPILAZIONE, S.RESTITUITO)


class RendicontoQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        """What the person may see; the Region meets a report only once it has been sent."""
        adempimenti = Adempimento.objects.visibili_a(utente).values("pk")
        propri = Ente.objects.con_permesso(utente, Permesso.CARICARE_RENDICONTO).values("pk")
        return self.filter(adempimento__in=adempimenti).filter(
            Q(trasmesso_il__isnull=False) | Q(adempimento__ente__in=propri)
        )

    def in_vigore(self):
        return self.filter(in_vigore=True)


@traccia
class Rendiconto(models.Model):
    """A version of the report of an adempimento, made by an accepted upload. One version is in force."""

    adempimento = models.ForeignKey(
        Adempimento, models.PROTECT, verbose_name="adempimento", related_name="rendiconti"
    )
    versione = models.PositiveSmallIntegerField("versione", default=1)
    in_vigore = models.BooleanField("in vigore", default=True)
    stato = models.CharField(
        "stato", max_length=20, choices=StatoRendiconto, default=StatoRendiconto.IN_COMPILAZIONE
    )
    caricamento = models.OneToOneField(
        Caricamento, models.PROTECT, verbose_name="caricamento", related_name="rendiconto"
    )
    creato_il = models.DateTimeField("creato il", auto_now_add=True)
    trasmesso_il = models.DateTimeField("trasmesso il", null=True, blank=True)
    trasmesso_da = models.ForeignKey(
        "enti.Utente", models.PROTECT, verbose_name="trasmesso da", null=True, blank=True, related_name="+"
    )
    preso_in_carico_il = models.DateTimeField("preso in carico il", null=True, blank=True)
    preso_in_carico_da = models.ForeignKey(
        "enti.Utente",
        models.PROTECT,
        verbose_name="preso in carico da",
        null=True,
        blank=True,
        related_name="+",
    )
    deciso_il = models.DateTimeField("deciso il", null=True, blank=True)
    deciso_da = models.ForeignKey(
        "enti.Utente", models.PROTECT, verbose_name="deciso da", null=True, blank=True, related_name="+"
    )
    motivo = models.TextField("motivo", blank=True, help_text="Perché è stato restituito.")
    dimostrativo = models.BooleanField("dato dimostrativo", default=False)

    objects = RendicontoQuerySet.as_manager()

    class Meta:
        verbose_name = "rendiconto"
        verbose_name_plural = "rendiconti"
        ordering = ["adempimento", "-versione"]
        constraints = [
            models.UniqueConstraint(
                fields=["adempimento", "versione"],
                name="rendiconto_versione_unica",
                violation_error_message="Questa versione c'è già.",
            ),
            models.UniqueConstraint(
                fields=["adempimento"],
                condition=Q(in_vigore=True),
                name="rendiconto_uno_in_vigore",
                violation_error_message="C'è già una versione in vigore.",
            ),
            tutti_o_nessuno(
                "trasmesso_il",
                "trasmesso_da",
                name="rendiconto_trasmesso_da_e_il",
                messaggio="Un rendiconto trasmesso dice chi l'ha trasmesso e quando.",
            ),
            tutti_o_nessuno(
                "preso_in_carico_il",
                "preso_in_carico_da",
                name="rendiconto_carico_da_e_il",
                messaggio="Un rendiconto preso in carico dice da chi e quando.",
            ),
            tutti_o_nessuno(
                "deciso_il",
                "deciso_da",
                name="rendiconto_deciso_da_e_il",
                messaggio="Un rendiconto deciso dice da chi e quando.",
            ),
            se_e_solo_se(
                Q(stato=StatoRendiconto.IN_COMPILAZIONE),
                Q(trasmesso_il__isnull=True),
                name="rendiconto_trasmesso_ha_la_data",
                messaggio="La data di trasmissione c'è se il rendiconto è stato trasmesso.",
            ),
            se_e_solo_se(
                Q(stato__in=[StatoRendiconto.VALIDATO, StatoRendiconto.RESTITUITO]),
                Q(deciso_il__isnull=False),
                name="rendiconto_deciso_ha_la_data",
                messaggio="La data della decisione c'è se il rendiconto è stato deciso.",
            ),
            models.CheckConstraint(
                condition=~Q(stato=StatoRendiconto.RESTITUITO) | ~Q(motivo=""),
                name="rendiconto_restituito_ha_motivo",
                violation_error_message="Scrivi perché restituisci il rendiconto.",
            ),
        ]

    def __str__(self):
        return f"{self.adempimento} (versione {self.versione})"

    def puo_diventare(self, stato: str) -> bool:
        return stato in TRANSIZIONI[self.stato]

    @property
    def modificabile(self) -> bool:
        return self.stato in MODIFICABILI

    @property
    def giorni_di_ritardo(self) -> int:
        """Days of delay of the transmission, in Rome; of today while not sent."""
        il = timezone.localdate(self.trasmesso_il) if self.trasmesso_il else None
        return self.adempimento.giorni_di_ritardo(il)


class CaricamentoRendicontoQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        """The uploads of one's own ente; to the Region only those of a report that has been sent."""
        propri = Ente.objects.con_permesso(utente, Permesso.CARICARE_RENDICONTO).values("pk")
        return self.filter(adempimento__in=Adempimento.objects.visibili_a(utente).values("pk")).filter(
            Q(adempimento__ente__in=propri) | Q(caricamento__rendiconto__trasmesso_il__isnull=False)
        )


@traccia
class CaricamentoRendiconto(models.Model):
    """Which adempimento an upload was for, also when it was refused and made no report."""

    caricamento = models.OneToOneField(
        Caricamento, models.PROTECT, verbose_name="caricamento", primary_key=True, related_name="destinazione"
    )
    adempimento = models.ForeignKey(
        Adempimento, models.PROTECT, verbose_name="adempimento", related_name="caricamenti"
    )

    objects = CaricamentoRendicontoQuerySet.as_manager()

    class Meta:
        verbose_name = "caricamento di un rendiconto"
        verbose_name_plural = "caricamenti dei rendiconti"
        ordering = ["-caricamento"]

    def __str__(self):
        return f"{self.caricamento} per {self.adempimento}"


def somma_delle_voci():
    """The sum of the items of a row; an item that was left empty (NULL) adds nothing."""
    voci = [Coalesce(voce, Decimal(0), output_field=models.DecimalField()) for voce in VoceCosto.values]
    return reduce(add, voci)


class RigaCostoQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(rendiconto__in=Rendiconto.objects.visibili_a(utente))


@traccia_cambi
class RigaCosto(models.Model):
    """The cost of a person for a month on a line (euro), as in one row of the sheet «Costi».

    Written by COPY. Its insertion is proved by the stored file and its hash, so the row history keeps only
    updates and deletes. No foreign key has a constraint, which would be checked row by row (each costs a fifth
    of the import, or more): a statement-level trigger checks the new rows, and triggers protect what they
    point to (see `migrations/0002_righe.py`).
    """

    rendiconto = models.ForeignKey(
        Rendiconto,
        models.CASCADE,
        verbose_name="rendiconto",
        db_constraint=False,
        related_name="righe",
    )
    riga = models.PositiveIntegerField("riga del foglio")
    matricola = models.CharField("matricola", max_length=30)
    codice_fiscale = models.CharField("codice fiscale", max_length=16)
    cognome = models.CharField("cognome", max_length=100)
    nome = models.CharField("nome", max_length=100)
    datore = models.ForeignKey(
        EnteStrumentale,
        models.PROTECT,
        verbose_name="datore di lavoro",
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="Vuoto: l'ente stesso.",
    )
    cpi = models.ForeignKey(
        CentroImpiego,
        models.PROTECT,
        verbose_name="CPI",
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    inquadramento = models.CharField("inquadramento", max_length=100)
    profilo = models.CharField("profilo", max_length=100)
    linea = models.ForeignKey(
        LineaFinanziamento,
        models.PROTECT,
        verbose_name="linea",
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    mese = models.PositiveSmallIntegerField("mese")
    percentuale = models.DecimalField("percentuale di tempo", max_digits=5, decimal_places=2)
    trattamento_fondamentale = ImportoField("trattamento fondamentale", null=True)
    trattamento_accessorio = ImportoField("trattamento accessorio", null=True)
    oneri_riflessi = ImportoField("oneri riflessi", null=True)
    irap = ImportoField("IRAP", null=True)
    buoni_pasto = ImportoField("buoni pasto", null=True)
    altro = ImportoField("altro", null=True)
    totale = ImportoField("totale")

    objects = RigaCostoQuerySet.as_manager()

    class Meta:
        verbose_name = "riga di costo"
        verbose_name_plural = "righe di costo"
        ordering = ["rendiconto", "riga"]
        constraints = [
            models.CheckConstraint(
                condition=Q(totale=somma_delle_voci()),
                name="riga_costo_totale_e_la_somma",
                violation_error_message="Il totale della riga è la somma delle sue voci.",
            ),
            models.CheckConstraint(
                condition=Q(mese__range=(1, 12)),
                name="riga_costo_mese",
                violation_error_message="Il mese va da 1 a 12.",
            ),
        ]
        triggers = [vieta_svuotamento("riga_costo_non_si_svuota")]

    def __str__(self):
        return f"riga {self.riga}"


class TotaleQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(rendiconto__in=Rendiconto.objects.visibili_a(utente))


class TotaleRendiconto(models.Model):
    """The total of a report per line and month (euro), written with its rows: pages never scan the rows.

    A «di cui» line has its own rows here; who sums adds them to the parent.
    """

    rendiconto = models.ForeignKey(
        Rendiconto, models.CASCADE, verbose_name="rendiconto", related_name="totali"
    )
    linea = models.ForeignKey(LineaFinanziamento, models.PROTECT, verbose_name="linea", related_name="+")
    mese = models.PositiveSmallIntegerField("mese")
    importo = ImportoField("importo")
    righe = models.PositiveIntegerField("righe")
    persone = models.PositiveIntegerField("persone")

    objects = TotaleQuerySet.as_manager()

    class Meta:
        verbose_name = "totale del rendiconto"
        verbose_name_plural = "totali del rendiconto"
        ordering = ["rendiconto", "linea__ordine", "mese"]
        constraints = [
            models.UniqueConstraint(
                fields=["rendiconto", "linea", "mese"],
                name="totale_rendiconto_unico",
                violation_error_message="Il totale c'è già.",
            ),
        ]
        triggers = [vieta_svuotamento("totale_rendiconto_non_si_svuota")]

    def __str__(self):
        return f"{self.linea}, mese {self.mese}"
