
"use strict";
(function () {
  const form = document.getElementById("filter");
  const school = document.getElementById("school");
  const year = document.getElementById("year");
  const shown = document.getElementById("shown");

  function apply() {
    let visible = 0;
    document.querySelectorAll("section.school").forEach(function (group) {
      let inGroup = 0;
      group.querySelectorAll("article.card").forEach(function (card) {
        const fits = (!school.value || group.dataset.school === school.value)
          && (!year.value || card.dataset.year === year.value);
        card.hidden = !fits;
        inGroup += fits ? 1 : 0;
      });
      group.hidden = inGroup === 0;
      visible += inGroup;
    });
    shown.textContent = visible + (visible === 1 ? " pupil shown" : " pupils shown");
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  school.addEventListener("change", apply);
  year.addEventListener("change", apply);
}());
