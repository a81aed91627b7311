"""What holds the cost rows to their report and code tables without a foreign key each (see `RigaCosto`).

Also: the rows and the totals of a report that has left the hands of the ente are not changed, nor are others added.
"""

from django.db import migrations

SQL = r"""
-- One check for all the rows of a COPY, which are read once. FOR KEY SHARE: nobody deletes what we are
-- pointing to. FOR SHARE: nobody sends the report while rows are being added to it.
CREATE FUNCTION rendicontazione_righe_nuove() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rendiconti bigint[];
    linee bigint[];
    centri bigint[];
    datori bigint[];
    trovati integer;
    mancano integer;
BEGIN
    SELECT array_agg(DISTINCT rendiconto_id), array_agg(DISTINCT linea_id), array_agg(DISTINCT cpi_id),
            array_agg(DISTINCT datore_id) FILTER (WHERE datore_id IS NOT NULL)
        INTO rendiconti, linee, centri, datori
        FROM (SELECT DISTINCT rendiconto_id, linea_id, cpi_id, datore_id FROM nuove) AS codici;
    mancano := coalesce(cardinality(rendiconti), 0) + coalesce(cardinality(linee), 0)
        + coalesce(cardinality(centri), 0) + coalesce(cardinality(datori), 0);
    PERFORM 1 FROM rendicontazione_rendiconto WHERE id = ANY (rendiconti) FOR SHARE;
    GET DIAGNOSTICS trovati = ROW_COUNT;
    mancano := mancano - trovati;
    PERFORM 1 FROM convenzioni_lineafinanziamento WHERE id = ANY (linee) FOR KEY SHARE;
    GET DIAGNOSTICS trovati = ROW_COUNT;
    mancano := mancano - trovati;
    PERFORM 1 FROM enti_centroimpiego WHERE id = ANY (centri) FOR KEY SHARE;
    GET DIAGNOSTICS trovati = ROW_COUNT;
    mancano := mancano - trovati;
    PERFORM 1 FROM enti_entestrumentale WHERE id = ANY (datori) FOR KEY SHARE;
    GET DIAGNOSTICS trovati = ROW_COUNT;
    IF mancano <> trovati THEN
        RAISE EXCEPTION USING ERRCODE = '23503', CONSTRAINT = 'riga_costo_codici',
            MESSAGE = 'Una riga di costo rimanda a una linea, un CPI, un datore di lavoro o un '
                'rendiconto che non c''è.';
    END IF;
    IF EXISTS (SELECT 1 FROM rendicontazione_rendiconto
               WHERE id = ANY (rendiconti) AND stato <> 'in_compilazione') THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riga_costo_immutabile',
            MESSAGE = 'Il rendiconto è stato trasmesso: le sue righe e i suoi totali non si cambiano.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER righe_nuove AFTER INSERT ON rendicontazione_rigacosto
    REFERENCING NEW TABLE AS nuove FOR EACH STATEMENT EXECUTE FUNCTION rendicontazione_righe_nuove();
CREATE TRIGGER righe_cambiate AFTER UPDATE ON rendicontazione_rigacosto
    REFERENCING NEW TABLE AS nuove FOR EACH STATEMENT EXECUTE FUNCTION rendicontazione_righe_nuove();

CREATE FUNCTION rendicontazione_codice_in_uso() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_uso boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM rendicontazione_rigacosto WHERE %I = $1)', TG_ARGV[0])
        INTO in_uso USING OLD.id;
    IF in_uso THEN
        RAISE EXCEPTION USING ERRCODE = '23503', CONSTRAINT = 'riga_costo_codici',
            MESSAGE = 'Ci sono costi rendicontati su questo dato: non si può eliminare.';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER codice_in_uso BEFORE DELETE ON convenzioni_lineafinanziamento
    FOR EACH ROW EXECUTE FUNCTION rendicontazione_codice_in_uso('linea_id');
CREATE TRIGGER codice_in_uso BEFORE DELETE ON enti_centroimpiego
    FOR EACH ROW EXECUTE FUNCTION rendicontazione_codice_in_uso('cpi_id');
CREATE TRIGGER codice_in_uso BEFORE DELETE ON enti_entestrumentale
    FOR EACH ROW EXECUTE FUNCTION rendicontazione_codice_in_uso('datore_id');
CREATE TRIGGER codice_in_uso BEFORE DELETE ON rendicontazione_rendiconto
    FOR EACH ROW EXECUTE FUNCTION rendicontazione_codice_in_uso('rendiconto_id');

CREATE FUNCTION rendicontazione_righe_immutabili() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM rendicontazione_rendiconto
               WHERE id IN (OLD.rendiconto_id, NEW.rendiconto_id) AND stato <> 'in_compilazione') THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riga_costo_immutabile',
            MESSAGE = 'Il rendiconto è stato trasmesso: le sue righe e i suoi totali non si cambiano.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER righe_immutabili BEFORE UPDATE OR DELETE ON rendicontazione_rigacosto
    FOR EACH ROW EXECUTE FUNCTION rendicontazione_righe_immutabili();
-- The totals come one by one and are few: their insertion is checked here too.
CREATE TRIGGER totali_immutabili BEFORE INSERT OR UPDATE OR DELETE ON rendicontazione_totalerendiconto
    FOR EACH ROW EXECUTE FUNCTION rendicontazione_righe_immutabili();
"""

REVERSE = """
DROP TRIGGER totali_immutabili ON rendicontazione_totalerendiconto;
DROP TRIGGER righe_immutabili ON rendicontazione_rigacosto;
DROP FUNCTION rendicontazione_righe_immutabili;
DROP TRIGGER codice_in_uso ON rendicontazione_rendiconto;
DROP TRIGGER codice_in_uso ON enti_entestrumentale;
DROP TRIGGER codice_in_uso ON enti_centroimpiego;
DROP TRIGGER codice_in_uso ON convenzioni_lineafinanziamento;
DROP FUNCTION rendicontazione_codice_in_uso;
DROP TRIGGER righe_cambiate ON rendicontazione_rigacosto;
DROP TRIGGER righe_nuove ON rendicontazione_rigacosto;
DROP FUNCTION rendicontazione_righe_nuove;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rendicontazione", "0001_initial"),
        ("convenzioni", "0003_initial"),
        ("enti", "0001_initial"),
    ]

    operations = [migrations.RunSQL(SQL, REVERSE)]
