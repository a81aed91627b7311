"""The components of the pages as template tags: `{% load componenti %}`. Gallery under DEBUG at /componenti/.

Small ones are written here (a grid asks for hundreds of them); larger ones live in `templates/componenti/`.
"""

from django import template
from django.forms import (
    CheckboxInput,
    CheckboxSelectMultiple,
    DateInput,
    FileInput,
    NumberInput,
    RadioSelect,
    Select,
    Textarea,
    TextInput,
)
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from core import money

register = template.Library()

# State → (class, icon, word): colour is the third carrier of the meaning, after the word and the symbol.
# A state that is not here is shown in grey with its own word: a new state never breaks a page.
STATI = {
    "da_presentare": ("stato-vuoto", "calendar", "Da presentare"),
    "prorogato": ("stato-vuoto", "calendar", "Prorogato"),
    "bozza": ("", "pencil", "Bozza"),
    "in_compilazione": ("", "pencil", "In compilazione"),
    "da_trasmettere": ("", "pencil", "Da trasmettere"),
    "in_preparazione": ("stato-attesa", "clock", "In preparazione"),
    "in_corso": ("stato-attesa", "clock", "In corso"),
    "pronto": ("stato-ok", "check-circle", "Pronto"),
    "schema_approvato": ("stato-attesa", "file", "Schema approvato"),
    "proposto": ("stato-attesa", "upload", "Proposto"),
    "in_verifica": ("stato-attesa", "search", "In verifica"),
    "trasmesso": ("stato-attesa", "upload", "Trasmesso"),
    "in_istruttoria": ("stato-attesa", "search", "In istruttoria"),
    "restituito": ("stato-avviso", "restore", "Restituito"),
    "integrazione_richiesta": ("stato-avviso", "restore", "Integrazione richiesta"),
    "in_ritardo": ("stato-errore", "clock", "In ritardo"),
    "accettato": ("stato-ok", "check-circle", "Accettato"),
    "rifiutato": ("stato-errore", "close-circle", "Rifiutato"),
    "validato": ("stato-ok", "check-circle", "Validato"),
    "con_rettifica": ("stato-ok", "check-circle", "Con rettifica"),
    "vigente": ("stato-ok", "check-circle", "Vigente"),
    "prorogata": ("stato-ok", "check-circle", "Prorogata"),
    "approvato": ("stato-ok", "locked", "Approvato"),
    "emesso": ("stato-ok", "locked", "Emesso"),
    "liquidato": ("stato-ok", "card", "Liquidato"),
    "conclusa": ("", "locked", "Conclusa"),
    "risolta": ("", "close-circle", "Risolta"),
    "superato": ("", "restore", "Superato"),
    "ritirato": ("", "restore", "Ritirato"),
    "scartato": ("", "close-circle", "Scartato"),
    "parziale": ("stato-avviso", "flag", "Parziale"),
    "respinto": ("stato-errore", "close-circle", "Respinto"),
    "bloccante": ("stato-errore", "close-circle", "Bloccante"),
    "non_ammesso": ("stato-errore", "less-circle", "Non ammesso"),
    "ammesso_in_parte": ("stato-errore", "less-circle", "Ammesso in parte"),
    "sospeso": ("stato-sospeso", "help-circle", "Sospeso"),
    "nulla_da_rendicontare": ("", "minus-circle", "Nulla da rendicontare"),
    "da_verificare": ("stato-avviso", "flag", "Da verificare"),
    "avviso": ("stato-avviso", "warning-circle", "Avviso"),
    "nota": ("stato-attesa", "info-circle", "Nota"),
}

ICONE_MESSAGGIO = {
    "ok": "check-circle",
    "avviso": "warning-circle",
    "errore": "close-circle",
    "nota": "info-circle",
}
# Levels of django.contrib.messages → our four kinds.
LIVELLI = {"success": "ok", "warning": "avviso", "error": "errore", "info": "nota", "debug": "nota"}

NUMERI = ["Zero", "Un", "Due", "Tre", "Quattro", "Cinque", "Sei", "Sette", "Otto", "Nove", "Dieci"]


