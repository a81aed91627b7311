"""Who: the Region, its Province and Città metropolitane, their employment centres, the people and their roles."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.utils import timezone

from core.constraints import se_e_solo_se, tutti_o_nessuno
from core.history import traccia

from .permessi import PERMESSI_ADMIN, RUOLI, RUOLI_PROVINCIALI, RUOLI_REGIONALI, Permesso, Ruolo


class TipoEnte(models.TextChoices):
    REGIONE = "regione", "Regione"
    PROVINCIA = "provincia", "Provincia"
    CITTA_METROPOLITANA = "citta_metropolitana", "Città metropolitana"


class EnteQuerySet(models.QuerySet):
    def con_permesso(self, utente, *permessi: Permesso):
        """The enti where the person holds one of the permissions: there, or in the Region they belong to."""
        propri = utente.enti_con(*permessi)
        return self.filter(Q(pk__in=propri) | Q(regione__in=propri))

    def visibili_a(self, utente):
        """Own ente, its Region and, since approved acts are public, the other enti of that Region."""
        regioni = {i.ente.regione_id or i.ente_id for i in utente.incarichi_attivi()}
        return self.filter(Q(pk__in=regioni) | Q(regione__in=regioni))

    def delegati(self):
        """Province and Città metropolitane: the enti that sign a convention and report costs."""
        return self.exclude(tipo=TipoEnte.REGIONE)


class EnteManager(models.Manager.from_queryset(EnteQuerySet)):
    def get_by_natural_key(self, codice_ipa_o_sigla):
        return self.get(sigla=codice_ipa_o_sigla)


@traccia
class Ente(models.Model):
    """A Region, or one of the Province / Città metropolitane to which it delegates its CPI."""

    sigla = models.CharField("sigla", max_length=8, unique=True)
    denominazione = models.CharField("denominazione", max_length=120)
    nome_breve = models.CharField("nome breve", max_length=60, help_text="Come appare nelle tabelle.")
    tipo = models.CharField("tipo", max_length=20, choices=TipoEnte)
    regione = models.ForeignKey(
        "self", models.PROTECT, verbose_name="regione", null=True, blank=True, related_name="enti"
    )
    codice_istat_sovracomunale = models.CharField(
        "codice ISTAT dell'unità sovracomunale",
        max_length=3,
        blank=True,
        help_text="Tre cifre; Milano è 215 da quando è città metropolitana. A parità di resto decide l'ordine "
        "dei centesimi nel riparto.",
    )
    codice_istat_storico = models.CharField("codice ISTAT storico", max_length=3, blank=True)
    nuts = models.CharField("codice NUTS", max_length=5, blank=True)
    codice_ipa = models.CharField("codice IPA", max_length=20, blank=True)
    pec = models.EmailField("PEC", blank=True)
    fonte_codici = models.CharField("fonte dei codici", max_length=200, blank=True)

    objects = EnteManager()

    class Meta:
        verbose_name = "ente"
        verbose_name_plural = "enti"
        ordering = ["nome_breve"]
        constraints = [
            se_e_solo_se(
                Q(tipo=TipoEnte.REGIONE),
                Q(regione__isnull=True),
                name="ente_appartiene_a_una_regione",
                messaggio="Una Provincia o Città metropolitana appartiene a una Regione; una Regione a nessuna.",
            ),
            models.UniqueConstraint(
                fields=["codice_istat_sovracomunale"],
                condition=~Q(codice_istat_sovracomunale=""),
                name="ente_codice_istat_unico",
                violation_error_message="Un altro ente ha già questo codice ISTAT.",
            ),
        ]

    def __str__(self):
        return self.denominazione

    def natural_key(self):
        return (self.sigla,)

    @property
    def e_regione(self) -> bool:
        return self.tipo == TipoEnte.REGIONE


class EnteStrumentaleQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(contratti__ente__in=Ente.objects.visibili_a(utente)).distinct()

    def attivi_per(self, ente: Ente, dal, al):
        """Those with a contratto di servizio with the ente on at least one day between the two dates."""
        contratti = ContrattoServizio.objects.filter(
            Q(dal=None) | Q(dal__lte=al), Q(al=None) | Q(al__gte=dal), ente=ente
        )
        return self.filter(contratti__in=contratti).distinct()


class EnteStrumentaleManager(models.Manager.from_queryset(EnteStrumentaleQuerySet)):
    def get_by_natural_key(self, denominazione):
        return self.get(denominazione=denominazione)


@traccia
class EnteStrumentale(models.Model):
    """A body that runs CPI for an ente under a contratto di servizio (AFOL, special agency): it employs staff."""

    denominazione = models.CharField("denominazione", max_length=120, unique=True)
    confluito_in = models.ForeignKey(
        "self", models.PROTECT, verbose_name="confluito in", null=True, blank=True, related_name="+"
    )
    confluito_il = models.DateField("confluito il", null=True, blank=True)
    nota = models.TextField("nota", blank=True)

    objects = EnteStrumentaleManager()

    class Meta:
        verbose_name = "ente strumentale"
        verbose_name_plural = "enti strumentali"
        ordering = ["denominazione"]
        constraints = [
            tutti_o_nessuno(
                "confluito_in",
                "confluito_il",
                name="ente_strumentale_confluito_in_e_il",
                messaggio="Scrivi insieme l'ente in cui è confluito e la data, oppure nessuno dei due.",
            ),
        ]

    def __str__(self):
        return self.denominazione

    def natural_key(self):
        return (self.denominazione,)


class ContrattoServizioQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(ente__in=Ente.objects.visibili_a(utente))


@traccia
class ContrattoServizio(models.Model):
    """The contract by which an ente has its CPI run by an ente strumentale, from a day to another."""

    ente = models.ForeignKey(Ente, models.PROTECT, verbose_name="ente", related_name="contratti")
    ente_strumentale = models.ForeignKey(
        EnteStrumentale, models.PROTECT, verbose_name="ente strumentale", related_name="contratti"
    )
    dal = models.DateField("dal", null=True, blank=True, help_text="Vuoto se la fonte non lo indica.")
    al = models.DateField("al", null=True, blank=True)
    nota = models.TextField("nota", blank=True)

    objects = ContrattoServizioQuerySet.as_manager()

    class Meta:
        verbose_name = "contratto di servizio"
        verbose_name_plural = "contratti di servizio"
        ordering = ["ente", "ente_strumentale"]
        constraints = [
            models.CheckConstraint(
                condition=Q(dal=None) | Q(al=None) | Q(al__gte=F("dal")),
                name="contratto_servizio_dal_prima_di_al",
                violation_error_message="Il contratto finisce prima di cominciare.",
            ),
        ]

    def __str__(self):
        return f"{self.ente} – {self.ente_strumentale}"


class TipoSede(models.TextChoices):
    PRINCIPALE = "principale", "principale"
    DISTACCATA = "distaccata", "distaccata"
    SPORTELLO = "sportello", "sportello"


class CentroImpiegoQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        return self.filter(ente__in=Ente.objects.visibili_a(utente))

    def attivi(self, dal, al):
        """Open on at least one day between the two dates; an unknown date of opening counts as open."""
        return self.filter(
            Q(attivo_dal=None) | Q(attivo_dal__lte=al), Q(attivo_al=None) | Q(attivo_al__gte=dal)
        )


class CentroImpiegoManager(models.Manager.from_queryset(CentroImpiegoQuerySet)):
    def get_by_natural_key(self, sigla, denominazione):
        return self.get(ente__sigla=sigla, denominazione=denominazione)


@traccia
class CentroImpiego(models.Model):
    """A public employment centre (CPI), or one of its detached sites."""

    ente = models.ForeignKey(Ente, models.PROTECT, verbose_name="ente", related_name="centri")
    denominazione = models.CharField("denominazione", max_length=120)
    tipo_sede = models.CharField("tipo di sede", max_length=12, choices=TipoSede, default=TipoSede.PRINCIPALE)
    riferimento = models.ForeignKey(
        "self", models.PROTECT, verbose_name="CPI di riferimento", null=True, blank=True, related_name="sedi"
    )
    attivo_dal = models.DateField("attivo dal", null=True, blank=True)
    attivo_al = models.DateField("attivo al", null=True, blank=True)
    da_verificare = models.BooleanField("da verificare", default=False)
    motivo_verifica = models.CharField("motivo della verifica", max_length=300, blank=True)
    fonte = models.CharField("fonte", max_length=200, blank=True)

    objects = CentroImpiegoManager()

    class Meta:
        verbose_name = "centro per l'impiego"
        verbose_name_plural = "centri per l'impiego"
        ordering = ["ente", "denominazione"]
        constraints = [
            models.UniqueConstraint(
                fields=["ente", "denominazione"],
                name="centro_impiego_nome_unico",
                violation_error_message="Questo ente ha già un CPI con questo nome.",
            ),
            se_e_solo_se(
                Q(tipo_sede=TipoSede.PRINCIPALE),
                Q(riferimento__isnull=True),
                name="centro_impiego_sede_ha_riferimento",
                messaggio="Una sede distaccata o uno sportello ha il suo CPI di riferimento; "
                "un CPI principale no.",
            ),
            models.CheckConstraint(
                condition=Q(da_verificare=False) | ~Q(motivo_verifica=""),
                name="centro_impiego_verifica_ha_motivo",
                violation_error_message="Scrivi perché il dato è da verificare.",
            ),
        ]

    def __str__(self):
        return self.denominazione

    def natural_key(self):
        return (self.ente.sigla, self.denominazione)

    natural_key.dependencies = ["enti.ente"]


class UtenteManager(BaseUserManager):
    def create_user(self, email, password=None, **campi):
        """A person with an e-mail and, without `password`, no way in until the invitation is used."""
        utente = self.model(email=self.normalize_email(email).lower(), **campi)
        utente.set_password(password)
        utente.full_clean(exclude=["password"])
        utente.save()
        return utente

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class UtenteQuerySet(models.QuerySet):
    def visibili_a(self, utente):
        """The people of the enti where the person manages people, and those who have no role yet."""
        enti = Ente.objects.con_permesso(utente, Permesso.GESTIRE_PERSONE)
        if not enti.exists():
            return self.none()
        return self.filter(Q(incarichi__ente__in=enti) | Q(incarichi=None)).distinct()


@traccia
class Utente(AbstractBaseUser):
    """A person who logs in with an e-mail. Rights come only from the active `Incarico`: nobody is superuser."""

    email = models.EmailField("e-mail", unique=True)
    nome = models.CharField("nome", max_length=60)
    cognome = models.CharField("cognome", max_length=60)
    is_active = models.BooleanField("attivo", default=True)
    creato_il = models.DateTimeField("creato il", auto_now_add=True)
    dimostrativo = models.BooleanField("dato dimostrativo", default=False, editable=False)

    objects = UtenteManager.from_queryset(UtenteQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["nome", "cognome"]

    class Meta:
        verbose_name = "persona"
        verbose_name_plural = "persone"
        ordering = ["cognome", "nome"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="utente_email_unica",
                violation_error_message="Una persona con questa e-mail c'è già.",
            ),
        ]

    def __str__(self):
        return f"{self.nome} {self.cognome}"

    get_full_name = __str__

    def get_short_name(self):
        return self.nome

    # ---- rights

    def incarichi_attivi(self):
        """The active roles, read once per request (the object lives as long as the request)."""
        if "_incarichi" not in self.__dict__:
            self._incarichi = list(self.incarichi.attivi().select_related("ente"))
        return self._incarichi

    def enti_con(self, *permessi: Permesso) -> set[int]:
        """Keys of the enti where an active role grants one of the permissions."""
        return {i.ente_id for i in self.incarichi_attivi() if RUOLI[i.ruolo] & set(permessi)}

    def puo(self, permesso: Permesso, ente: Ente | None = None) -> bool:
        """Whether an active role grants the permission: anywhere, or on this ente (or on its Region)."""
        if not self.is_active:
            return False
        return any(
            permesso in RUOLI[i.ruolo]
            and (ente is None or i.ente_id == ente.pk or (ente.regione_id and i.ente_id == ente.regione_id))
            for i in self.incarichi_attivi()
        )

    def deve_potere(self, permesso: Permesso, ente: Ente | None = None) -> None:
        """Raise `PermissionDenied` unless `puo`: in scope without the role is 403."""
        if not self.puo(permesso, ente):
            raise PermissionDenied(f"Per {Permesso(permesso).label} serve un incarico che non hai.")

    @property
    def is_staff(self) -> bool:
        """Who reaches the admin: those who enter data, manage people or read the register."""
        return any(self.puo(permesso) for permesso in PERMESSI_ADMIN)

    # The admin asks these; each ModelAdmin answers for its own model (see core.admin).
    def has_perm(self, perm, obj=None) -> bool:
        return False

    def has_module_perms(self, app_label) -> bool:
        return self.is_staff


class Intervallo(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class IncaricoQuerySet(models.QuerySet):
    def attivi(self, il=None):
        il = il or timezone.localdate()
        return self.filter(Q(al=None) | Q(al__gte=il), dal__lte=il, utente__is_active=True)

    def visibili_a(self, utente):
        return self.filter(ente__in=Ente.objects.con_permesso(utente, Permesso.GESTIRE_PERSONE))


@traccia
class Incarico(models.Model):
    """The role that a person holds in an ente, from a day to another (both included)."""

    utente = models.ForeignKey(Utente, models.PROTECT, verbose_name="persona", related_name="incarichi")
    ente = models.ForeignKey(Ente, models.PROTECT, verbose_name="ente", related_name="incarichi")
    ruolo = models.CharField("ruolo", max_length=25, choices=Ruolo)
    dal = models.DateField("dal", default=timezone.localdate)
    al = models.DateField("al", null=True, blank=True, help_text="Vuoto se non ha una fine.")

    objects = IncaricoQuerySet.as_manager()

    class Meta:
        verbose_name = "incarico"
        verbose_name_plural = "incarichi"
        ordering = ["utente", "-dal"]
        constraints = [
            models.CheckConstraint(
                condition=Q(al=None) | Q(al__gte=F("dal")),
                name="incarico_dal_prima_di_al",
                violation_error_message="L'incarico finisce prima di cominciare.",
            ),
            ExclusionConstraint(
                name="incarico_non_sovrapposto",
                expressions=[
                    ("utente", RangeOperators.EQUAL),
                    ("ente", RangeOperators.EQUAL),
                    ("ruolo", RangeOperators.EQUAL),
                    (
                        Intervallo("dal", "al", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="La persona ha già questo incarico in quel periodo.",
            ),
        ]

    def __str__(self):
        return f"{self.utente} · {self.get_ruolo_display()} · {self.ente}"

    def clean(self):
        if not self.ente_id:
            return
        if self.ente.e_regione and self.ruolo in RUOLI_PROVINCIALI:
            raise ValidationError({"ruolo": "Questo ruolo si dà in una Provincia o Città metropolitana."})
        if not self.ente.e_regione and self.ruolo in RUOLI_REGIONALI:
            raise ValidationError({"ruolo": "Questo ruolo si dà nella Regione."})
