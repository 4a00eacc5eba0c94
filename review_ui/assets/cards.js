// The three answer cards. Everything that came from a page or a person goes in as text, never as markup.

import { keyCap, writeLine } from "./lines.js";
import { FIELDS } from "./model.js";
import { describeEf, numberWords } from "./values.js";
import { wallWords } from "./words.js";

// Chips in order, each with its key. Digits on the wall-motion card choose its grade as on the pressure card.
const CHIPS = {
  ef: [["n", "not_stated"], ["u", "unreadable"]],
  rwma: [["p", "present"], ["a", "absent"], ["n", "not_stated"], ["u", "unreadable"]],
  rwma_severity: [["1", "mild"], ["2", "moderate"], ["3", "severe"], ["g", "not_stated"]],
  pah: [["0", "none"], ["1", "mild"], ["2", "moderate"], ["3", "severe"], ["p", "present_unspecified"],
    ["n", "not_stated"], ["u", "unreadable"]],
};

const byId = (id) => document.getElementById(id);

export class Cards {
  constructor(settings, onChoose, onReading) {
    this.settings = settings;
    this.onReading = onReading;
    this.showsOthers = false; // what the other readers say, while asked for
    this.chips = [];
    for (const field of FIELDS) byId(`title-${field}`).textContent = settings.titles[field];
    this.addTypeOver();
    for (const [group, chips] of Object.entries(CHIPS)) {
      for (const [key, value] of chips) this.addChip(group, key, value, onChoose);
    }
  }

  addTypeOver() {
    const hint = document.createElement("span");
    hint.className = "chip still";
    hint.append(keyCap("0–9"), this.settings.text.type_over);
    byId("chips-ef").append(hint);
  }

  // Beside the title, as the pressure is; the key opens the strip that names them.
  renderWalls({ answers }) {
    const { text } = this.settings;
    const said = wallWords(answers.rwma_walls, this.settings);
    byId("named-walls").textContent = said || text.walls;
    byId("walls").title = said || text.walls_title;
    byId("walls").classList.toggle("chosen", Boolean(said));
    byId("walls").classList.toggle("idle", answers.rwma !== "present");
  }