@register.simple_tag
def icona(nome, classe=""):
    """An icon of the sprite, hidden from screen readers: `{% icona "locked" %}` or `"it-locked"`."""
    return format_html(
        '<svg class="icona{}" aria-hidden="true" focusable="false"><use href="{}#it-{}"></use></svg>',
        f" {classe}" if classe else "",
        static("design/svg/sprites.svg"),
        nome.removeprefix("it-"),
    )


@register.simple_tag
def stato(codice, testo=""):
    """The badge of a state: `{% stato x.stato %}`, `{% stato "in_ritardo" "In ritardo di 10 giorni" %}`."""
    codice = str(codice).strip().lower().replace(" ", "_")
    classe, simbolo, parola = STATI.get(codice, ("", "info-circle", codice.replace("_", " ").capitalize()))
    classi = f"stato {classe}".strip()
    return format_html('<span class="{}">{}{}</span>', classi, icona(simbolo), testo or parola)


@register.simple_tag
def cifra(valore, nota="", href="", verificare=False, segno=False):
    """A figure with what is known of it under it: goes inside `<td class="cifra">`.

    `valore` is euro as `Decimal`, or None, shown as «—» with `nota` («non indicato» unless told otherwise).
    `href` makes the note a link; `verificare` marks it with the flag; `segno` writes a difference.
    """
    if valore is None:
        nota = nota or "non indicato"
    elif verificare:
        nota = nota or "da verificare"
    testo = money.scrivi(valore)
    classe = "manca" if valore is None else ""
    if segno and valore:
        classe = "piu" if valore > 0 else "meno"
        testo = f"+{testo}" if valore > 0 else testo
    sotto = ""
    if nota:
        sotto = format_html(
            '<span class="nota-cifra{}">{}{}</span>',
            " nota-cifra-verificare" if verificare else "",
            format_html("{} ", icona("flag")) if verificare else "",
            format_html('<a href="{}">{}</a>', href, nota) if href else nota,
        )
    return format_html(
        "<span{}>{}{}</span>", format_html(' class="{}"', classe) if classe else "", testo, sotto
    )


@register.simple_tag
def barra(valore, quota, passo=None):
    """The share of a quota already used, as a bar; nothing when either is missing. Words stand beside it.

    `valore` and `quota` in euro; `passo` is the regular pace in percent (0–100), drawn as a dark tick:
    beyond it the bar turns to «attenzione», beyond the quota to «oltre», exactly at the quota to «ok».
    """
    if valore is None or not quota:
        return ""
    percento = 100 * valore / quota
    tipo = "valore"
    if percento > 100:
        tipo = "oltre"
    elif percento == 100:
        tipo = "ok"
    elif passo is not None and percento > passo:
        tipo = "attenzione"
    tacca = ""
    if passo is not None:
        tacca = format_html(
            '<rect class="barra-passo" x="{}" y="-2" width="0.7" height="14"/>', f"{passo:.1f}"
        )
    return format_html(
        '<svg class="barra" viewBox="0 0 100 10" preserveAspectRatio="none"'
        ' aria-hidden="true" focusable="false">'
        '<rect class="barra-fondo" width="100" height="10"/>'
        '<rect class="barra-{}" width="{}" height="10"/>{}</svg>',
        tipo,
        f"{max(0, min(percento, 100)):.1f}",
        tacca,
    )


@register.simple_block_tag
def messaggio(content, tipo="nota", ruolo=None):
    """`{% messaggio "ok" %}<p>…</p>{% endmessaggio %}`: ok, avviso, errore, nota.

    The result of an action is announced («errore» as alert, «ok» as status); standing remarks are not.
    """
    if ruolo is None:
        ruolo = {"errore": "alert", "ok": "status"}.get(tipo, "")
    return format_html(
        '<div class="messaggio messaggio-{}"{}>{}<div>{}</div></div>',
        tipo,
        format_html(' role="{}"', ruolo) if ruolo else "",
        icona_messaggio(tipo),
        content,
    )


@register.simple_tag
def icona_messaggio(tipo):
    """The icon of a kind of message: ok, avviso, errore, nota."""
    return icona(ICONE_MESSAGGIO[tipo])


@register.filter
def tipo_messaggio(message):
    """The kind of a `django.contrib.messages` message: ok, avviso, errore, nota."""
    return LIVELLI.get(message.level_tag, "nota")


