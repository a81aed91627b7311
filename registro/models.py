"""What happened: who did what, which files came in, which documents went out, which sources were used."""

import secrets

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from core.constraints import se_e_solo_se
from core.history import traccia
from core.triggers import vieta, vieta_svuotamento

# No 0/O, 1/I/L: the short code is read aloud and typed from paper.
ALFABETO_CODICE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def nuovo_codice() -> str:
    """A short code for a printed document, `K7QF-2M9X`: it identifies, it gives no right."""
    lettere = "".join(secrets.choice(ALFABETO_CODICE) for _ in range(8))
    return f"{lettere[:4]}-{lettere[4:]}"


class Evento(models.Model):
    """A line of the register: an action of a person on an object. Append-only by trigger."""

    quando = models.DateTimeField("quando", auto_now_add=True)
    chi = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="chi", null=True, related_name="+"
    )
    azione = models.CharField("azione", max_length=80)
    oggetto_tipo = models.CharField("tipo di oggetto", max_length=60)
    oggetto_id = models.BigIntegerField("oggetto")
    oggetto_nome = models.CharField("nome dell'oggetto", max_length=300)
    ente = models.ForeignKey(
        "enti.Ente", models.PROTECT, verbose_name="ente", null=True, blank=True, related_name="+"
    )
    dettagli = models.JSONField("dettagli", default=dict)

    class Meta:
        verbose_name = "evento"
        verbose_name_plural = "eventi"
        ordering = ["-quando", "-pk"]
        indexes = [models.Index(fields=["oggetto_tipo", "oggetto_id"], name="evento_per_oggetto")]
        triggers = [
            vieta(
                "evento_si_aggiunge_soltanto",
                pgtrigger.Update | pgtrigger.Delete,
                "Il registro si può solo leggere e allungare.",
            ),
            vieta_svuotamento("evento_non_si_svuota"),
        ]

    def __str__(self):
        return f"{self.azione}: {self.oggetto_nome}"


@traccia
class Allegato(models.Model):
    """A file kept byte for byte as it arrived, with its SHA-256 (64 hexadecimal digits)."""

    nome = models.CharField("nome del file", max_length=255)
    tipo = models.CharField("tipo", max_length=100)
    dimensione = models.PositiveBigIntegerField("dimensione in byte")
    sha256 = models.CharField("impronta SHA-256", max_length=64, db_index=True)
    contenuto = models.ForeignKey(
        "registro.Contenuto", models.PROTECT, verbose_name="contenuto", related_name="+"
    )
    caricato_il = models.DateTimeField("caricato il", auto_now_add=True)
    caricato_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="caricato da", null=True, related_name="+"
    )

    class Meta:
        verbose_name = "allegato"
        verbose_name_plural = "allegati"
        triggers = [vieta_svuotamento("allegato_non_si_svuota")]

    def __str__(self):
        return self.nome


class Contenuto(models.Model):
    """The bytes of a file or a document, apart from their description: a list of files never loads them.

    No row history: its hash stands in the row that points here, and the trigger refuses any change.
    """

    dati = models.BinaryField("dati")

    class Meta:
        verbose_name = "contenuto"
        verbose_name_plural = "contenuti"
        triggers = [
            vieta(
                "contenuto_immutabile",
                pgtrigger.Update | pgtrigger.Delete,
                "Un file conservato non si cambia e non si elimina.",
            ),
            vieta_svuotamento("contenuto_non_si_svuota"),
        ]

    def __str__(self):
        return f"contenuto {self.pk}"


class EsitoCaricamento(models.TextChoices):
    IN_CORSO = "in_corso", "in corso"
    ACCETTATO = "accettato", "accettato"
    RIFIUTATO = "rifiutato", "rifiutato"


@traccia
class Caricamento(models.Model):
    """One upload and what the controls said of it. A refused upload keeps its file and its errors."""

    tipo = models.CharField("tipo", max_length=40)
    ente = models.ForeignKey("enti.Ente", models.PROTECT, verbose_name="ente", related_name="+")
    allegato = models.ForeignKey(Allegato, models.PROTECT, verbose_name="file", related_name="caricamenti")
    esito = models.CharField(
        "esito", max_length=10, choices=EsitoCaricamento, default=EsitoCaricamento.IN_CORSO
    )
    righe = models.PositiveIntegerField("righe lette", default=0)
    totale = models.DecimalField("totale", max_digits=14, decimal_places=2, null=True, blank=True)
    errori_totali = models.PositiveIntegerField("errori in tutto", default=0)
    riepilogo = models.JSONField("riepilogo per controllo", default=list)
    caricato_il = models.DateTimeField("caricato il", auto_now_add=True)
    caricato_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="caricato da", null=True, related_name="+"
    )
    dimostrativo = models.BooleanField("dato dimostrativo", default=False)

    class Meta:
        verbose_name = "caricamento"
        verbose_name_plural = "caricamenti"
        ordering = ["-caricato_il", "-pk"]
        triggers = [vieta_svuotamento("caricamento_non_si_svuota")]

    def __str__(self):
        return f"{self.allegato.nome} ({self.get_esito_display()})"


class LivelloEsito(models.TextChoices):
    BLOCCANTE = "bloccante", "bloccante"
    AVVISO = "avviso", "avviso"
    NOTA = "nota", "nota"


