// A picture that could not be drawn just now is asked for again, three times, further and further apart.
"use strict";

(() => {
  const WAITS_S = [2, 5, 15]; // the process that draws begins within seconds, also on a busy machine
  const tries = new WeakMap();

  function again(image) {
    const tried = tries.get(image) || 0;
    if (tried >= WAITS_S.length || !image.src.includes("/picture/")) return;
    tries.set(image, tried + 1);
    window.setTimeout(() => { image.src = image.getAttribute("src"); }, WAITS_S[tried] * 1000);
  }

  // An error of a picture does not bubble, but is seen on its way down.
  document.addEventListener("error", (event) => {
    if (event.target instanceof HTMLImageElement) again(event.target);
  }, true);
  for (const image of document.images) if (image.complete && !image.naturalWidth) again(image);
})();
