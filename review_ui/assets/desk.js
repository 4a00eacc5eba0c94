// The review desk: opens records, turns keys into answers. One record, one screen.

import { Activity } from "./activity.js";
import { loadText } from "./bridge.js";
import { Boxing } from "./boxing.js";
import { Cards } from "./cards.js";
import { Cover } from "./cover.js";
import { Deciding } from "./deciding.js";
import { EarlyKeys } from "./early.js";
import { commandFor, isDead } from "./keys.js";
import { FIELDS } from "./model.js";
import { fillTexts, Notices, showPages, showWhere } from "./notices.js";
import { PageView } from "./page.js";
import { Records } from "./records.js";
import { Rereading } from "./rereading.js";
import { Sheets } from "./sheets.js";
import { Strips } from "./strips.js";
import { Typing } from "./typing.js";
import { Undoing } from "./undoing.js";
import { WorkKeeper } from "./work.js";

const byId = (id) => document.getElementById(id);

class Desk {
  constructor(settings) {
    this.settings = settings;
    this.root = byId("desk");
    this.model = null;
    this.isBusy = false;
    this.notices = new Notices(settings);
    this.cards = new Cards(settings, (group, value) => this.choose(group, value), (field, number) => this.deciding.reading(field, number));
    this.page = new PageView(settings, (box) => this.rereading.read(box));
    this.page.onTurned = () => this.cards.drawCrops(this.model, (number) => this.page.imageOf(number));
    this.page.onPage = (number) => showWhere(settings, this.model, number);
    this.typing = new Typing(this);
    this.activity = new Activity();
    this.cover = new Cover(this);
    this.records = new Records(this);
    this.deciding = new Deciding(this);
    this.undoing = new Undoing(this);
    this.rereading = new Rereading(this);
    this.early = new EarlyKeys(this);
    this.boxing = new Boxing(this);
    this.sheets = new Sheets(settings, () => this.model && this.focusCard());
    this.strips = new Strips(settings, {
      onReason: (code) => this.run("reason", this.strips.reasons.indexOf(code) + 1),
      onSkip: (code) => this.deciding.skipFor(code),
      onWall: (wall) => this.choose("rwma_walls", wall),
    });
    this.work = new WorkKeeper(this);
    this.listen();
  }

  listen() {
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("keyup", (event) => event.key === " " && this.page.dragging.holdSpace(false));
    for (const field of FIELDS) {
      byId(`card-${field}`).addEventListener("focusin", () => this.focusOn(field));
    }
    const clicks = { accept: "enter", skip: "skip", flag: "flag", "help-open": "help", "look-again": "enter",
      "flag-cancel": "escape", rvsp: "typeRvsp", walls: "walls", "codebook-open": "codebook",
      "touch-back": "back", "touch-undo": "undo", "touch-codebook": "codebook" };
    for (const [id, command] of Object.entries(clicks)) byId(id).addEventListener("click", () => this.run(command));
    for (const place of [byId("number-ef"), byId("chips-ef").firstElementChild]) {
      place.addEventListener("click", () => this.run("typeEf", ""));
    }
    document.addEventListener("visibilitychange", () => document.hidden || this.records.beat());
    addEventListener("online", () => this.records.beat());
    addEventListener("blur", () => this.page.dragging.holdSpace(false));
    addEventListener("resize", () => this.model && this.cards.drawCrops(this.model, (n) => this.page.imageOf(n)));
    setInterval(() => this.records.beat(), (this.settings.lease_s * 1000) / 3);
  }

  // ---- keys

  onKey(event) {
    this.strips.learn(event);
    if (this.sheets.onKey(event) || this.early.takes(event)) return;
    if (this.strips.isSkipping) return this.onSkipKey(event);
    if (this.strips.isNamingWalls && this.onWallKey(event)) return;
    if (this.boxing.onKey(event)) return;
    if (this.typing.onKey(event)) return;
    const target = event.target;
    if (target.id === "note") {
      if (event.key === "Escape") this.run("escape");
      return;
    }
    const isOwnButton = target.closest?.("button, a, summary") && !target.closest(".card");
    if (isOwnButton && (event.key === "Enter" || event.key === " ")) return;
    if (event.key === " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.page.dragging.holdSpace(true);
      return;
    }
    const command = commandFor(event, this.model?.focus, this.model?.takesReason());
    if (!command) return;
    // Past the last field that needs someone, Tab is the browser's own again: nothing on the page is out of reach.
    if (command[0] === "tab" && !this.willTab(command[1] ?? 1)) return;
    if (!isDead(event) || command[0] !== "typeEf") event.preventDefault(); // the accent goes on into the field
    this.keyAt = performance.now();
    this.run(...command);
  }

  onSkipKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift") return;
    event.preventDefault();
    const meant = this.strips.skipKey(event);
    if (!meant || this.isBusy) return;
    this.keyAt = performance.now();
    if (meant.close) this.strips.closeSkip();
    else this.deciding.skipFor(meant.code);
  }

  // Keys that name a wall, and those that end it; any other key ends it and means what it always means.
  onWallKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift") return false;
    const meant = this.strips.wallKey(event);
    if (!meant?.wall) this.strips.closeWalls();
    if (!meant) return false;
    event.preventDefault();
    if (meant.wall && !event.repeat) this.choose("rwma_walls", meant.wall);
    return true;
  }

  nameWalls() {
    this.goTo("rwma");
    if (this.strips.isNamingWalls) this.strips.closeWalls();
    else this.strips.openWalls();
  }

  run(name, ...args) {
    if (this.isBusy) return;
    const anywhere = {
      enter: () => this.records.openNext(), back: () => this.records.goBack(), help: () => this.sheets.show("help"),
      undo: () => this.undoing.go("undo"), redo: () => this.undoing.go("redo"),
    };
    if (!this.model) {
      anywhere[name]?.();
      return;
    }
    const commands = {
      ...anywhere,
      enter: () => this.deciding.enter(), tab: (step = 1) => this.tab(step), step: (step) => this.step(step),
      choose: (group, value) => this.choose(group, value),
      typeEf: (text) => this.typing.start("ef", text), typeRvsp: () => this.typing.start("rvsp", ""),
      walls: () => this.nameWalls(), box: () => this.boxing.open(),
      flag: () => this.deciding.toggleFlag(true), skip: () => this.deciding.skip(),
      reason: (number) => this.deciding.reason(number), others: () => this.toggleOthers(),
      reading: (number) => this.deciding.reading(this.model.focus, number),
      codebook: () => this.sheets.showCodebook(this.model.focus), escape: () => this.escape(),
      move: (x, y) => this.page.move(x, y), movePage: (step) => this.page.movePage(step),
      turn: (step) => this.page.turn(step), zoom: (step) => this.page.zoomBy(step), fit: () => this.page.fit(),
      quarter: () => this.page.turnQuarter(),
    };
    commands[name]?.(...args);
  }

  escape() {
    if (!this.rereading.drop()) this.deciding.toggleFlag(false);
  }

  // ---- the record on screen

  begin(model) {
    this.model = model;
    this.cards.showsOthers = false;
    this.strips.model = model;
    this.boxing.drop();
    this.strips.closeWalls();
    this.strips.closeSkip();
    this.work.restart();
  }

  changed() {
    if (!this.notices.isSticky || this.notices.goesOnChange || this.model.record.again) this.notices.clear();
    this.cards.render(this.model);
    this.strips.render(this.model);
    byId("accept-word").textContent = this.deciding.word();
    this.work.later();
  }

  toggleOthers() {
    this.cards.showsOthers = !this.cards.showsOthers;
    this.cards.render(this.model);
  }

  // ---- fields

  focusCard() {
    byId(`card-${this.model.focus}`).focus({ preventScroll: true });
  }

  focusOn(field) {
    if (!this.model || this.model.focus === field) return;
    this.model.focus = field;
    this.cards.render(this.model);
    byId("accept-word").textContent = this.deciding.word();
    this.page.bringEvidence();
  }

  goTo(field) {
    this.focusOn(field);
    this.focusCard();
  }

  willTab(step) {
    return Boolean(this.model && !this.isBusy && this.model.nextNeeding(this.model.focus, step));
  }

  tab(step) {
    const next = this.model.nextNeeding(this.model.focus, step);
    if (next) this.goTo(next);
  }

  // Field by field, round and round: from the first, one key reaches the last.
  step(step) {
    const at = FIELDS.indexOf(this.model.focus) + step;
    this.goTo(FIELDS[(at + FIELDS.length) % FIELDS.length]);
  }

  choose(group, value) {
    if (!this.model || this.isBusy) return;
    this.model.choose(group, value);
    this.goTo(group.startsWith("rwma") ? "rwma" : group);
    this.changed();
  }
}

async function start() {
  const [html, settings] = await Promise.all([loadText("desk.html"), loadText("settings.json").then(JSON.parse)]);
  const structure = new DOMParser().parseFromString(html, "text/html").getElementById("desk"); // our own file
  fillTexts(structure, settings);
  document.body.append(structure);
  document.body.classList.add("desk-open");
  document.title = settings.text.title;
  showPages(settings);
  await new Desk(settings).records.openNext();
}

start();
