// The design editor: a design is moved, scaled and turned on its print area. What the server says of it is what counts.
"use strict";

const STEP_MM = 1;
const BIG_STEP_MM = 10;
const SCALE_STEP = 1.02;
const SCALES = [0.01, 100];
const PAUSE_MS = 350;
const SNAP_PX = 6;
const MM_PER_INCH = 25.4;
const SVG = "http://www.w3.org/2000/svg";

// Where the design lies, in millimetres from the top left corner of the trim: as the server's `placing.box` has it.
function designBox(file, area, placed) {
  const turned = placed.rotate % 180 !== 0;
  const [width, height] = turned ? [file.height, file.width] : [file.width, file.height];
  const more = placed.mode === "fill" ? 2 * area.bleed_mm : 0;
  const room = [area.width_mm + more, area.height_mm + more];
  const choose = placed.mode === "fill" ? Math.max : Math.min;
  const scale = choose(room[0] / width, room[1] / height) * placed.scale;
  return {
    left: area.width_mm / 2 + placed.x_mm - (width * scale) / 2,
    top: area.height_mm / 2 + placed.y_mm - (height * scale) / 2,
    width: width * scale,
    height: height * scale,
  };
}

function designDpi(file, area, placed) {
  const width = placed.rotate % 180 !== 0 ? file.height : file.width;
  return (width / designBox(file, area, placed).width) * MM_PER_INCH;
}

const tidy = (value, digits) => Number(value.toFixed(digits));
const within = (value, least, most) => Math.min(most, Math.max(least, value));

class DesignPart {
  constructor(section, form) {
    this.section = section;
    this.form = form;
    this.number = section.dataset.part;
    this.asked = 0;
    this.begin();
  }

  begin() {
    for (const one of this.section.querySelectorAll("[data-plain]")) one.hidden = true;
    const table = this.section.querySelector("[data-facts]");
    this.facts = table ? JSON.parse(table.dataset.facts) : null;
    this.bringing();
    if (this.facts) this.laying();
  }

  field(name) { return this.section.querySelector(`[name="${this.number}.${name}"]`); }
  find(selector) { return this.section.querySelector(selector); }
  get mode() { return this.section.querySelector(`[name="${this.number}.mode"]:checked`)?.value || "file"; }
  set mode(value) { const at = this.section.querySelector(`[name="${this.number}.mode"][value="${value}"]`); if (at) at.checked = true; }

  // What the form says, as the server would read it.
  get placed() {
    const number = (name, otherwise) => Number.isFinite(this.field(name).valueAsNumber) ? this.field(name).valueAsNumber : otherwise;
    return {
      mode: this.mode === "file" ? this.facts.usual : this.mode,
      scale: within(number("scale", 100) / 100, ...SCALES),
      x_mm: number("x", 0),
      y_mm: number("y", 0),
      rotate: Number(this.field("rotate").value),
    };
  }

  place(change) {
    const now = { ...this.placed, ...change };
    if (this.mode === "file") this.mode = this.facts.usual;
    this.field("scale").value = tidy(within(now.scale, ...SCALES) * 100, 2);
    this.field("x").value = tidy(now.x_mm, 2);
    this.field("y").value = tidy(now.y_mm, 2);
    this.field("rotate").value = now.rotate;
    this.show();
  }

  // Draws it where the form says, says how sharp it prints, and asks the server after a pause.
  show() {
    const placed = this.placed;
    this.draw(designBox(this.facts.file, this.facts, placed), placed.rotate);
    for (const slide of this.section.querySelectorAll("[data-slides]")) slide.value = this.field(slide.dataset.slides).value;
    if (this.facts.file.picture) this.sharpness(designDpi(this.facts.file, this.facts, placed));
    clearTimeout(this.timer);
    this.asked++;
    this.find("[data-findings]").setAttribute("aria-busy", "true");
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  draw(box, rotate) {
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const [width, height] = rotate % 180 ? [box.height, box.width] : [box.width, box.height];
    this.set(this.image, { x: x - width / 2, y: y - height / 2, width, height, transform: `rotate(${rotate} ${x} ${y})` });
    this.set(this.frame, { x: box.left, y: box.top, width: box.width, height: box.height });
    const corners = [[0, 0], [1, 0], [1, 1], [0, 1]];
    this.corners.forEach((corner, at) =>
      this.set(corner, { cx: box.left + corners[at][0] * box.width, cy: box.top + corners[at][1] * box.height, r: this.mmOf(8) }));
    const { x_mm, y_mm } = this.placed;
    this.middles.forEach((line, at) => line.classList.toggle("there", this.canvas.classList.contains("held") && [x_mm, y_mm][at] === 0));
  }

  set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }

