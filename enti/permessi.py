"""Who may do what. Roles are code: they change with a review of the code, not with a click."""

from django.db.models import TextChoices


class Permesso(TextChoices):
    VEDERE_RISORSE = "vedere_risorse", "vedere convenzioni e riparti approvati"
    VEDERE_BOZZE = "vedere_bozze", "vedere i riparti in bozza"
    GESTIRE_CONVENZIONI = "gestire_convenzioni", "inserire convenzioni, linee e dotazioni"
    CHIUDERE_CONVENZIONE = "chiudere_convenzione", "prorogare o risolvere una convenzione"
    PREPARARE_RIPARTO = "preparare_riparto", "preparare un riparto"
    APPROVARE_RIPARTO = "approvare_riparto", "approvare un riparto"
    EMETTERE_PROSPETTO = "emettere_prospetto", "emettere un prospetto"
    VEDERE_RENDICONTI = "vedere_rendiconti", "vedere i rendiconti"
    CARICARE_RENDICONTO = "caricare_rendiconto", "caricare un rendiconto"
    TRASMETTERE_RENDICONTO = "trasmettere_rendiconto", "trasmettere un rendiconto"
    ISTRUIRE_RENDICONTO = "istruire_rendiconto", "istruire un rendiconto"
    VEDERE_REGISTRO = "vedere_registro", "leggere il registro"
    GESTIRE_PERSONE = "gestire_persone", "gestire persone e incarichi"


class Ruolo(TextChoices):
    FUNZIONARIO_REGIONALE = "funzionario_regionale", "funzionario regionale"
    DIRIGENTE_REGIONALE = "dirigente_regionale", "dirigente regionale"
    OPERATORE_PROVINCIALE = "operatore_provinciale", "operatore provinciale"
    RESPONSABILE_PROVINCIALE = "responsabile_provinciale", "responsabile provinciale"
    LETTORE = "lettore", "lettore"
    REVISORE = "revisore", "revisore"
    AMMINISTRATORE = "amministratore", "amministratore"


P = Permesso

RUOLI: dict[str, frozenset[Permesso]] = {
    Ruolo.FUNZIONARIO_REGIONALE: frozenset(
        {
            P.VEDERE_RISORSE,
            P.VEDERE_BOZZE,
            P.GESTIRE_CONVENZIONI,
            P.PREPARARE_RIPARTO,
            P.EMETTERE_PROSPETTO,
            P.VEDERE_RENDICONTI,
            P.ISTRUIRE_RENDICONTO,
        }
    ),
    Ruolo.DIRIGENTE_REGIONALE: frozenset(
        {
            P.VEDERE_RISORSE,
            P.VEDERE_BOZZE,
            P.GESTIRE_CONVENZIONI,
            P.CHIUDERE_CONVENZIONE,
            P.PREPARARE_RIPARTO,
            P.APPROVARE_RIPARTO,
            P.EMETTERE_PROSPETTO,
            P.VEDERE_RENDICONTI,
            P.ISTRUIRE_RENDICONTO,
        }
    ),
    Ruolo.OPERATORE_PROVINCIALE: frozenset({P.VEDERE_RISORSE, P.VEDERE_RENDICONTI, P.CARICARE_RENDICONTO}),
    Ruolo.RESPONSABILE_PROVINCIALE: frozenset(
        {P.VEDERE_RISORSE, P.VEDERE_RENDICONTI, P.CARICARE_RENDICONTO, P.TRASMETTERE_RENDICONTO}
    ),
    Ruolo.LETTORE: frozenset({P.VEDERE_RISORSE}),
    Ruolo.REVISORE: frozenset({P.VEDERE_RISORSE, P.VEDERE_BOZZE, P.VEDERE_RENDICONTI, P.VEDERE_REGISTRO}),
    Ruolo.AMMINISTRATORE: frozenset({P.GESTIRE_PERSONE}),
}

# A role makes sense only in some kinds of ente: a province cannot hold the Region's approval.
RUOLI_REGIONALI = frozenset(
    {Ruolo.FUNZIONARIO_REGIONALE, Ruolo.DIRIGENTE_REGIONALE, Ruolo.REVISORE, Ruolo.AMMINISTRATORE}
)
RUOLI_PROVINCIALI = frozenset({Ruolo.OPERATORE_PROVINCIALE, Ruolo.RESPONSABILE_PROVINCIALE})

# Who enters data in the admin.
PERMESSI_ADMIN = frozenset({P.GESTIRE_CONVENZIONI, P.PREPARARE_RIPARTO, P.GESTIRE_PERSONE, P.VEDERE_REGISTRO})


def ruoli_con(*permessi: Permesso) -> list[str]:
    """The codes of the roles that hold at least one of the permissions."""
    return [ruolo for ruolo, concessi in RUOLI.items() if concessi & set(permessi)]