  addChip(group, key, value, onChoose) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.tabIndex = -1; // the keys reach every chip; Tab goes from field to field
    chip.setAttribute("role", "radio");
    chip.dataset.value = value;
    chip.append(keyCap(key.toUpperCase()), this.settings.words[group][value]);
    chip.addEventListener("mousedown", (event) => event.preventDefault()); // the card keeps the focus
    chip.addEventListener("click", () => onChoose(group, value));
    byId(`chips-${group}`).append(chip);
    this.chips.push({ chip, group, value });
  }

  // Draw the model; called after every change.
  render(model) {
    const current = {
      ef: model.answers.ef.state,
      rwma: model.answers.rwma,
      rwma_severity: model.answers.rwma === "present" ? model.answers.rwma_severity : null,
      pah: model.answers.pah,
    };
    for (const { chip, group, value } of this.chips) {
      const chosen = current[group] === value;
      chip.classList.toggle("chosen", chosen);
      chip.setAttribute("aria-checked", String(chosen));
    }
    byId("chips-rwma_severity").classList.toggle("idle", model.answers.rwma !== "present");
    for (const field of FIELDS) this.renderCard(model, field);
    this.renderEf(model);
    this.renderRvsp(model);
    this.renderWalls(model);
  }

  renderCard(model, field) {
    byId(`card-${field}`).classList.toggle("focused", model.focus === field);
    const pill = byId(`pill-${field}`);
    const [kind, word] = this.pillOf(model, field);
    pill.className = `pill ${kind}`;
    pill.textContent = word;
    writeLine(byId(`reason-${field}`), model, field, this);
  }

  // One word beside the title: how much the field needs a person, or that it has been answered.
  pillOf(model, field) {
    const { text } = this.settings;
    const view = model.views[field];
    if (model.isHidden) return ["answered", model.isAnswered(field) ? text.entered : text.to_answer];
    if (model.isDrafted && !model.isEdited(field)) return model.differs(field) ? ["amber", text.differs] : ["answered", text.same_as_draft];
    if (model.readingsAgree(field)) return [model.isAnswered(field) ? "answered" : "green", text.readings_agree];
    if (model.readings.length) return this.pillOfReadings(model, field);
    if (model.isEdited(field)) return ["answered", text.edited];
    if (model.confirmed.has(field)) return ["answered", text.confirmed];
    if (model.mustEnter(field)) return model.isAnswered(field) ? ["answered", text.entered] : [view.light, view.word];
    // An earlier decision of one's own stands there; the draft's light speaks of the draft.
    return model.record.again ? ["answered", text.decided_before] : [view.light, view.word];
  }

  pillOfReadings(model, field) {
    const { text } = this.settings;
    if (model.isAnswered(field)) return ["answered", text.entered];
    return model.readingsSayTheSame(field) ? ["answered", text.to_answer] : ["red", text.readings_differ];
  }

  renderEf(model) {
    const input = byId("typing-ef");
    const typed = model.typed.ef;
    const number = byId("number-ef");
    const described = describeEf(model.preview("ef") ? { state: "stated", ...model.preview("ef") } : model.answers.ef,
      this.settings);
    input.hidden = !typed;
    number.hidden = Boolean(typed);
    if (typed && input.value !== typed.text) input.value = typed.text;
    input.setAttribute("aria-invalid", String(Boolean(typed?.shown && typed.problem)));
    number.textContent = described.big || this.settings.text.nothing_yet;
    number.classList.toggle("words", !described.isNumber);
    const preview = model.preview("ef");
    const isSingle = preview && preview.low === null && preview.operator === "=";
    byId("unit-ef").textContent = typed
      ? preview && !isSingle ? `→ ${described.big} ${described.small}` : this.settings.text.percent
      : described.small;
  }

  renderRvsp(model) {
    const { text } = this.settings;
    const typed = model.typed.rvsp;
    const input = byId("typing-rvsp");
    byId("rvsp").hidden = Boolean(typed);
    input.hidden = !typed;
    if (typed && input.value !== typed.text) input.value = typed.text;
    input.setAttribute("aria-invalid", String(Boolean(typed?.shown && typed.problem)));
    const rvsp = model.answers.rvsp_mmhg;
    const words = rvsp === null ? text.rvsp_none : `${numberWords(rvsp)} ${text.rvsp_unit}`;
    byId("number-rvsp").textContent = words;
    byId("rvsp").setAttribute("aria-label", `${text.rvsp}: ${words}`);
    byId("rvsp").title = text.rvsp;
  }

  // The strips of evidence, once a record; images are already decoded.
  drawCrops(model, imageOfPage) {
    for (const field of FIELDS) {
      const view = model.views[field];
      const box = byId(`crop-${field}`);
      const [canvas, quote] = [box.querySelector("canvas"), box.querySelector("p")];
      const image = view.crop && imageOfPage(view.crop.page);
      const isDrawn = Boolean(image && drawCrop(canvas, image, view.crop));
      canvas.hidden = !isDrawn;
      canvas.setAttribute("aria-label", view.quote);
      quote.hidden = isDrawn;
      quote.textContent = view.quote || (model.isHidden ? "" : this.settings.text.no_evidence);
      box.classList.toggle("bare", !isDrawn);
      box.title = view.quote;
    }
  }
}

function drawCrop(canvas, image, crop) {
  const ratio = devicePixelRatio || 1;
  const box = canvas.parentElement.getBoundingClientRect();
  const imageWidth = image.naturalWidth || image.width; // a turned picture is a canvas
  if (!box.width || !imageWidth) return false;
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.fillStyle = "#fbfaf7";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  // The strip keeps its own shape: at another width of the column a little less or more of the line is shown.
  const width = Math.min(crop.height * (canvas.width / canvas.height), imageWidth);
  const left = Math.max(0, Math.min(crop.left, imageWidth - width));
  const height = width * (canvas.height / canvas.width);
  brush.drawImage(image, left, crop.top, width, height, 0, 0, canvas.width, canvas.height);
  return true;
}

