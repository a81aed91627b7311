"""Triggers that refuse a write with an Italian sentence and the name of the rule, like a CHECK would."""

import pgtrigger


def vieta(
    nome: str,
    operazione: pgtrigger.Operation,
    messaggio: str,
    *,
    condizione: pgtrigger.Condition | None = None,
) -> pgtrigger.Trigger:
    """Refuse the operation on the rows that meet the condition (all, if there is none)."""
    testo = messaggio.replace("'", "''")
    return pgtrigger.Trigger(
        name=nome,
        operation=operazione,
        when=pgtrigger.Before,
        condition=condizione,
        func=f"RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = '{nome}', MESSAGE = '{testo}';",
    )


def vieta_svuotamento(nome: str) -> pgtrigger.Trigger:
    """Refuse TRUNCATE, which row triggers do not see."""
    return pgtrigger.Trigger(
        name=nome,
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        func=f"RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = '{nome}', "
        "MESSAGE = 'Questa tabella non si svuota.';",
    )
