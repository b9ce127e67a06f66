// Pictures that do not load leave a quiet tile; variants are ticked all at once, and counted.
"use strict";

function blank(image) {
  const tile = document.createElement("span");
  tile.className = `${image.className} blank`;
  tile.setAttribute("aria-hidden", "true");
  image.replaceWith(tile);
}

document.addEventListener("error", ({ target }) => { if (target.matches?.("img.thumb")) blank(target); }, true);
for (const image of document.querySelectorAll("img.thumb")) if (image.complete && image.currentSrc && !image.naturalWidth) blank(image);

function followed(all, boxes, changed) {
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    changed(ticked);
  };
  all.closest("label").hidden = false;
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; show(); });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}

for (const all of document.querySelectorAll("[data-all-of]")) {
  const boxes = [...all.form.querySelectorAll(`input[type=checkbox][name="${all.dataset.allOf}"]:not([data-other])`)];
  followed(all, boxes, () => {});
}
for (const form of document.querySelectorAll("[data-selected]")) {
  const boxes = [...form.elements].filter((each) => each.name === "variant");
  const count = form.querySelector("[data-count]");
  followed(form.querySelector("[data-all]"), boxes, (ticked) => {
    count.textContent = ticked ? `${ticked} of ${boxes.length} ticked` : count.dataset.none;
    for (const button of form.querySelectorAll("button")) button.disabled = !ticked;
  });
}
// One list of further actions is open at a time.
document.addEventListener("click", ({ target }) => {
  for (const each of document.querySelectorAll("details.more[open]")) if (!each.contains(target)) each.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  const open = document.querySelector("details.more[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});
