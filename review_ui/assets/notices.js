// The quiet line over the page, the help sheet and the empty desk.

import { fill } from "./values.js";

const SHORT_MS = 4000;
const byId = (id) => document.getElementById(id);

export class Notices {
  constructor(settings) {
    this.settings = settings;
    this.box = byId("notice");
    this.isSticky = false;
  }

  // A line that goes away by itself.
  say(sentence) {
    this.show(sentence, "");
    this.isSticky = false;
    this.timer = setTimeout(() => this.clear(), SHORT_MS);
  }

  // A line that stays until the matter is settled; `keys` says what can be done.
  keep(sentence, keys = "") {
    this.show(sentence, keys);
    this.isSticky = true;
  }

  show(sentence, keys) {
    clearTimeout(this.timer);
    const [words, how] = this.box.children;
    words.textContent = sentence;
    how.textContent = keys ? ` ${keys}` : "";
    this.box.hidden = !sentence;
  }

  clear() {
    this.show("", "");
    this.isSticky = false;
  }
}

export function showProgress(settings, answer) {
  const { done, total } = answer.progress;
  byId("progress-words").textContent = fill(settings.text.progress, { done, total });
  const bar = byId("progress");
  bar.setAttribute("aria-valuemax", String(total));
  bar.setAttribute("aria-valuenow", String(done));
  bar.firstElementChild.style.width = total ? `${(100 * done) / total}%` : "0";
  byId("who").textContent = answer.who;
}

export function showWhere(settings, record, page) {
  const pages = record.pages.length;
  const parts = [record.title, record.site, pages ? fill(settings.text.page_of, { page, pages }) : ""];
  byId("where").textContent = parts.filter(Boolean).join(" · ");
}

export function showEmpty(settings, answer) {
  const { text } = settings;
  const { total, waiting } = answer.progress;
  const why = !total ? text.empty_none : waiting ? fill(text.empty_others, { waiting }) : fill(text.empty_all_done, { total });
  byId("empty-why").textContent = why;
  byId("where").textContent = "";
}

// Put every fixed sentence of the page structure in its place.
export function fillTexts(root, settings) {
  const { text } = settings;
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text[node.dataset.label]);
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = text[node.dataset.placeholder];
}
