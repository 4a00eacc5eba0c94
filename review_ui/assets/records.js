// Records coming and going: asks the server, shows what it answers, and keeps what was not sent yet.

import { call } from "./bridge.js";
import { FIELDS, Model } from "./model.js";
import { showEmpty, showProgress } from "./notices.js";
import { PageView } from "./page.js";

const byId = (id) => document.getElementById(id);
const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const keyOf = (model) => `${model.record.case_id}:${model.record.draft_id}`;

export class Records {
  constructor(desk) {
    this.desk = desk;
    this.settings = desk.settings;
    this.notices = desk.notices;
    this.kept = new Map(); // records left with unsent answers: they come back as they were
    this.shownAt = 0;
    this.isTroubled = false;
  }

  async send(decision, note) {
    const { model } = this.desk;
    const answer = await this.ask("decide", model.request(decision, note, this.desk.activity.seconds()));
    if (answer.state === "record" || answer.state === "empty") {
      this.kept.delete(keyOf(model));
      this.desk.toggleFlag(false);
    }
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
    const isTouched = model.isChanged() || model.confirmed.size || model.typed.ef || model.typed.rvsp;
    if (isTouched && !model.isDropped) this.kept.set(keyOf(model), { model, note: byId("note").value });
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
    this.desk.isBusy = isBusy;
    this.desk.root.setAttribute("aria-busy", String(isBusy));
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
    this.desk.model = model;
    this.desk.model.taken = false;
    byId("note").value = back?.note ?? "";
    this.desk.root.dataset.state = "record";
    byId("empty").hidden = true;
    showProgress(this.settings, answer);
    this.desk.page.show(model, images);
    this.desk.cards.render(model);
    this.desk.cards.drawCrops(model, (number) => this.desk.page.imageOf(number));
    this.desk.labelAccept();
    byId(`card-${model.focus}`).focus({ preventScroll: true });
    this.tellAbout(answer.record, isShown);
    rest.then(() => this.desk.model === model && this.desk.cards.drawCrops(model, (number) => this.desk.page.imageOf(number)));
    await painted();
    this.shownAt = performance.now();
    this.desk.activity.restart();
    performance.clearMeasures("key-to-record");
    performance.measure("key-to-record", { start: this.desk.keyAt ?? this.shownAt, end: this.shownAt });
    this.desk.root.dataset.case = String(model.record.case_id);
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
    this.desk.model = null;
    this.desk.root.dataset.state = "empty";
    this.desk.root.dataset.case = "";
    this.notices.clear();
    showProgress(this.settings, answer);
    showEmpty(this.settings, answer);
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

  tellRefused(answer) {
    if (FIELDS.includes(answer.field) && this.desk.model) this.desk.goTo(answer.field);
    this.notices.say(answer.sentence);
  }

  // A sign of life for the records this page holds.
  async beat() {
    const { model } = this.desk;
    if (!model || this.desk.isBusy || model.taken || model.conflict || this.desk.activity.isAway()) return;
    const also = [...this.kept.values()].map((kept) => kept.model.record.case_id).slice(-8);
    const answer = await call("heartbeat", { case_id: model.record.case_id, seen_review_id: model.seenReviewId, also });
    if (this.desk.model !== model || this.desk.isBusy) return;
    if (answer.state === "kept") {
      if (this.isTroubled) this.notices.clear();
      this.isTroubled = false;
      return;
    }
    this.isTroubled = answer.state !== "taken" && answer.state !== "conflict";
    await this.take(answer);
  }
}