@register.simple_tag
def briciole(*parti):
    """`{% briciole "Convenzioni" url_elenco convenzione.codice %}`: name, address, …, the last name alone."""
    coppie = [("Home", reverse("home")), *zip(parti[:-1:2], parti[1::2], strict=True)]
    voci = format_html_join("", '<li class="breadcrumb-item"><a href="{1}">{0}</a></li>', coppie)
    return format_html(
        '<nav class="briciole" aria-label="Percorso"><ol class="breadcrumb">{}'
        '<li class="breadcrumb-item active" aria-current="page">{}</li></ol></nav>',
        voci,
        parti[-1],
    )


@register.simple_block_tag
def tabella_scorre(content, didascalia_id, classi=""):
    """The wrapper of a money grid, which scrolls sideways on narrow screens; takes the id of its caption."""
    return format_html(
        '<p class="scorri-avviso">La tabella scorre di lato {}</p>'
        '<div class="tabella-scorre{}" role="region" aria-labelledby="{}" tabindex="0">{}</div>',
        icona("arrow-right"),
        f" {classi}" if classi else "",
        didascalia_id,
        content,
    )


@register.simple_tag
def fasi(*passi, corrente, nome="Passi"):
    """The steps of a procedure; `corrente` counts from 0. A step before it is done."""
    voci = []
    for numero, passo in enumerate(passi):
        if numero < corrente:
            voci.append(
                format_html(
                    '<li class="fatta">{}{}<span class="solo-lettore"> (fatto)</span></li>',
                    icona("check-circle"),
                    passo,
                )
            )
        elif numero == corrente:
            voci.append(format_html('<li aria-current="step">{}{}</li>', icona("pencil"), passo))
        else:
            voci.append(format_html("<li>{}</li>", passo))
    return format_html('<ol class="fasi" aria-label="{}">{}</ol>', nome, mark_safe("".join(voci)))  # noqa: S308


@register.inclusion_tag("componenti/indicatore.html")
def indicatore(nome, valore, nota="", url="", tipo="", simbolo="", lungo=False):
    """One tile inside `<ul class="indicatori nuda">`. `tipo`: errore, avviso, attesa, ok. `lungo`: money."""
    return {
        "nome": nome,
        "valore": valore,
        "nota": nota,
        "url": url,
        "tipo": tipo,
        "simbolo": simbolo,
        "lungo": lungo,
    }


@register.inclusion_tag("componenti/gruppo_errori.html")
def gruppo_errori(gruppo):
    """The errors of one control. `gruppo`: object or dict with codice, livello (bloccante, avviso, nota) and
    titolo, and where known conteggio, effetto, perche, rimedio, celle (each: cella, riga, trovato, atteso),
    altre, altre_url."""
    return {"gruppo": gruppo}


@register.inclusion_tag("componenti/paginazione.html", takes_context=True)
def paginazione(context, pagina, parametro="page"):
    """Links to the other pages of a `Page`, keeping the rest of the query string."""
    query = context["request"].GET.copy()

    def indirizzo(numero):
        query[parametro] = numero
        return "?" + query.urlencode()

    voci = [
        {"numero": numero, "url": indirizzo(numero) if isinstance(numero, int) else ""}
        for numero in pagina.paginator.get_elided_page_range(pagina.number, on_each_side=1, on_ends=1)
    ]
    return {
        "pagina": pagina,
        "voci": voci,
        "prima": indirizzo(pagina.previous_page_number()) if pagina.has_previous() else "",
        "dopo": indirizzo(pagina.next_page_number()) if pagina.has_next() else "",
    }


class PartiNode(template.Node):
    """A component with a body and, after `{% azioni %}`, its buttons."""

    def __init__(self, modello, opzioni, corpo, azioni):
        self.modello, self.opzioni, self.corpo, self.azioni = modello, opzioni, corpo, azioni

    def render(self, context):
        valori = {
            nome: v.resolve(context) if hasattr(v, "resolve") else v for nome, v in self.opzioni.items()
        }
        valori["corpo"] = self.corpo.render(context)
        valori["azioni"] = self.azioni.render(context) if self.azioni else ""
        return context.template.engine.get_template(self.modello).render(context.new(valori))


