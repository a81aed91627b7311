"""Files that would hurt: built here byte by byte, so that nothing hostile is kept in the repository."""

import io
import zipfile

import xlsxwriter

INTESTAZIONI = ["Nome", "Importo"]


def cartella(righe: list[list], *, foglio: str = "Dati", opzioni: dict | None = None, dopo=None) -> bytes:
    """A plain xlsx; `dopo(cartella, pagina)` may add what it likes."""
    uscita = io.BytesIO()
    c = xlsxwriter.Workbook(uscita, {"in_memory": True} | (opzioni or {}))
    pagina = c.add_worksheet(foglio)
    for i, riga in enumerate(righe):
        for j, valore in enumerate(riga):
            if valore is not None:
                pagina.write(i, j, valore)
    if dopo:
        dopo(c, pagina)
    c.close()
    return uscita.getvalue()


def buona() -> bytes:
    return cartella([INTESTAZIONI, ["Rossi", 12.5]])


def riscrivi(
    dati: bytes, cambia: dict[str, bytes] | None = None, aggiungi: dict[str, bytes] | None = None
) -> bytes:
    """The same archive with parts replaced or added; a replacement may be a function of the old part."""
    uscita = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(dati)) as prima,
        zipfile.ZipFile(uscita, "w", zipfile.ZIP_DEFLATED) as dopo,
    ):
        for nome in prima.namelist():
            nuovo = (cambia or {}).get(nome, prima.read(nome))
            dopo.writestr(nome, nuovo(prima.read(nome)) if callable(nuovo) else nuovo)
        for nome, parte in (aggiungi or {}).items():
            dopo.writestr(nome, parte)
    return uscita.getvalue()


FOGLIO1 = "xl/worksheets/sheet1.xml"


def foglio(xml_righe: bytes, dimensione: str = "A1:B2") -> bytes:
    """A workbook whose sheet holds exactly these rows of XML."""
    xml = (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="'
        + dimensione.encode()
        + b'"/><sheetData>'
        + xml_righe
        + b"</sheetData></worksheet>"
    )
    return riscrivi(buona(), {FOGLIO1: xml})


TESTA_XML = (
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>Nome</t></is></c>'
    b'<c r="B1" t="inlineStr"><is><t>Importo</t></is></c></row>'
)


def riga_xml(numero: int, valore: bytes = b"12.5") -> bytes:
    return b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>Rossi</t></is></c><c r="B%d"><v>%s</v></c></row>' % (
        numero,
        numero,
        numero,
        valore,
    )


def con_doctype(codifica: str = "utf-8") -> bytes:
    def cambia(xml: bytes) -> bytes:
        testo = xml.decode()
        doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        inizio, _, resto = testo.partition("?>")
        return (inizio.replace("UTF-8", codifica) + "?>" + doctype + resto).encode(codifica)

    return riscrivi(buona(), {FOGLIO1: cambia})


def bomba() -> bytes:
    """60 MB of one inline string in some ten KB."""
    return foglio(
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"A" * (60 * 2**20) + b"</t></is></c></row>"
    )


def cifrata() -> bytes:
    """What Office writes for a workbook with a password: OLE with a stream named EncryptedPackage."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 504
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 2000
    )


def zip_cifrato() -> bytes:
    """A zip whose entries carry the encryption flag."""
    dati = bytearray(buona())
    posizione = 0
    while (posizione := dati.find(b"PK\x01\x02", posizione)) >= 0:
        dati[posizione + 8] |= 1
        posizione += 4
    return bytes(dati)


def molte_parti(quante: int) -> bytes:
    return riscrivi(buona(), aggiungi={f"xl/x{i}.xml": b"<a/>" for i in range(quante)})
