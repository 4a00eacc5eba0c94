// The quiet line over the page, the help sheet and the empty desk.

import { at } from "./root.js";
import { inThisZone } from "./zone.js";
import { fill } from "./values.js";

const SHORT_MS = 4000;
const byId = (id) => document.getElementById(id);

export class Notices {
  constructor(settings) {
    this.settings = settings;
    this.box = byId("notice");
    this.isSticky = false;
    this.goesOnChange = false;
  }

  // A line that goes away by itself.
  say(sentence) {
    this.show(sentence, "");
    this.isSticky = false;
    this.timer = setTimeout(() => this.clear(), SHORT_MS);
  }

  // The same, and where another line has to stay, behind it.
  sayBeside(sentence) {
    if (this.isSticky) this.show(this.box.firstElementChild.textContent, sentence);
    else this.say(sentence);
  }

  // A line that stays until the matter is settled; `keys` says what can be done.
  keep(sentence, keys = "") {
    this.show(sentence, keys);
    this.isSticky = true;
  }

  // A line that stays until the person does something: it may lie over a corner of the page.
  keepUntilChange(sentence) {
    this.keep(sentence);
    this.goesOnChange = true;
  }

  show(sentence, keys) {
    clearTimeout(this.timer);
    this.goesOnChange = false;
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
  if (!answer.progress) return; // as it was
  const { done, total, today } = answer.progress;
  byId("today").textContent = today === undefined ? "" : fill(settings.text.today, { today });
  byId("progress-words").textContent = fill(settings.text.progress, { done, total });
  const bar = byId("progress");
  bar.setAttribute("aria-valuemax", String(total));
  bar.setAttribute("aria-valuenow", String(done));
  bar.firstElementChild.style.width = total ? `${(100 * done) / total}%` : "0";
  byId("who").textContent = answer.who;
}

// Which record this is and, where it is not a plain first reading, quietly what kind of reading.
export function showWhere(settings, model, page) {
  const { text, words } = settings;
  const { record, purpose } = model;
  const pages = record.pages.length;
  const kind = purpose !== "first" ? words.purpose[purpose] : model.isHidden ? text.draft_hidden : "";
  const parts = [record.title, kind, record.site, pages ? fill(text.page_of, { page, pages }) : ""];
  byId("where").textContent = parts.filter(Boolean).join(" · ");
}

export function showEmpty(answer) {
  if (answer.go_to) location.replace(at(answer.go_to)); // nothing is here yet: begin there
  byId("empty-why").textContent = answer.why;
  byId("empty-held").replaceChildren(...(answer.held ?? []).map(heldLine));
  byId("empty-links").replaceChildren(...(answer.links ?? []).map(linkTo));
  byId("where").textContent = "";
}

// Who holds what is left, and when it comes free: the sentence has a place for the moment.
function heldLine({ sentence, until }) {
  const time = Object.assign(document.createElement("time"), { dateTime: until, textContent: inThisZone(until) });
  const [before, after] = sentence.split("<time>");
  const line = document.createElement("p");
  line.append(before, time, after ?? "");
  return line;
}

function linkTo({ path, title }) {
  return Object.assign(document.createElement("a"), { href: at(path), textContent: title });
}

// Links to what else the person may open, under their name.
export function showPages(settings) {
  const menu = byId("menu");
  const links = settings.pages.map(linkTo);
  byId("pages").replaceChildren(...links);
  menu.classList.toggle("bare", !links.length);
  menu.firstElementChild.tabIndex = links.length ? 0 : -1;
  menu.addEventListener("focusout", (event) => menu.contains(event.relatedTarget) || (menu.open = false));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    event.stopPropagation();
  });
}

// Put every fixed sentence of the page structure in its place.
export function fillTexts(root, settings) {
  const { text } = settings;
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text[node.dataset.label]);
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = text[node.dataset.placeholder];
}
