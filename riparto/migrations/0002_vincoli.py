"""The rules of a riparto that take more than one row: the sum, and what approval makes immutable.

Errors are raised as CHECK violations (ERRCODE 23514) with a constraint name and an Italian sentence, which
`core.constraints.in_parole` shows to the user.
"""

from django.db import migrations

SQL = r"""
-- How an amount is written in a message: 8.972.346,42
CREATE FUNCTION riparto_euro(importo numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(to_char(importo, 'FM999,999,999,990.00'), ',.', '.,');
$$;

-- An approved riparto adds up to its dotazione: to the cent, or within the precision of the source.
-- Where the dotazione or the amount of an ente is missing it is «parziale», and its sum does not exceed.
-- The dotazione is locked first: without it two connections could each pass the check and together break it.
CREATE FUNCTION riparto_verifica_quadratura(il_riparto bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
    somma numeric;
    mancanti integer;
    estranei text;
BEGIN
    PERFORM 1 FROM convenzioni_dotazione d
        WHERE (d.convenzione_id, d.linea_id, d.anno) = (
            SELECT y.convenzione_id, y.linea_id, y.anno FROM convenzioni_dotazione y
            JOIN riparto_riparto x ON x.dotazione_id = y.id WHERE x.id = il_riparto)
        ORDER BY d.id FOR NO KEY UPDATE;
    SELECT x.stato, x.parziale, d.importo, coalesce(d.precisione, 0) AS precisione, d.convenzione_id,
            d.linea_id, d.anno, d.in_vigore
        INTO r FROM riparto_riparto x JOIN convenzioni_dotazione d ON d.id = x.dotazione_id
        WHERE x.id = il_riparto;
    IF NOT FOUND OR r.stato <> 'approvato' THEN
        RETURN;
    END IF;

    IF NOT r.in_vigore THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_su_dotazione_in_vigore',
            MESSAGE = 'La dotazione è stata sostituita da una nuova versione: il riparto si fa su quella.';
    END IF;
    IF EXISTS (SELECT 1 FROM riparto_riparto x JOIN convenzioni_dotazione d ON d.id = x.dotazione_id
               WHERE x.id <> il_riparto AND x.stato = 'approvato'
                 AND (d.convenzione_id, d.linea_id, d.anno) = (r.convenzione_id, r.linea_id, r.anno))
    THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_uno_per_linea_e_anno',
            MESSAGE = 'C''è già un riparto approvato per questa linea e questo anno.';
    END IF;

    SELECT string_agg(DISTINCT e.nome_breve, ', ') INTO estranei
        FROM riparto_quota q JOIN enti_ente e ON e.id = q.ente_id
        WHERE q.riparto_id = il_riparto AND NOT EXISTS (
            SELECT 1 FROM convenzioni_sottoscrizione s
            WHERE s.convenzione_id = r.convenzione_id AND s.ente_id = q.ente_id);
    IF estranei IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_solo_sottoscrittori',
            MESSAGE = format('Questi enti non sono tra i sottoscrittori della convenzione: %s.', estranei);
    END IF;

    SELECT coalesce(sum(importo), 0) INTO somma FROM riparto_quota WHERE riparto_id = il_riparto;
    SELECT count(*) INTO mancanti FROM convenzioni_sottoscrizione s
        WHERE s.convenzione_id = r.convenzione_id AND (
            NOT EXISTS (SELECT 1 FROM riparto_quota q WHERE q.riparto_id = il_riparto AND q.ente_id = s.ente_id)
            OR EXISTS (SELECT 1 FROM riparto_quota q
                       WHERE q.riparto_id = il_riparto AND q.ente_id = s.ente_id AND q.importo IS NULL));

    IF NOT r.parziale THEN
        IF r.importo IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_senza_dotazione_e_parziale',
                MESSAGE = 'La dotazione non è indicata: il riparto si può approvare solo come parziale.';
        END IF;
        IF mancanti > 0 THEN
            RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_incompleto_e_parziale',
                MESSAGE = format('Mancano gli importi di %s enti: il riparto si può approvare solo come parziale.',
                                 mancanti);
        END IF;
        IF abs(somma - r.importo) > r.precisione THEN
            RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_quadratura',
                MESSAGE = format('La somma delle quote è %s e la dotazione è %s: differenza %s.',
                    riparto_euro(somma), riparto_euro(r.importo), riparto_euro(somma - r.importo));
        END IF;
    ELSIF r.importo IS NOT NULL AND somma > r.importo + r.precisione THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_parziale_entro_dotazione',
            MESSAGE = format('La somma delle quote è %s e supera la dotazione di %s.',
                riparto_euro(somma), riparto_euro(r.importo));
    END IF;
END $$;

CREATE FUNCTION riparto_quadratura_del_riparto() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM riparto_verifica_quadratura(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION riparto_quadratura_della_quota() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM riparto_verifica_quadratura(OLD.riparto_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM riparto_verifica_quadratura(NEW.riparto_id);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER riparto_quadratura AFTER INSERT OR UPDATE ON riparto_riparto
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION riparto_quadratura_del_riparto();
CREATE CONSTRAINT TRIGGER riparto_quadratura AFTER INSERT OR UPDATE OR DELETE ON riparto_quota
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION riparto_quadratura_della_quota();

-- Approved is immutable: the only change is approvato → superato.
CREATE FUNCTION riparto_immutabile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stato IN ('approvato', 'superato') AND NOT (
        TG_OP = 'UPDATE' AND OLD.stato = 'approvato' AND NEW.stato = 'superato'
        AND to_jsonb(NEW) - 'stato' = to_jsonb(OLD) - 'stato')
    THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_approvato_immutabile',
            MESSAGE = 'Il riparto è approvato: per cambiarlo serve una nuova versione, con un atto e un motivo.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER riparto_immutabile BEFORE UPDATE OR DELETE ON riparto_riparto
    FOR EACH ROW EXECUTE FUNCTION riparto_immutabile();

-- FOR SHARE: an approval in another connection waits for this change, and then counts it.
CREATE FUNCTION riparto_quota_immutabile() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lo_stato text;
    il_riparto bigint;
BEGIN
    FOREACH il_riparto IN ARRAY
        CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.riparto_id]
                   WHEN 'DELETE' THEN ARRAY[OLD.riparto_id]
                   ELSE ARRAY[OLD.riparto_id, NEW.riparto_id] END
    LOOP
        SELECT stato INTO lo_stato FROM riparto_riparto WHERE id = il_riparto FOR SHARE;
        IF lo_stato IN ('approvato', 'superato') THEN
            RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riparto_approvato_immutabile',
                MESSAGE = 'Il riparto è approvato: le sue quote non si cambiano.';
        END IF;
    END LOOP;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER riparto_quota_immutabile BEFORE INSERT OR UPDATE OR DELETE ON riparto_quota
    FOR EACH ROW EXECUTE FUNCTION riparto_quota_immutabile();

-- So is the dotazione under an approved riparto: it can only cease to be in force.
CREATE FUNCTION riparto_dotazione_immutabile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM riparto_riparto
               WHERE dotazione_id = OLD.id AND stato IN ('approvato', 'superato'))
        AND NOT (TG_OP = 'UPDATE' AND OLD.in_vigore AND NOT NEW.in_vigore
                 AND to_jsonb(NEW) - 'in_vigore' = to_jsonb(OLD) - 'in_vigore')
    THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'dotazione_ripartita_immutabile',
            MESSAGE = 'Su questa dotazione c''è un riparto approvato: '
                'per cambiarla serve una nuova versione, con un atto e un motivo.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dotazione_ripartita_immutabile BEFORE UPDATE OR DELETE ON convenzioni_dotazione
    FOR EACH ROW EXECUTE FUNCTION riparto_dotazione_immutabile();

-- An emissione freezes what it lists.
CREATE FUNCTION riparto_emissione_immutabile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'emissione_immutabile',
        MESSAGE = 'Un prospetto emesso non si cambia: emettine un altro.';
END $$;
CREATE TRIGGER emissione_immutabile BEFORE UPDATE OR DELETE ON riparto_emissione
    FOR EACH ROW EXECUTE FUNCTION riparto_emissione_immutabile();
CREATE TRIGGER emissione_immutabile BEFORE UPDATE OR DELETE ON riparto_emissione_riparti
    FOR EACH ROW EXECUTE FUNCTION riparto_emissione_immutabile();
CREATE TRIGGER emissione_immutabile BEFORE UPDATE OR DELETE ON riparto_emissione_dotazioni
    FOR EACH ROW EXECUTE FUNCTION riparto_emissione_immutabile();
CREATE TRIGGER emissione_non_si_svuota BEFORE TRUNCATE ON riparto_emissione
    FOR EACH STATEMENT EXECUTE FUNCTION riparto_emissione_immutabile();
CREATE TRIGGER emissione_non_si_svuota BEFORE TRUNCATE ON riparto_emissione_riparti
    FOR EACH STATEMENT EXECUTE FUNCTION riparto_emissione_immutabile();
CREATE TRIGGER emissione_non_si_svuota BEFORE TRUNCATE ON riparto_emissione_dotazioni
    FOR EACH STATEMENT EXECUTE FUNCTION riparto_emissione_immutabile();

-- Nothing is added to its list once its page is fixed.
CREATE FUNCTION riparto_emissione_chiusa() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM riparto_emissione e JOIN registro_documento d ON d.id = e.documento_id
               WHERE e.id = NEW.emissione_id AND d.sorgente_id IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'emissione_immutabile',
            MESSAGE = 'Un prospetto emesso non si cambia: emettine un altro.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER emissione_chiusa BEFORE INSERT ON riparto_emissione_riparti
    FOR EACH ROW EXECUTE FUNCTION riparto_emissione_chiusa();
CREATE TRIGGER emissione_chiusa BEFORE INSERT ON riparto_emissione_dotazioni
    FOR EACH ROW EXECUTE FUNCTION riparto_emissione_chiusa();

-- An ente to which money is assigned by an approved riparto does not leave the convention.
CREATE FUNCTION riparto_firma_con_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'DELETE' OR NEW.ente_id <> OLD.ente_id OR NEW.convenzione_id <> OLD.convenzione_id)
        AND EXISTS (SELECT 1 FROM riparto_quota q
                    JOIN riparto_riparto r ON r.id = q.riparto_id
                    JOIN convenzioni_dotazione d ON d.id = r.dotazione_id
                    WHERE q.ente_id = OLD.ente_id AND d.convenzione_id = OLD.convenzione_id
                      AND r.stato IN ('approvato', 'superato'))
    THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'sottoscrizione_con_quote',
            MESSAGE = 'A questo ente un riparto approvato assegna una quota: la sottoscrizione non si toglie.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sottoscrizione_con_quote BEFORE UPDATE OR DELETE ON convenzioni_sottoscrizione
    FOR EACH ROW EXECUTE FUNCTION riparto_firma_con_quote();
"""

