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
    PERFORM 1 FROM convenzioni_dotazione d JOIN riparto_riparto x ON x.dotazione_id = d.id
        WHERE x.id = il_riparto FOR NO KEY UPDATE OF d;
    SELECT x.stato, x.parziale, d.importo, coalesce(d.precisione, 0) AS precisione, d.convenzione_id
        INTO r FROM riparto_riparto x JOIN convenzioni_dotazione d ON d.id = x.dotazione_id
        WHERE x.id = il_riparto;
    IF NOT FOUND OR r.stato <> 'approvato' THEN
        RETURN;
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
"""

REVERSE = """
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
    ]

    operations = [migrations.RunSQL(SQL, REVERSE)]
