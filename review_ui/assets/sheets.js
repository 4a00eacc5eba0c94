// The sheets over the desk: all keys, and the codebook page of a field. Our own files, opened and closed by keys.

import { loadText } from "./bridge.js";
import { fill } from "./values.js";

const CLOSING = { help: ["Escape", "?", "Enter"], codebook: ["Escape", "h", "H", "Enter"] };
const SCROLLING = { ArrowDown: 60, ArrowUp: -60, PageDown: 400, PageUp: -400, " ": 400 };
const byId = (id) => document.getElementById(id);

export class Sheets {
  constructor(settings, onClose) {
    this.settings = settings;
    this.onClose = onClose;
    this.open = null;
    byId("help-drag").hidden = byId("help-box").hidden = !settings.may_reread;
    for (const id of Object.keys(CLOSING)) {
      byId(id).addEventListener("click", (event) => event.target === byId(id) && this.close());
    }
    for (const button of document.querySelectorAll("#desk .sheet-close")) {
      button.addEventListener("click", () => this.close());
    }
  }

  show(id) {
    this.open = id;
    byId(id).hidden = false;
    const sheet = byId(id).querySelector(".sheet");
    sheet.scrollTop = 0;
    sheet.focus({ preventScroll: true });
  }

  close() {
    if (!this.open) return;
    byId(this.open).hidden = true;
    this.open = null;
    this.onClose();
  }

  // Keys while a sheet is open; true when they are used up.
  onKey(event) {
    if (!this.open) return false;
    if (event.ctrlKey || event.metaKey || event.altKey) return true;
    event.preventDefault();
    const sheet = byId(this.open).querySelector(".sheet");
    if (CLOSING[this.open].includes(event.key)) this.close();
    else if (event.key in SCROLLING) sheet.scrollBy(0, SCROLLING[event.key]);
    return true;
  }

  // The codebook, at the section of a field.
  async showCodebook(field) {
    this.show("codebook");
    const body = byId("codebook-body");
    if (!this.sections) {
      try {
        this.sections = new DOMParser().parseFromString(await loadText("codebook.html"), "text/html"); // our own file
      } catch {
        body.textContent = this.settings.text.codebook_missing;
        return;
      }
    }
    const wanted = [...this.sections.querySelectorAll("section")]
      .filter((section) => section.dataset.fields.split(" ").includes(field));
    body.replaceChildren(...wanted.map((section) => document.importNode(section, true)));
    const { version } = this.sections.querySelector("article").dataset;
    byId("codebook-version").textContent = fill(this.settings.text.codebook_version, { version });
    if (this.open === "codebook") byId("codebook").querySelector(".sheet").focus({ preventScroll: true });
  }
}