REVERSE = """
DROP TRIGGER sottoscrizione_con_quote ON convenzioni_sottoscrizione;
DROP FUNCTION riparto_firma_con_quote;
DROP TRIGGER emissione_chiusa ON riparto_emissione_dotazioni;
DROP TRIGGER emissione_chiusa ON riparto_emissione_riparti;
DROP FUNCTION riparto_emissione_chiusa;
DROP TRIGGER emissione_non_si_svuota ON riparto_emissione_dotazioni;
DROP TRIGGER emissione_non_si_svuota ON riparto_emissione_riparti;
DROP TRIGGER emissione_non_si_svuota ON riparto_emissione;
DROP TRIGGER emissione_immutabile ON riparto_emissione_dotazioni;
DROP TRIGGER emissione_immutabile ON riparto_emissione_riparti;
DROP TRIGGER emissione_immutabile ON riparto_emissione;
DROP FUNCTION riparto_emissione_immutabile;
DROP TRIGGER dotazione_ripartita_immutabile ON convenzioni_dotazione;
DROP FUNCTION riparto_dotazione_immutabile;
DROP TRIGGER riparto_quota_immutabile ON riparto_quota;
DROP FUNCTION riparto_quota_immutabile;
DROP TRIGGER riparto_immutabile ON riparto_riparto;
DROP FUNCTION riparto_immutabile;
DROP TRIGGER riparto_quadratura ON riparto_quota;
DROP TRIGGER riparto_quadratura ON riparto_riparto;
DROP FUNCTION riparto_quadratura_della_quota;
DROP FUNCTION riparto_quadratura_del_riparto;
DROP FUNCTION riparto_verifica_quadratura(bigint);
DROP FUNCTION riparto_euro(numeric);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("riparto", "0001_initial"),
        ("convenzioni", "0003_initial"),
        ("enti", "0001_initial"),
        ("registro", "0001_initial"),
    ]

    operations = [migrations.RunSQL(SQL, REVERSE)]
