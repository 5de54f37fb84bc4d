// Each page works without this; with it news come by themselves and no word is lost.

import { watchNetwork } from "./network.js";
import { startLive } from "./live.js";
import { startComposer, forgetDrafts } from "./composer.js";

watchNetwork();
const composer = startComposer();
startLive(composer);
document.getElementById("log-out")?.addEventListener("submit", forgetDrafts);
for (const form of document.querySelectorAll("form")) {
  // Whoever taps twice must not do it twice; the button's own value has to travel, so not at once.
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
}
for (const field of document.querySelectorAll("textarea[data-most]")) {
  const told = field.closest("label").querySelector("[data-count]");
  // White space does not count, as in the check on the server.
  const count = () => (told.textContent = field.value.replace(/\s/g, "").length);
  field.addEventListener("input", count);
  count();
}
addEventListener("pageshow", (event) => event.persisted && location.reload());
// Who has just taken somebody reads the card first; who comes back goes on where they were.
const isNew = document.querySelector("[data-said]")?.dataset.said === "claimed";
if (composer && !isNew && document.querySelector(".line-volunteer")) {
  composer.showNewest();
}
