// Undo and redo: first what was answered on this record, then what was stored, one decision at a time.

import { describeStep } from "./steps.js";
import { fill } from "./values.js";

export class Undoing {
  constructor(desk) {
    this.desk = desk;
    this.requests = { undo: null, redo: null }; // one id until it is answered, so that a repeat undoes once
  }

  async go(way) {
    const { desk } = this;
    const { model } = desk;
    const { text } = desk.settings;
    const done = way === "undo" ? text.undone : text.redone;
    if (model && way === "undo" && model.undoTyping()) return this.tell(fill(done, { what: text.typed_number }));
    const step = model?.[way]();
    if (step) return this.tell(fill(done, { what: describeStep(step.before, step.after, desk.settings) }));
    return this.ask(way);
  }

  tell(sentence) {
    this.desk.changed();
    this.desk.notices.say(sentence);
  }

  // Beyond this record: the server takes the last decision back, or puts it in force again.
  async ask(way) {
    const { desk } = this;
    desk.records.keep();
    this.requests[way] ??= crypto.randomUUID();
    const answer = await desk.records.ask(way, { request_id: this.requests[way] });
    if (!["offline", "busy", "failed"].includes(answer.state)) this.requests[way] = null;
    await desk.records.take(answer);
    if (answer.sentence && ["record", "empty"].includes(answer.state)) desk.notices.say(answer.sentence);
  }
}
