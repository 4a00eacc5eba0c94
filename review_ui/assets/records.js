// Records coming and going: asks the server, shows what it answers, and keeps what was not sent yet.

import { Ahead } from "./ahead.js";
import { call } from "./bridge.js";
import { FIELDS, Model } from "./model.js";
import { showEmpty, showProgress } from "./notices.js";

const HIDDEN_TAB_MS = 1000; // a tab in the background paints nothing, and must not wait for it
const byId = (id) => document.getElementById(id);
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const keyOf = (model) => `${model.record.case_id}:${model.record.draft_id}`;

// Resolves when the browser has painted: the first task after the frame was drawn.
const painted = () => new Promise((done) => {
  setTimeout(done, HIDDEN_TAB_MS);
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(null);
  });
});

export class Records {
  constructor(desk) {
    this.desk = desk;
    this.settings = desk.settings;
    this.notices = desk.notices;
    this.kept = new Map(); // records left with unsent answers: they come back as they were
    this.ahead = new Ahead(desk.settings);
    this.shownAt = 0;
    this.isTroubled = false;
  }

  async send(decision, note) {
    const { model } = this.desk;
    const asked = this.ask("decide", model.request(decision, note, this.desk.activity.seconds()));
    const next = this.lookAhead(model);
    const answer = await asked;
    const isStored = ["record", "empty", "practice"].includes(answer.state);
    if (isStored) {
      this.kept.delete(keyOf(model));
      if (!next) this.desk.deciding.toggleFlag(false);
    }
    if (next) this.setStoring(false);
    if (next && answer.state === "record" && isSame(answer.record, next.record)) return this.settle(answer, next);
    if (next && !isStored) this.comeBack(next);
    return this.take(answer);
  }

  // The next record is here already: it is painted while the answer to this one is on its way. Nothing can be
  // done with it before that answer is known to be stored, and until then the page says so.
  lookAhead(model) {
    const ahead = this.ahead.ready(model.record.case_id);
    if (!ahead) return null;
    const { images } = this.desk.page;
    const shown = this.modelOf({ record: ahead.record });
    this.setStoring(true);
    this.draw(shown, ahead.pages.images);
    return { record: ahead.record, pages: ahead.pages, shown, before: { model, images }, isPainted: this.paint() };
  }

  // It was stored, and what is on screen is what comes next.
  async settle(answer, { shown, pages, isPainted }) {
    this.setBusy(true);
    this.ahead.forget(answer.record.case_id);
    showProgress(this.settings, answer);
    this.tellAbout(answer.record, true);
    this.drawCropsOf(shown, pages.rest);
    await isPainted;
    this.open(shown, answer.record);
  }

  // It was not stored: that record comes back as it was.
  comeBack({ before }) {
    this.draw(before.model, before.images);
  }

  setStoring(isStoring) {
    byId("storing").hidden = !isStoring;
  }

  // Everything is entered: the draft that was hidden comes to stand beside it.
  async reveal() {
    const { model } = this.desk;
    const answer = await this.ask("reveal", model.revealRequest());
    if (answer.state === "record") this.kept.delete(keyOf(model));
    await this.take(answer);
  }

  async openNext(leave = null, sentence = "") {
    this.keep();
    const answer = await this.ask("open_next", { leave });
    await this.take(answer);
    if (sentence && answer.state === "record") this.notices.say(sentence);
  }

  async goBack() {
    const again = this.desk.model?.record.again;
    this.keep();
    const payload = { before_review_id: again?.review_id ?? null, leave: again ? this.desk.model.record.case_id : null };
    await this.take(await this.ask("go_back", payload));
  }

  // Answers not sent yet stay with their record for as long as this page is open.
  keep() {
    if (!this.desk.model) return;
    this.desk.typing.read();
    const { model } = this.desk;
    if (model.isTouched() && !model.isDropped) this.kept.set(keyOf(model), { model });
    else this.kept.delete(keyOf(model));
  }

  async ask(event, payload) {
    this.setBusy(true);
    this.desk.early.forget();
    try {
      return await call(event, payload, (busy) => this.notices.keep(busy.sentence ?? this.settings.text.busy));
    } finally {
      this.setBusy(false);
    }
  }

  setBusy(isBusy) {
    this.desk.isBusy = isBusy;
    this.desk.root.setAttribute("aria-busy", String(isBusy));
  }

  // Show whatever the server answered.
  async take(answer) {
    const { text } = this.settings;
    this.desk.cover.heed(answer);
    if (answer.state === "record") return this.showRecord(answer);
    if (answer.state === "empty") return this.showEmpty(answer);
    if (answer.state === "conflict") return this.tellConflict(answer);
    if (answer.state === "taken") return this.tellTaken(answer);
    if (answer.state === "gone") return this.leaveGone(answer);
    if (answer.state === "refused") return this.tellRefused(answer);
    if (answer.state === "practice") return this.showRecord(answer);
    if (answer.state === "busy") return this.notices.keep(answer.still ?? text.still_busy);
    return this.notices.keep(answer.sentence ?? text[answer.state] ?? text.failed);
  }

