// Keys of the review desk, and the two ways to lay the reference over the listing. Without it every button still works.
"use strict";

(() => {
  const typing = (target) =>
    target instanceof HTMLElement && target.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select");

  const panel = document.querySelector("[data-panel='reject']");
  const opener = document.querySelector("[data-opens='reject']");
  let sent = false; // one verdict a page: a second key while the first is on its way does nothing

  function open(shown) {
    if (!panel || !opener) return;
    panel.hidden = !shown;
    opener.setAttribute("aria-expanded", String(shown));
    if (shown) panel.querySelector("button").focus();
    else opener.focus();
  }

  function press(element) {
    if (element.matches("[data-opens]")) return open(panel.hidden);
    if (element.matches("input[type=search]")) return element.focus();
    if (element.matches("input[type=checkbox]")) {
      element.checked = !element.checked;
      return;
    }
    element.click();
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "decide") return;
    if (sent) event.preventDefault();
    sent = true;
  });
  // A page that the browser kept and shows again may be answered again.
  window.addEventListener("pageshow", () => { sent = false; });

  if (opener) opener.addEventListener("click", () => open(panel.hidden));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape" && panel && !panel.hidden) return open(false);
    if (typing(event.target)) return;
    let found = null;
    if (panel && !panel.hidden && /^[0-9]$/.test(event.key)) {
      found = panel.querySelector(`[data-digit="${event.key}"]`);
      const note = panel.querySelector("[data-note]");
      if (event.key === "0" && note && !note.value.trim()) found = note;
      if (found === note && note) {
        event.preventDefault();
        note.focus();
        return;
      }
    } else if (/^[a-z/]$/.test(event.key)) {
      found = document.querySelector(`[data-key="${event.key}"]`);
    }
    if (!found) return;
    event.preventDefault();
    press(found);
  });

  const stage = document.querySelector("[data-stage]");
  if (!stage) return;
  const pair = stage.querySelector(".pair");
  const above = pair.querySelector(".ours img");
  const below = pair.querySelector(".ours-not img");
  const whole = below ? below.src : "";
  const fade = stage.querySelector("[data-fade]");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const BLINK_MS = 550; // slow enough to look at each, quick enough that a difference jumps
  let timer = 0;

  function show(way) {
    const flips = way === "flicker" && stage.dataset.stage === "flicker";
    stage.dataset.stage = way;
    window.clearInterval(timer);
    for (const button of stage.querySelectorAll("[data-show]")) {
      button.setAttribute("aria-pressed", String(button.dataset.show === way));
    }
    if (!above) return;
    // Laid over each other, the found part alone is compared with the reference, not the photo around it.
    if (below && below.dataset.cut) below.src = way === "side" ? whole : below.dataset.cut;
    above.style.opacity = "";
    pair.classList.remove("flipped");
    if (way === "overlay") above.style.opacity = String(fade.value / 100);
    if (way === "flicker") {
      // Whoever asked for less motion turns it over by hand: each press of the key once.
      if (still.matches) pair.classList.toggle("flipped", flips ? !stage.flipped : true);
      else timer = window.setInterval(() => pair.classList.toggle("flipped"), BLINK_MS);
      stage.flipped = pair.classList.contains("flipped");
    }
  }

  for (const button of stage.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => show(button.dataset.show));
  }
  if (fade) fade.addEventListener("input", () => { if (above) above.style.opacity = String(fade.value / 100); });
})();
