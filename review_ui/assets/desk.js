// The review desk: opens records, turns keys into answers, sends decisions. One record, one screen.

import { Activity } from "./activity.js";
import { call, loadText } from "./bridge.js";
import { Cards } from "./cards.js";
import { commandFor } from "./keys.js";
import { FIELDS, Model } from "./model.js";
import { fillTexts, Notices, showEmpty, showProgress, showWhere } from "./notices.js";
import { PageView } from "./page.js";
import { Typing } from "./typing.js";
import { fill } from "./values.js";

const byId = (id) => document.getElementById(id);
const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

class Desk {
  constructor(settings) {
    this.settings = settings;
    this.root = byId("desk");
    this.notices = new Notices(settings);
    this.cards = new Cards(settings, (group, value) => this.choose(group, value));
    this.page = new PageView(settings);
    this.page.onPage = (number) => showWhere(settings, this.model.record, number);
    this.typing = new Typing(this);
    this.activity = new Activity();
    this.kept = new Map(); // records left with unsent answers: they come back as they were
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
    document.addEventListener("visibilitychange", () => document.hidden || this.beat());
    addEventListener("resize", () => this.model && this.cards.drawCrops(this.model, (n) => this.page.imageOf(n)));
    setInterval(() => this.beat(), (this.settings.lease_s * 1000) / 3);
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
      if (name === "enter") this.openNext();
      else if (name === "back") this.goBack();
      else if (name === "help") this.toggleHelp(true);
      return;
    }
    const commands = {
      enter: () => this.enter(), tab: (step = 1) => this.tab(step), back: () => this.goBack(),
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
    if (model.taken) return this.tellTaken();
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
      return this.openNext(model.record.case_id, text.nothing_changed);
    }
    if (performance.now() - this.shownAt < this.settings.min_view_s * 1000) return this.notices.say(text.too_soon);
    return this.send("store", "");
  }

  skip() {
    const { model } = this;
    if (model.conflict || model.taken || model.record.again) return this.openNext(model.record.case_id);
    return this.send("skip", "");
  }

  async send(decision, note) {
    const { model } = this;
    const answer = await this.ask("decide", model.request(decision, note, this.activity.seconds()));
    if (answer.state === "record" || answer.state === "empty") {
      this.kept.delete(keyOf(model));
      this.toggleFlag(false);
    }
    await this.take(answer);
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
    else if (this.model.taken) this.tellTaken();
    else if (this.typing.commitAll()) this.send("flag", note);
  }

  // ---- moving between records

  async openNext(leave = null, sentence = "") {
    this.keep();
    await this.take(await this.ask("open_next", { leave }));
    if (sentence) this.notices.say(sentence);
  }

  async goBack() {
    const again = this.model?.record.again;
    this.keep();
    const payload = { before_review_id: again?.review_id ?? null, leave: again ? this.model.record.case_id : null };
    await this.take(await this.ask("go_back", payload));
  }

  // Answers not sent yet stay with their record for as long as this page is open.
  keep() {
    if (!this.model) return;
    this.typing.read();
    const { model } = this;
    const isTouched = model.isChanged() || model.confirmed.size || model.typed.ef || model.typed.rvsp;
    if (isTouched) this.kept.set(keyOf(model), { model, note: byId("note").value });
    else this.kept.delete(keyOf(model));
  }

  async ask(event, payload) {
    this.setBusy(true);
    try {
      return await call(event, payload);
    } finally {
      this.setBusy(false);
    }
  }

  setBusy(isBusy) {
    this.isBusy = isBusy;
    this.root.setAttribute("aria-busy", String(isBusy));
  }

  // Show whatever the server answered.
  async take(answer) {
    const { text } = this.settings;
    if (answer.state === "record") return this.showRecord(answer);
    if (answer.state === "empty") return this.showEmpty(answer);
    if (answer.state === "conflict") return this.tellConflict(answer);
    if (answer.state === "taken") return this.tellTaken(answer);
    if (answer.state === "refused") return this.tellRefused(answer);
    return this.notices.keep(answer.sentence ?? text[answer.state] ?? text.failed);
  }

  async showRecord(answer) {
    this.setBusy(true);
    const fresh = new Model(answer.record, this.settings);
    const back = this.kept.get(keyOf(fresh));
    const model = back && back.model.seenReviewId === fresh.seenReviewId ? back.model : fresh;
    const wanted = model.views[model.focus].boxes[0]?.page ?? 1;
    const { images, isShown, rest } = await PageView.load(answer.record, wanted);
    this.model = model;
    this.model.taken = false;
    byId("note").value = back?.note ?? "";
    this.root.dataset.state = "record";
    byId("empty").hidden = true;
    showProgress(this.settings, answer);
    this.page.show(model, images);
    this.cards.render(model);
    this.cards.drawCrops(model, (number) => this.page.imageOf(number));
    this.labelAccept();
    byId(`card-${model.focus}`).focus({ preventScroll: true });
    this.tellAbout(answer.record, isShown);
    rest.then(() => this.model === model && this.cards.drawCrops(model, (number) => this.page.imageOf(number)));
    await painted();
    this.shownAt = performance.now();
    this.activity.restart();
    performance.clearMeasures("key-to-record");
    performance.measure("key-to-record", { start: this.keyAt ?? this.shownAt, end: this.shownAt });
    this.root.dataset.case = String(model.record.case_id);
    this.setBusy(false);
  }

  tellAbout(record, isShown) {
    const { again } = record;
    if (!isShown) this.notices.keep(this.settings.text.image_missing);
    else if (again) this.notices.keep(again.sentence, again.note);
    else if (record.message) this.notices.say(record.message);
    else this.notices.clear();
  }

  showEmpty(answer) {
    this.model = null;
    this.root.dataset.state = "empty";
    this.root.dataset.case = "";
    this.notices.clear();
    showProgress(this.settings, answer);
    showEmpty(this.settings, answer);
    byId("empty").hidden = false;
    byId("empty").focus();
  }

  tellConflict(answer) {
    this.model.conflict = true;
    this.model.seenReviewId = answer.seen_review_id;
    this.notices.keep(answer.sentence, answer.keys);
  }

  tellTaken(answer = this.takenAnswer) {
    this.takenAnswer = answer;
    this.model.taken = true;
    this.notices.keep(answer.sentence, answer.keys);
  }

  tellRefused(answer) {
    if (FIELDS.includes(answer.field) && this.model) this.goTo(answer.field);
    this.notices.say(answer.sentence);
  }

  // A sign of life for the records this page holds.
  async beat() {
    const { model } = this;
    if (!model || this.isBusy || model.taken || model.conflict || this.activity.isAway()) return;
    const also = [...this.kept.values()].map((kept) => kept.model.record.case_id).slice(-8);
    const answer = await call("heartbeat", { case_id: model.record.case_id, seen_review_id: model.seenReviewId, also });
    if (this.model !== model || this.isBusy) return;
    if (answer.state === "kept") {
      if (this.isOffline) this.notices.clear();
      this.isOffline = false;
      return;
    }
    this.isOffline = answer.state === "offline";
    await this.take(answer);
  }

  toggleHelp(isOpen) {
    byId("help").hidden = !isOpen;
    if (isOpen) byId("help").focus();
    else if (this.model) byId(`card-${this.model.focus}`).focus({ preventScroll: true });
  }
}

function keyOf(model) {
  return `${model.record.case_id}:${model.record.draft_id}`;
}

async function start() {
  const [html, settings] = await Promise.all([loadText("desk.html"), loadText("settings.json").then(JSON.parse)]);
  const structure = new DOMParser().parseFromString(html, "text/html").getElementById("desk"); // our own file
  fillTexts(structure, settings);
  document.body.append(structure);
  document.body.classList.add("desk-open");
  document.title = settings.text.title;
  await new Desk(settings).openNext();
}

start();