class EsitoControllo(models.Model):
    """One finding of a control in one cell of an upload. Written once, with the upload."""

    caricamento = models.ForeignKey(
        Caricamento, models.CASCADE, verbose_name="caricamento", related_name="esiti"
    )
    livello = models.CharField("livello", max_length=10, choices=LivelloEsito)
    codice = models.CharField("codice", max_length=10)
    # A code may hold several controls («C19.lettura», «C19.somma»): findings are grouped by this.
    controllo = models.CharField("controllo", max_length=40, blank=True)
    foglio = models.CharField("foglio", max_length=40, blank=True)
    cella = models.CharField("cella", max_length=12, blank=True)
    riga = models.PositiveIntegerField("riga", null=True)
    etichetta = models.CharField("di che cosa parla la riga", max_length=120, blank=True)
    trovato = models.TextField("trovato", blank=True)
    atteso = models.TextField("atteso", blank=True)
    messaggio = models.TextField("messaggio")

    class Meta:
        verbose_name = "esito di controllo"
        verbose_name_plural = "esiti di controllo"
        ordering = ["pk"]
        triggers = [vieta_svuotamento("esito_non_si_svuota")]

    def __str__(self):
        return f"{self.codice} {self.cella}: {self.messaggio}"


class StatoDocumento(models.TextChoices):
    IN_PREPARAZIONE = "in_preparazione", "in preparazione"
    PRONTO = "pronto", "pronto"


@traccia
class Documento(models.Model):
    """An issued document: rendered once by a job, kept with its SHA-256, served as stored bytes."""

    tipo = models.CharField("tipo", max_length=40)
    titolo = models.CharField("titolo", max_length=300)
    codice = models.CharField("codice", max_length=9, unique=True, default=nuovo_codice, editable=False)
    nome_file = models.CharField("nome del file", max_length=120)
    stato = models.CharField(
        "stato", max_length=15, choices=StatoDocumento, default=StatoDocumento.IN_PREPARAZIONE
    )
    sha256 = models.CharField("impronta SHA-256", max_length=64, null=True, editable=False)
    dimensione = models.PositiveIntegerField("dimensione in byte", null=True, editable=False)
    contenuto = models.ForeignKey(
        Contenuto, models.PROTECT, verbose_name="contenuto", null=True, editable=False, related_name="+"
    )
    # The page as it was at the moment of issue: the job may run later, when the data have changed.
    sorgente = models.ForeignKey(
        Contenuto, models.PROTECT, verbose_name="pagina emessa", null=True, editable=False, related_name="+"
    )
    creato_il = models.DateTimeField("creato il", auto_now_add=True)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False)

    class Meta:
        verbose_name = "documento"
        verbose_name_plural = "documenti"
        ordering = ["-creato_il", "-pk"]
        constraints = [
            se_e_solo_se(
                Q(stato=StatoDocumento.PRONTO),
                Q(contenuto__isnull=False, sha256__isnull=False, dimensione__isnull=False),
                name="documento_pronto_ha_contenuto",
                messaggio="Un documento pronto ha il contenuto e la sua impronta.",
            ),
        ]
        triggers = [
            vieta(
                "documento_pronto_immutabile",
                pgtrigger.Update | pgtrigger.Delete,
                "Un documento emesso non si cambia e non si elimina.",
                condizione=pgtrigger.Q(old__stato=StatoDocumento.PRONTO),
            ),
            vieta_svuotamento("documento_non_si_svuota"),
        ]

    def __str__(self):
        return self.titolo

    @property
    def pronto(self) -> bool:
        return self.stato == StatoDocumento.PRONTO


@traccia
class Fonte(models.Model):
    """A source document from which official figures were taken."""

    codice = models.SlugField("codice", max_length=20, unique=True)
    titolo = models.CharField("titolo", max_length=300)
    emittente = models.CharField("chi l'ha pubblicato", max_length=200)
    data = models.DateField("data del documento", null=True, blank=True)
    nota = models.TextField("nota", blank=True)

    class Meta:
        verbose_name = "fonte"
        verbose_name_plural = "fonti"
        ordering = ["codice"]

    def __str__(self):
        return f"{self.codice} – {self.titolo}"

    def natural_key(self):
        return (self.codice,)


@traccia
class CifraFonte(models.Model):
    """A figure as a source prints it, and where it lives in this application (or why it lives nowhere)."""

    fonte = models.ForeignKey(Fonte, models.PROTECT, verbose_name="fonte", related_name="cifre")
    ordine = models.PositiveSmallIntegerField("ordine nella fonte")
    testo = models.CharField(
        "come è stampata", max_length=120, help_text="La cifra con le parole della fonte."
    )
    descrizione = models.CharField("che cosa misura", max_length=300)
    valore = models.DecimalField("valore", max_digits=16, decimal_places=2, null=True, blank=True)
    unita = models.CharField("unità", max_length=20)
    anno = models.PositiveSmallIntegerField("anno", null=True, blank=True)
    vive_in = models.CharField(
        "dove vive",
        max_length=300,
        blank=True,
        help_text="Il dato dell'applicazione che la contiene; vuoto se è solo una cifra di controllo.",
    )
    da_verificare = models.BooleanField("da verificare", default=False)
    nota = models.TextField("nota", blank=True)

    class Meta:
        verbose_name = "cifra della fonte"
        verbose_name_plural = "cifre delle fonti"
        ordering = ["fonte", "ordine"]
        constraints = [
            models.UniqueConstraint(
                fields=["fonte", "ordine"],
                name="cifra_fonte_ordine",
                violation_error_message="Due cifre della stessa fonte hanno lo stesso ordine.",
            ),
        ]

    def __str__(self):
        return f"{self.testo} ({self.fonte.codice})"
