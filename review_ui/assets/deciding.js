// From answers to a decision: accept, correct, flag, skip, and seeing a hidden draft.

import { FIELDS } from "./model.js";
import { fill } from "./values.js";

const byId = (id) => document.getElementById(id);

// A flag that was taken back can be put again with its note.
const undoneNote = ({ again }) => (again?.is_undone && again.decision === "flag" ? again.written : "");

export class Deciding {
  constructor(desk) {
    this.desk = desk;
    this.settings = desk.settings;
    byId("flag-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.flag();
    });
    byId("note").addEventListener("input", (event) => {
      if (!desk.model) return;
      desk.model.note = event.target.value;
      if (desk.model.note.length >= event.target.maxLength) desk.notices.say(this.settings.text.note_full);
      desk.work.later();
    });
  }

  // What Enter does now, in a word.
  word() {
    const { model } = this.desk;
    const { text } = this.settings;
    if (model.isHidden && model.purpose === "first") return text.compare;
    if (model.isHidden || model.isDrafted || model.readings.length) return text.store;
    if (model.needsAnswer(model.focus) && !model.mustEnter(model.focus)) return text.confirm;
    if (model.isChanged()) return text.save;
    return this.isSettled(model) ? text.go_on : text.accept;
  }

  // Decided before and as it was then: there is nothing to store.
  isSettled(model) {
    const { again } = model.record;
    return Boolean(again) && again.decision !== "flag" && !again.is_undone && !model.isChanged() && !model.conflict;
  }

  // Confirm the field that needs someone; when none does, store the record.
  enter() {
    const { desk } = this;
    const { model, records } = desk;
    const { text } = this.settings;
    if (!desk.typing.commitAll()) return undefined;
    if (model.taken) return records.tellTaken();
    if (model.needsAnswer(model.focus) && !model.mustEnter(model.focus)) return this.confirm(model);
    const missing = model.needsAnswer(model.focus) ? model.focus : model.firstNeeding();
    if (missing) {
      desk.goTo(missing);
      return desk.notices.say(fill(text.unanswered, { fields: this.settings.titles[missing] }));
    }
    if (this.isSettled(model)) {
      return records.openNext(model.record.case_id, text.nothing_changed);
    }
    const lookedAt_ms = performance.now() - records.shownAt;
    if (lookedAt_ms < this.settings.min_view_s * 1000) return desk.notices.say(text.too_soon);
    if (model.isHidden && model.purpose === "first") return records.reveal();
    return records.send("store", "");
  }

  confirm(model) {
    model.confirm(model.focus);
    const next = model.nextNeeding(model.focus);
    if (next) this.desk.goTo(next);
    return this.desk.changed();
  }

  // Skipping asks for a reason, except where an earlier decision stands and there is nothing to skip.
  skip() {
    const { model, records, strips } = this.desk;
    model.isDropped = model.conflict || Boolean(model.record.again); // what was decided before stands
    if (model.isDropped || model.taken) return records.openNext(model.record.case_id);
    return strips.openSkip();
  }

  skipFor(code) {
    if (this.desk.isBusy) return;
    this.desk.strips.closeSkip();
    this.desk.records.send("skip", code);
  }

  toggleFlag(isOpen) {
    const { model } = this.desk;
    if (isOpen && model && !byId("note").value) byId("note").value = model.note = undoneNote(model.record);
    byId("flag-form").hidden = !isOpen;
    byId("actions").hidden = isOpen;
    if (isOpen) byId("note").focus();
    else if (document.activeElement?.id === "note" && model) byId(`card-${model.focus}`).focus();
  }

  // A note that was begun is there again, as it was left.
  showNote(model) {
    byId("note").value = model.note;
    this.toggleFlag(model.note.trim() !== "");
  }

  flag() {
    const { desk } = this;
    if (desk.isBusy || !desk.model) return;
    const note = byId("note").value.trim();
    if (!note) desk.notices.say(this.settings.text.note_missing);
    else if (desk.model.taken) desk.records.tellTaken();
    else if (desk.typing.commitAll()) desk.records.send("flag", note);
  }

  // Why the draft was wrong; the same key again takes it back.
  reason(number) {
    const { desk } = this;
    const { text, words } = this.settings;
    const code = desk.strips.reasons[number - 1];
    if (code === undefined) return;
    if (!desk.model.takesReason()) {
      desk.notices.say(text.reason_needs_change);
      return;
    }
    desk.model.giveReason(code);
    desk.changed();
    desk.notices.say(desk.model.reason ? fill(text.reason_given, { reason: words.reason[code] }) : text.no_reason);
  }

  reading(field, number) {
    const { desk } = this;
    if (!desk.model || desk.isBusy || !FIELDS.includes(field)) return;
    if (!desk.model.takeReading(field, number)) return;
    desk.goTo(desk.model.nextNeeding(field) ?? field);
    desk.changed();
  }
}
