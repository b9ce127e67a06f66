// What every page shares: times in the reader's zone, work that is watched until it ends, questions before what cannot be undone.
"use strict";

const inZone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = inZone.format(new Date(time.dateTime));
  }
}

async function watch(box) {
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-words]");
  let wait = 500;
  for (;;) {
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 1.3, 3000);
    try {
      const answer = await fetch(box.dataset.job, { headers: { Accept: "application/json" } });
      if (!answer.ok) continue;
      const job = await answer.json();
      if (job.state !== "running") return location.reload();
      if (job.total) { bar.max = job.total; bar.value = job.done; }
      if (job.words) words.textContent = job.words;
      else if (job.total) words.textContent = `${job.done.toLocaleString()} of ${job.total.toLocaleString()}`;
    } catch { /* the network is away for a moment */ }
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const asked = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (asked && !confirm(asked)) return event.preventDefault();
  if (form.method === "post" && !("download" in form.dataset)) {
    for (const button of form.querySelectorAll("button:not([name])")) button.setAttribute("aria-busy", "true");
  }
});

localTimes(document);
for (const box of document.querySelectorAll("[data-job]")) watch(box);
