// Names for what Django's admin leaves nameless to a screen reader: autocompletes and empty column heads.
"use strict";

(() => {
  let numero = 0;

  function nascosto(testo) {
    const span = document.createElement("span");
    span.className = "solo-lettore";
    span.textContent = testo;
    return span;
  }

  function nomina() {
    for (const scelta of document.querySelectorAll(".select2-selection:not([data-nome])")) {
      const select = scelta.closest(".select2").previousElementSibling;
      const etichetta = select.labels.length ? select.labels[0].textContent.trim().replace(/:$/, "") : "";
      const nome = nascosto(select.getAttribute("aria-label") || etichetta);
      nome.id = `nome-scelta-${numero++}`;
      scelta.after(nome);
      scelta.dataset.nome = nome.textContent;
      // The name, then the value that the inner element shows: it is no field of its own.
      const valore = scelta.querySelector(".select2-selection__rendered");
      scelta.setAttribute("aria-labelledby", `${nome.id} ${valore.id}`);
      valore.removeAttribute("role");
      valore.removeAttribute("aria-readonly");
    }
    for (const campo of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
      campo.setAttribute("aria-label", "Cerca");
    }
    for (const elenco of document.querySelectorAll(".select2-results__options:not([aria-label])")) {
      elenco.setAttribute("aria-label", "Scelte");
    }
    for (const testa of document.querySelectorAll(".tabular thead th:empty")) {
      testa.append(nascosto("Riga"));
    }
  }

  new MutationObserver(nomina).observe(document.documentElement, { childList: true, subtree: true });
  nomina();
})();
