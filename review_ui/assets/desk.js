// The review desk: opens records, turns keys into answers, sends decisions. One record, one screen.

import { Activity } from "./activity.js";
import { loadText } from "./bridge.js";
import { Cards } from "./cards.js";
import { commandFor } from "./keys.js";
import { FIELDS } from "./model.js";
import { fillTexts, Notices, showWhere } from "./notices.js";
import { PageView } from "./page.js";
import { Records } from "./records.js";
import { Typing } from "./typing.js";
import { fill } from "./values.js";

const byId = (id) => document.getElementById(id);

class Desk {
  constructor(settings) {
    this.settings = settings;
    this.root = byId("desk");
    this.notices = new Notices(settings);
    this.cards = new Cards(settings, (group, value) => this.choose(group, value));
    this.page = new PageView(settings);
    this.page.onPage = (number) => showWhere(settings, this.model.record, number);
    this.typing = new Typing(this);
    this.records = new Records(this);
    this.activity = new Activity();
    this.model = null;
    this.isBusy = false;
    this.listen();
  }

  listen() {
    document.addEventListener("keydown", (event) => this.onKey(event));
    for (const field of FIELDS) {
      byId(`card-${field}`).addEventListener("focusin", () => this.focusOn(field));
    }
    const clicks = { accept: "enter", skip: "skip", flag: "flag", "help-open": "help", "look-again": "enter",
      "flag-cancel": "escape", rvsp: "typeRvsp" };
    for (const [id, command] of Object.entries(clicks)) byId(id).addEventListener("click", () => this.run(command));
    byId("number-ef").addEventListener("click", () => this.run("typeEf", ""));
    byId("flag-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendFlag();
    });
    byId("help").addEventListener("click", () => this.toggleHelp(false));
    document.addEventListener("visibilitychange", () => document.hidden || this.records.beat());
    addEventListener("resize", () => this.model && this.cards.drawCrops(this.model, (n) => this.page.imageOf(n)));
    setInterval(() => this.records.beat(), (this.settings.lease_s * 1000) / 3);
  }

  // ---- keys

  onKey(event) {
    if (!byId("help").hidden) {
      event.preventDefault();
      if (event.key === "Escape" || event.key === "?" || event.key === "Enter") this.toggleHelp(false);
      return;
    }
    if (this.typing.onKey(event)) return;
    const target = event.target;
    if (target.id === "note") {
      if (event.key === "Escape") this.run("escape");
      return;
    }
    const isOwnButton = target.closest?.("button") && !target.closest(".card");
    if (isOwnButton && (event.key === "Enter" || event.key === " ")) return;
    const command = commandFor(event, this.model?.focus);
    if (!command) return;
    // Past the last field that needs someone, Tab is the browser's own again: nothing on the page is out of reach.
    if (command[0] === "tab" && !this.willTab(command[1] ?? 1)) return;
    event.preventDefault();
    this.keyAt = performance.now();
    this.run(...command);
  }

  run(name, ...args) {
    if (this.isBusy) return;
    if (!this.model) {
      if (name === "enter") this.records.openNext();
      else if (name === "back") this.records.goBack();
      else if (name === "help") this.toggleHelp(true);
      return;
    }
    const commands = {
      enter: () => this.enter(), tab: (step = 1) => this.tab(step), back: () => this.records.goBack(),
      step: (step) => this.step(step), choose: (group, value) => this.choose(group, value),
      typeEf: (text) => this.typing.start("ef", text), typeRvsp: () => this.typing.start("rvsp", ""),
      undo: () => this.undo(), flag: () => this.toggleFlag(true), skip: () => this.skip(),
      escape: () => this.toggleFlag(false), help: () => this.toggleHelp(true),
      move: (x, y) => this.page.move(x, y), movePage: (step) => this.page.movePage(step),
      turn: (step) => this.page.turn(step), zoom: (step) => this.page.zoomBy(step), fit: () => this.page.fit(),
    };
    commands[name]?.(...args);
  }

  // ---- fields

  focusOn(field) {
    if (!this.model || this.model.focus === field) return;
    this.model.focus = field;
    this.cards.render(this.model);
    this.page.bringEvidence();
  }

  goTo(field) {
    this.focusOn(field);
    byId(`card-${field}`).focus({ preventScroll: true });
  }

  willTab(step) {
    return Boolean(this.model && !this.isBusy && this.model.nextNeeding(this.model.focus, step));
  }

  tab(step) {
    const next = this.model.nextNeeding(this.model.focus, step);
    if (next) this.goTo(next);
  }

  step(step) {
    const at = FIELDS.indexOf(this.model.focus) + step;
    if (at >= 0 && at < FIELDS.length) this.goTo(FIELDS[at]);
  }

  choose(group, value) {
    if (!this.model || this.isBusy) return;
    this.model.choose(group, value);
    this.goTo(group === "rwma_severity" ? "rwma" : group);
    this.changed();
  }

  changed() {
    if (!this.notices.isSticky || this.model.record.again) this.notices.clear();
    this.cards.render(this.model);
    this.labelAccept();
  }

  undo() {
    this.notices.say(this.model.undo() ? this.settings.text.undone : this.settings.text.nothing_to_undo);
    this.cards.render(this.model);
    this.labelAccept();
  }

  labelAccept() {
    const { model } = this;
    const { text } = this.settings;
    const word = model.needsAnswer(model.focus) ? text.confirm
      : model.isChanged() ? text.save
        : model.record.again && model.record.again.decision !== "flag" ? text.go_on : text.accept;
    byId("accept-word").textContent = word;
  }

  // ---- decisions

  enter() {
    const { model } = this;
    const { text } = this.settings;
    if (!this.typing.commitAll()) return;
    if (model.taken) return this.records.tellTaken();
    if (model.needsAnswer(model.focus)) {
      model.confirm(model.focus);
      const next = model.nextNeeding(model.focus);
      if (next) this.goTo(next);
      return this.changed();
    }
    const missing = model.firstNeeding();
    if (missing) {
      this.goTo(missing);
      return this.notices.say(fill(text.unanswered, { fields: this.settings.titles[missing] }));
    }
    const { again } = model.record;
    if (again && again.decision !== "flag" && !model.isChanged() && !model.conflict) {
      return this.records.openNext(model.record.case_id, text.nothing_changed);
    }
    if (performance.now() - this.records.shownAt < this.settings.min_view_s * 1000) return this.notices.say(text.too_soon);
    return this.records.send("store", "");
  }

  skip() {
    const { model } = this;
    model.isDropped = model.conflict || Boolean(model.record.again); // what was decided before stands
    if (model.isDropped || model.taken) return this.records.openNext(model.record.case_id);
    return this.records.send("skip", "");
  }

  toggleFlag(isOpen) {
    byId("flag-form").hidden = !isOpen;
    byId("actions").hidden = isOpen;
    if (isOpen) byId("note").focus();
    else if (document.activeElement?.id === "note" && this.model) byId(`card-${this.model.focus}`).focus();
  }

  sendFlag() {
    if (this.isBusy || !this.model) return;
    const note = byId("note").value.trim();
    if (!note) this.notices.say(this.settings.text.note_missing);
    else if (this.model.taken) this.records.tellTaken();
    else if (this.typing.commitAll()) this.records.send("flag", note);
  }

  toggleHelp(isOpen) {
    byId("help").hidden = !isOpen;
    if (isOpen) byId("help").focus();
    else if (this.model) byId(`card-${this.model.focus}`).focus({ preventScroll: true });
  }
}

async function start() {
  const [html, settings] = await Promise.all([loadText("desk.html"), loadText("settings.json").then(JSON.parse)]);
  const structure = new DOMParser().parseFromString(html, "text/html").getElementById("desk"); // our own file
  fillTexts(structure, settings);
  document.body.append(structure);
  document.body.classList.add("desk-open");
  document.title = settings.text.title;
  await new Desk(settings).records.openNext();
}

start();