  async showRecord(answer) {
    const { desk } = this;
    this.setBusy(true);
    const model = this.modelOf(answer);
    const wanted = model.views[model.focus].boxes[0]?.page ?? 1;
    const { images, isShown, rest } = await this.ahead.pagesOf(answer.record, wanted);
    showProgress(this.settings, answer);
    this.draw(model, images);
    this.tellAbout(answer.record, isShown);
    this.drawCropsOf(model, rest);
    await this.paint();
    this.open(model, answer.record);
  }

  // Put a record on screen.
  draw(model, images) {
    const { desk } = this;
    desk.begin(model);
    desk.root.dataset.state = "record";
    byId("empty").hidden = true;
    desk.page.show(model, images);
    desk.changed();
    this.drawCrops(model);
    byId(`card-${model.focus}`).focus({ preventScroll: true });
    desk.deciding.showNote(model);
  }

  drawCrops(model) {
    const { desk } = this;
    if (desk.model === model) desk.cards.drawCrops(model, (number) => desk.page.imageOf(number));
  }

  // Again once the other pages are there.
  drawCropsOf(model, rest) {
    if (model.record.pages.length > 1) rest.then(() => this.drawCrops(model));
  }

  // Resolves when what was drawn is painted, and measures how long after the key that was.
  async paint() {
    const { keyAt } = this.desk;
    await painted();
    const end = performance.now();
    performance.clearMeasures("key-to-record");
    performance.measure("key-to-record", { start: keyAt ?? end, end });
  }

  // From now on it takes keys.
  open(model, record) {
    const { desk } = this;
    this.shownAt = performance.now();
    desk.activity.restart();
    desk.root.dataset.case = String(model.record.case_id);
    this.setBusy(false);
    desk.early.tell();
    this.ahead.fetch(record);
  }

  // What was answered on it before, where that was on this very screen; else the record as it came.
  modelOf(answer) {
    const fresh = new Model(answer.record, this.settings);
    if (FIELDS.includes(answer.field) && answer.sentence) {
      fresh.practice = { field: answer.field, sentence: answer.sentence }; // stands where the field's reason does
      fresh.focus = answer.field;
    }
    const back = this.kept.get(keyOf(fresh));
    const isSame = back && back.model.seenReviewId === fresh.seenReviewId && back.model.record.screen === fresh.record.screen;
    const model = isSame ? back.model : fresh;
    model.taken = false;
    return model;
  }

  tellAbout(record, isShown) {
    const { again } = record;
    if (!isShown) this.notices.keep(this.settings.text.image_missing);
    else if (again) this.notices.keep(again.sentence, again.note);
    // Why a record was flagged is needed for as long as it takes to settle it.
    else if (record.message && record.purpose === "adjudication") this.notices.keep(record.message);
    else if (record.message && !this.desk.model.practice) this.notices.keepUntilChange(record.message);
    else this.notices.clear();
  }

  showEmpty(answer) {
    this.desk.begin(null);
    this.desk.root.dataset.state = "empty";
    this.desk.root.dataset.case = "";
    this.notices.clear();
    showProgress(this.settings, answer);
    showEmpty(answer);
    byId("empty").hidden = false;
    byId("empty").focus();
  }

  tellConflict(answer) {
    this.desk.model.conflict = true;
    this.desk.model.seenReviewId = answer.seen_review_id;
    this.notices.keep(answer.sentence, answer.keys);
  }

  tellTaken(answer = this.takenAnswer) {
    this.takenAnswer = answer;
    this.desk.model.taken = true;
    this.notices.keep(answer.sentence, answer.keys);
  }

  // Its patient withdrew their consent: nothing of it stays on this page.
  async leaveGone(answer) {
    const { model } = this.desk;
    if (model) model.isDropped = true;
    await this.openNext();
    this.notices.say(answer.sentence);
  }

  tellRefused(answer) {
    if (FIELDS.includes(answer.field) && this.desk.model) this.desk.goTo(answer.field);
    this.notices.say(answer.sentence);
  }

  // A sign of life for the records this page holds.
  async beat() {
    const { model, cover } = this.desk;
    if (!model || this.desk.isBusy) return;
    if (this.desk.activity.isAway()) return this.leaveAlone();
    if ((model.taken || model.conflict) && !cover.isOn) return;
    const also = [...this.kept.values()].map((kept) => kept.model.record.case_id).slice(-8);
    const payload = { ...model.screen(), seen_review_id: model.seenReviewId, also, is_active: this.desk.activity.wasActive() };
    const answer = await call("heartbeat", payload);
    if (this.desk.model !== model || this.desk.isBusy) return;
    if (answer.state === "kept") {
      cover.put(false);
      if (this.isTroubled) this.notices.clear();
      this.isTroubled = false;
      return;
    }
    this.isTroubled = !["taken", "conflict", "gone"].includes(answer.state);
    await this.take(answer);
  }

  // Nobody has been here for long.
  leaveAlone() {
    if (this.desk.cover.isOn) return;
    this.desk.cover.put(true);
    this.notices.keep(this.settings.text.covered);
    this.isTroubled = true;
  }
}