  sharpness(dpi) {
    const level = dpi < this.facts.min_dpi ? "fail" : Math.round(dpi) < this.facts.wanted_dpi ? "warn" : "pass";
    this.sharp(`Prints at ${Math.round(dpi)} dpi`, level);
  }

  sharp(words, level) {
    const said = this.find("[data-dpi]");
    said.textContent = words;
    said.dataset.level = level;
  }

  async ask() {
    const mine = ++this.asked;
    const said = this.find("[data-findings]");
    try {
      const answer = await fetch(this.address("check"), { method: "POST", body: this.values(), headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (mine !== this.asked) return;
      if (!answer.ok) return this.trouble(`${told.error.message} ${told.error.hint}`);
      this.trouble("");
      said.innerHTML = told.findings;
      this.sharp(...told.sharpness);
      this.draw(told.box, told.placement ? told.placement.rotate : 0);
    } catch {
      if (mine === this.asked) this.trouble("This could not be checked just now. Move it once more, or go on.");
    } finally {
      if (mine === this.asked) said.removeAttribute("aria-busy");
    }
  }

  address(what) { return `${this.form.dataset.designing}/${what}${location.search}`; }

  values(more = {}) {
    const told = new FormData();
    told.set("csrf_token", this.form.elements.csrf_token.value);
    told.set("number", this.number);
    for (const field of this.section.querySelectorAll(`[name^="${this.number}."]`)) {
      if (field.type === "file" || (["radio", "checkbox"].includes(field.type) && !field.checked)) continue;
      told.set(field.name, field.value);
    }
    for (const [name, value] of Object.entries(more)) value === null ? told.delete(name) : told.set(name, value);
    return told;
  }

  trouble(words) {
    const said = this.find("[data-trouble]");
    said.textContent = words;
    said.hidden = !words;
  }

  // Files and links go to the server at once; it gives the whole part back.
  bringing() {
    const file = this.field("file");
    this.find("[data-drop]").hidden = false;
    file.addEventListener("change", () => { if (file.files[0]) this.upload(file.files[0]); });
    this.find("[data-fetch]").addEventListener("click", (event) => {
      event.preventDefault();
      if (this.field("link").value.trim()) this.send(this.values(), "Fetching the file…");
      else this.field("link").focus();
    });
    this.field("link").addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.find("[data-fetch]").click(); }
    });
    this.find('[name="remove"]')?.addEventListener("click", (event) => {
      event.preventDefault();
      this.send(this.values({ remove: this.number }), "Removing…");
    });
    this.section.addEventListener("dragover", (event) => event.preventDefault());
    this.section.ondrop = (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) this.upload(event.dataTransfer.files[0]);
    };
  }

  upload(file) {
    const most = Number(this.form.dataset.most);
    if (file.size > most) return this.refuse(`${file.name} is larger than ${most >> 20} MB. Export it smaller.`);
    const told = this.values({ [`${this.number}.link`]: null });
    told.set(`${this.number}.file`, file, file.name);
    this.send(told, `Uploading ${file.name}…`);
  }

  refuse(words) {
    this.field("file").value = "";
    this.trouble(words);
  }

  send(values, words) {
    const bar = this.find("[data-progress]");
    const meter = bar.querySelector("progress");
    bar.hidden = false;
    bar.querySelector("p").textContent = words;
    this.trouble("");
    clearTimeout(this.timer);
    this.asked++;
    const request = new XMLHttpRequest();
    request.open("POST", this.address("area"));
    request.setRequestHeader("Accept", "text/html");
    request.upload.onprogress = (event) => {
      if (event.loaded < event.total) { meter.max = event.total; meter.value = event.loaded; }
      else { meter.removeAttribute("value"); bar.querySelector("p").textContent = words.startsWith("Up") ? "Looking at the file…" : words; }
    };
    request.onload = () => {
      bar.hidden = true;
      if (request.getResponseHeader("X-Design-Part") === this.number) return this.renew(request.responseText);
      this.refuse(request.status === 413 ? "The file is too large. Export it smaller." : "This did not work. Load the page again, and try once more.");
    };
    request.onerror = () => { bar.hidden = true; this.refuse("The network went away. Try once more."); };
    request.send(values);
  }

  renew(html) {
    this.section.innerHTML = html;
    this.begin();
    (this.facts ? this.desk : this.field("file")).focus({ preventScroll: true });
  }

  // The design under the pointer and under the keyboard.
  laying() {
    this.desk = this.find("[data-desk]");
    this.canvas = this.find("svg");
    this.image = this.find("svg image");
    this.section.querySelectorAll("[data-turn], [data-middle], [data-slider], [data-how]").forEach((one) => { one.hidden = false; });
    this.handles();
    this.image.addEventListener("error", () => this.trouble("This design cannot be shown here. Its check below counts all the same."));
    for (const name of ["scale", "x", "y", "rotate"]) this.field(name).addEventListener("input", () => this.typed());
    for (const one of this.section.querySelectorAll(`[name="${this.number}.mode"]`)) {
      one.addEventListener("change", () => this.laid(one.value));
    }
    for (const slide of this.section.querySelectorAll("[data-slides]")) {
      slide.addEventListener("input", () => { this.field(slide.dataset.slides).value = slide.value; this.typed(); });
    }
    this.find("[data-turn]").addEventListener("click", () => this.place({ rotate: (this.placed.rotate + 90) % 360 }));
    this.find("[data-middle]").addEventListener("click", () => this.place({ x_mm: 0, y_mm: 0 }));
    this.desk.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
    this.pointing();
    this.redraw();
  }

  redraw() { const placed = this.placed; this.draw(designBox(this.facts.file, this.facts, placed), placed.rotate); }
  typed() { if (this.mode === "file") this.mode = this.facts.usual; this.show(); }

  laid(mode) {
    if (mode === "file") this.field("rotate").value = 0;
    for (const [name, value] of [["scale", 100], ["x", 0], ["y", 0]]) this.field(name).value = value;
    this.show();
  }

  handles() {
    const hold = this.find("[data-hold]");
    const made = (name, kind) => { const one = document.createElementNS(SVG, name); one.setAttribute("class", kind); hold.append(one); return one; };
    const { width_mm: w, height_mm: h, bleed_mm: b } = this.facts;
    this.middles = [`M${w / 2} ${-b}V${h + b}`, `M${-b} ${h / 2}H${w + b}`].map((d) => { const line = made("path", "rule middle"); line.setAttribute("d", d); return line; });
    this.frame = made("rect", "frame");
    this.corners = [0, 1, 2, 3].map((at) => made("circle", `corner corner-${at % 2}`));
    this.set(this.desk, { tabindex: 0, role: "application", "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown + -" });
    this.canvas.classList.add("live");
  }

  mmOf(pixels) { const ratio = this.canvas.getScreenCTM(); return ratio ? pixels / ratio.a : 0; }

  at(event) {
    const seen = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.canvas.getScreenCTM().inverse());
    return [seen.x, seen.y];
  }

  // One pointer moves it, or scales it by a corner; two scale it by their distance.
  pointing() {
    const held = new Map();
    const grip = () => {
      const points = [...held.values()];
      this.start = { placed: this.placed, points, corner: this.start?.corner && points.length === 1 };
    };
    const end = (event) => { if (held.delete(event.pointerId)) { this.start = null; if (held.size) grip(); else { this.canvas.classList.remove("held"); this.redraw(); } } };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button || held.size > 1) return;
      this.canvas.setPointerCapture(event.pointerId);
      this.desk.focus({ preventScroll: true });
      held.set(event.pointerId, this.at(event));
      this.canvas.classList.add("held");
      this.start = { corner: this.corners.includes(event.target) };
      grip();
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!held.has(event.pointerId)) return;
      held.set(event.pointerId, this.at(event));
      this.moved([...held.values()]);
    });
    for (const kind of ["pointerup", "pointercancel"]) this.canvas.addEventListener(kind, end);
  }

  moved(points) {
    const { placed, points: first, corner } = this.start;
    const apart = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    const middle = [this.facts.width_mm / 2 + placed.x_mm, this.facts.height_mm / 2 + placed.y_mm];
    if (points.length > 1) return this.place({ scale: placed.scale * apart(points) / Math.max(apart(first), 1e-6) });
    if (corner) return this.place({ scale: placed.scale * apart([points[0], middle]) / Math.max(apart([first[0], middle]), 1e-6) });
    const snapped = (value) => (Math.abs(value) < this.mmOf(SNAP_PX) ? 0 : tidy(value, 1));
    this.place({
      x_mm: snapped(placed.x_mm + points[0][0] - first[0][0]),
      y_mm: snapped(placed.y_mm + points[0][1] - first[0][1]),
    });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? BIG_STEP_MM : STEP_MM;
    const { x_mm: x, y_mm: y, scale } = this.placed;
    const changes = {
      ArrowLeft: { x_mm: x - step }, ArrowRight: { x_mm: x + step }, ArrowUp: { y_mm: y - step }, ArrowDown: { y_mm: y + step },
      "+": { scale: scale * SCALE_STEP }, "=": { scale: scale * SCALE_STEP }, "-": { scale: scale / SCALE_STEP },
    };
    if (!(event.key in changes)) return;
    event.preventDefault();
    this.place(changes[event.key]);
  }
}

for (const form of document.querySelectorAll("form[data-designing]")) {
  for (const section of form.querySelectorAll("[data-part]")) new DesignPart(section, form);
}
