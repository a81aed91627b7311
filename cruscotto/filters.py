"""The GET filter of the issued documents."""

import django_filters
from django.db.models import Q

from convenzioni.models import Convenzione
from enti.models import Ente
from registro.models import Documento


class DocumentoFilter(django_filters.FilterSet):
    convenzione = django_filters.ModelChoiceFilter(
        label="Convenzione",
        queryset=lambda request: Convenzione.objects.visibili_a(request.user),
        to_field_name="codice",
        method="per_convenzione",
        empty_label="Tutte",
    )
    ente = django_filters.ModelChoiceFilter(
        label="Prospetti di",
        queryset=lambda request: Ente.objects.visibili_a(request.user).delegati(),
        to_field_name="sigla",
        field_name="emissione__ente",
        empty_label="Tutti",
    )

    class Meta:
        model = Documento
        fields = []

    def per_convenzione(self, documenti, nome, convenzione):
        return documenti.filter(
            Q(emissione__convenzione=convenzione) | Q(riparto__dotazione__convenzione=convenzione)
        )
