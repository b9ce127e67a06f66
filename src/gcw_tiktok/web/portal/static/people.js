// A link that is to be passed on is copied with one click, where the browser allows that.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const link = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(link.value);
    button.textContent = "Copied";
  });
  link.addEventListener("focus", () => link.select());
}
