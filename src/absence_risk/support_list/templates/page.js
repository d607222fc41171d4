"use strict";
(function () {
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const selects = Array.from(form.querySelectorAll("select"));
  const rows = Array.from(document.querySelectorAll("#index tr[data-is]")).map(function (row) {
    const card = document.getElementById(row.querySelector("a").hash.slice(1));
    return { row: row, card: card, is: row.dataset.is.split(" ") };
  });

  // A table, a school or a part with nothing left to show goes too.
  function tidy(selector, inside) {
    document.querySelectorAll(selector).forEach(function (box) {
      const found = Array.from(box.querySelectorAll(inside));
      box.hidden = found.length > 0 && found.every(function (one) { return one.hidden; });
    });
  }

  function apply() {
    let visible = 0;
    rows.forEach(function (entry) {
      const fits = selects.every(function (select, place) { return !select.value || select.value === entry.is[place]; });
      entry.row.hidden = entry.card.hidden = !fits;
      visible += fits ? 1 : 0;
    });
    tidy("#index .part", "tr[data-is]");
    tidy(".school", "article");
    tidy(".cards", "article");
    shown.textContent = visible + " of " + rows.length + " shown";
  }

  // A link to a card that a filter hides shows all again: a link must never lead nowhere.
  function reveal(event) {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (target && target.closest("[hidden]")) { form.reset(); apply(); }
  }

  // Only this card is printed: whatever stands beside it, or beside what it stands in, is left out on paper.
  function printOnly(card) {
    for (let box = card; box !== document.body; box = box.parentElement) {
      Array.from(box.parentElement.children).forEach(function (other) {
        if (other !== box) { other.classList.add("unprinted"); }
      });
    }
    window.print();
  }

  function afterPrint() {
    document.querySelectorAll(".unprinted").forEach(function (box) { box.classList.remove("unprinted"); });
    document.querySelectorAll("details.for-print").forEach(function (box) {
      box.open = false;
      box.classList.remove("for-print");
    });
  }

  // Browsers that cannot print a closed part by style alone have it opened for them.
  function beforePrint() {
    if (window.CSS && CSS.supports("selector(::details-content)")) { return; }
    document.querySelectorAll("details:not([open]):not(.numbers)").forEach(function (box) {
      box.open = true;
      box.classList.add("for-print");
    });
  }

  // A button that only a script can answer is made by the script.
  function addPrintButtons() {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "print";
    made.textContent = "Print this card";
    rows.forEach(function (entry) { entry.card.querySelector(".tools").append(" ", made.cloneNode(true)); });
  }

  addPrintButtons();
  document.documentElement.classList.add("scripts");
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("change", apply);
  form.addEventListener("reset", function () { window.setTimeout(apply, 0); });
  document.addEventListener("click", function (event) {
    if (event.target.closest("button.print")) { printOnly(event.target.closest("article")); } else { reveal(event); }
  });
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
}());