def _con_azioni(nome, **predefiniti):
    """Register `{% nome opzione=… %}corpo{% azioni %}pulsanti{% endnome %}` with its options and defaults."""

    @register.tag(nome)
    def compila(parser, token):
        parole = token.split_contents()[1:]
        opzioni = template.base.token_kwargs(parole, parser)
        if parole or not opzioni.keys() <= predefiniti.keys():
            raise template.TemplateSyntaxError(f"{nome} takes only {', '.join(predefiniti)} as name=value")
        corpo = parser.parse(("azioni", f"end{nome}"))
        azioni = None
        if parser.next_token().contents == "azioni":
            azioni = parser.parse((f"end{nome}",))
            parser.delete_first_token()
        return PartiNode(f"componenti/{nome}.html", {**predefiniti, **opzioni}, corpo, azioni)


_con_azioni("prossimo", titolo="", id="t-prossimo", occhiello="", restituito=False)
_con_azioni("vuoto", titolo="", simbolo="folder")
_con_azioni("barra_azioni")


# ---------- forms ----------

LARGHEZZE = {"corto", "cortissimo", "medio", "importo", "w-100"}


@register.simple_tag
def campo(field, facoltativo=True):
    """A field with label, help, error, control. `facoltativo=False` is for filters, all of them optional."""
    return field.form.render(field.template_name, {"field": field, "facoltativo": facoltativo})


@register.simple_tag(takes_context=True)
def descrivi_campo(context, field):
    """What `componenti/campo.html` has to know of a field: its shape, its control, its unit."""
    widget = field.field.widget
    forma = "gruppo" if field.use_fieldset else "semplice"
    if isinstance(widget, CheckboxInput):
        forma = "spunta"
    unita = "€" if "importo" in widget.attrs.get("class", "").split() else widget.attrs.get("data-unita", "")
    return {
        "forma": forma,
        "scelte": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
        "controllo": _controllo(field, widget),
        "unita": unita,
        "facoltativo": forma != "spunta" and not field.field.required and context.get("facoltativo", True),
    }


def _controllo(field, widget):
    classi = widget.attrs.get("class", "").split()
    if isinstance(widget, Select):
        classi.append("form-select")
    elif not isinstance(widget, CheckboxInput):
        classi.append("form-control")
        if not LARGHEZZE.intersection(classi):
            if isinstance(widget, DateInput | NumberInput):
                classi.append("corto")
            else:
                classi.append("w-100" if isinstance(widget, Textarea | FileInput) else "medio")
    # The label stands above the field: a placeholder that repeats it, or replaces it, is left out.
    attrs = {"class": " ".join(classi) or False, "placeholder": False}
    if type(widget) is NumberInput:
        # A browser empties a number box that holds letters; a refused form must keep what was typed.
        attrs["inputmode"] = "decimal"
        testo = {nome: v for nome, v in widget.attrs.items() if nome not in ("min", "max", "step")}
        return field.as_widget(TextInput(testo), attrs)
    return field.as_widget(attrs=attrs)


@register.inclusion_tag("componenti/riepilogo_errori.html")
def riepilogo_errori(*moduli):
    """The errors of forms and formsets that came back, each a link to its field; nothing without errors."""
    generali, campi = [], []
    for modulo in moduli:
        # A formset has forms; its own errors are those on the whole set.
        for form in getattr(modulo, "forms", [modulo]):
            for nome, errori in form.errors.items():
                if nome not in form.fields or form[nome].is_hidden:
                    generali.extend(errori)
                    continue
                # A group of choices has no control of its own: the link goes to its first choice.
                field = form[nome]
                bersaglio = field.id_for_label or f"{field.auto_id}_0"
                campi.append({"bersaglio": bersaglio, "etichetta": field.label, "errori": errori})
        if hasattr(modulo, "forms"):
            generali.extend(modulo.non_form_errors())
    quanti = NUMERI[len(campi)] if len(campi) < len(NUMERI) else len(campi)
    titolo = f"{quanti} {'campo' if len(campi) == 1 else 'campi'} da correggere" if campi else "Da correggere"
    return {"titolo": titolo, "generali": generali, "campi": campi}


@register.inclusion_tag("componenti/filtri.html")
def filtri(form, pulsante="Mostra"):
    """A GET form of filters on one line: `{% filtri filtro.form %}`."""
    return {"form": form, "pulsante": pulsante}
