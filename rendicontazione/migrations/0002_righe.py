"""What holds the cost rows to their code tables without a foreign key each (see `RigaCosto`).

Also: the rows of a report that has left the hands of the ente are not changed.
"""

from django.db import migrations

SQL = r"""
-- One check for all the rows of a COPY. FOR KEY SHARE: nobody deletes a code while we point to it.
CREATE FUNCTION rendicontazione_righe_nuove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM convenzioni_lineafinanziamento
        WHERE id IN (SELECT DISTINCT linea_id FROM nuove) FOR KEY SHARE;
    PERFORM 1 FROM enti_centroimpiego WHERE id IN (SELECT DISTINCT cpi_id FROM nuove) FOR KEY SHARE;
    PERFORM 1 FROM enti_entestrumentale WHERE id IN (SELECT DISTINCT datore_id FROM nuove) FOR KEY SHARE;
    IF EXISTS (SELECT DISTINCT linea_id FROM nuove
               EXCEPT SELECT id FROM convenzioni_lineafinanziamento)
        OR EXISTS (SELECT DISTINCT cpi_id FROM nuove EXCEPT SELECT id FROM enti_centroimpiego)
        OR EXISTS (SELECT DISTINCT datore_id FROM nuove WHERE datore_id IS NOT NULL
                   EXCEPT SELECT id FROM enti_entestrumentale)
    THEN
        RAISE EXCEPTION USING ERRCODE = '23503', CONSTRAINT = 'riga_costo_codici',
            MESSAGE = 'Una riga di costo rimanda a una linea, a un CPI o a un datore di lavoro che non c''è.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER righe_nuove AFTER INSERT ON rendicontazione_rigacosto
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

CREATE FUNCTION rendicontazione_righe_immutabili() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM rendicontazione_rendiconto
               WHERE id = OLD.rendiconto_id AND stato <> 'in_compilazione') THEN
        RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'riga_costo_immutabile',
            MESSAGE = 'Il rendiconto è stato trasmesso: le sue righe non si cambiano.';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER righe_immutabili BEFORE UPDATE OR DELETE ON rendicontazione_rigacosto
    FOR EACH ROW EXECUTE FUNCTION rendicontazione_righe_immutabili();
"""

REVERSE = """
DROP TRIGGER righe_immutabili ON rendicontazione_rigacosto;
DROP FUNCTION rendicontazione_righe_immutabili;
DROP TRIGGER codice_in_uso ON enti_entestrumentale;
DROP TRIGGER codice_in_uso ON enti_centroimpiego;
DROP TRIGGER codice_in_uso ON convenzioni_lineafinanziamento;
DROP FUNCTION rendicontazione_codice_in_uso;
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
