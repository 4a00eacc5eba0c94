// One record on screen and what the person has answered so far. No DOM in here.

import { parseEf, parseRvsp } from "./values.js";

export const FIELDS = ["ef", "rwma", "pah"];

export class Model {
  constructor(record, settings) {
    this.record = record;
    this.settings = settings;
    this.views = Object.fromEntries(record.fields.map((field) => [field.name, field]));
    this.answers = structuredClone(record.answers);
    this.changed = {};
    this.confirmed = new Set();
    this.typed = { ef: null, rvsp: null }; // {text, problem} while a number is being typed or cannot be stored
    this.past = [];
    this.seenReviewId = record.seen_review_id;
    this.conflict = false; // decided by someone else meanwhile, shown to the person
    this.taken = false; // held by someone else now
    this.focus = this.firstNeeding() ?? FIELDS.find((name) => this.views[name].light !== "green") ?? "ef";
    this.requests = new Map(); // the same decision sent twice carries the same id
  }

  isAnswered(field) {
    if (this.confirmed.has(field)) return true;
    const names = { ef: ["ef"], rwma: ["rwma", "rwma_severity"], pah: ["pah", "rvsp"] }[field];
    return names.some((name) => name in this.changed);
  }

  needsAnswer(field) {
    return this.views[field].needs_answer && !this.isAnswered(field);
  }

  firstNeeding() {
    return FIELDS.find((field) => this.needsAnswer(field));
  }

  // The next field that needs a person after this one, or undefined.
  nextNeeding(field, step = 1) {
    const at = FIELDS.indexOf(field);
    for (let offset = 1; offset < FIELDS.length; offset += 1) {
      const other = FIELDS[(at + step * offset + FIELDS.length * 2) % FIELDS.length];
      if (this.needsAnswer(other) || this.problemIn(other)) return other;
    }
    return undefined;
  }

  problemIn(field) {
    if (field === "ef") return this.typed.ef?.problem ?? "";
    return field === "pah" ? this.typed.rvsp?.problem ?? "" : "";
  }

  firstProblem() {
    return FIELDS.find((field) => this.problemIn(field));
  }

  isChanged() {
    return Object.keys(this.changed).length > 0;
  }

  choose(field, value) {
    this.remember();
    if (field === "ef") {
      this.answers.ef = { state: value, percent: null, low: null, high: null, operator: null };
      this.changed.ef = { state: value };
      this.typed.ef = null;
    } else if (field === "pah") {
      this.answers.pah = value;
      this.changed.pah = value;
    } else {
      this.chooseWall(field, value);
    }
  }

  chooseWall(field, value) {
    const was = this.answers.rwma;
    const rwma = field === "rwma" ? value : "present";
    let severity = this.answers.rwma_severity;
    if (field === "rwma_severity") severity = value;
    else if (rwma === "absent") severity = "none";
    else if (rwma !== "present" || was !== "present") severity = "not_stated";
    this.answers.rwma = rwma;
    this.answers.rwma_severity = severity;
    this.changed.rwma = rwma;
    if (rwma === "present") this.changed.rwma_severity = severity;
    else delete this.changed.rwma_severity;
  }

  // Keep what is being typed; the value itself changes on commit.
  type(name, text) {
    const { problem } = name === "ef" ? parseEf(text, this.settings) : parseRvsp(text, this.settings);
    this.typed[name] = { text, problem: problem ?? "", shown: false };
  }

  preview(name) {
    const typed = this.typed[name];
    if (!typed || typed.problem) return null;
    return (name === "ef" ? parseEf : parseRvsp)(typed.text, this.settings).value;
  }

  // Take the typed number as the answer; false keeps it, with its sentence, for the person to mend.
  commit(name) {
    const typed = this.typed[name];
    if (!typed) return true;
    if (typed.problem) {
      typed.shown = true;
      return false;
    }
    this.remember();
    const value = this.preview(name);
    if (name === "ef") {
      this.answers.ef = { state: "stated", ...value };
      this.changed.ef = { text: typed.text };
    } else {
      this.answers.rvsp_mmhg = value;
      this.changed.rvsp = { text: typed.text };
    }
    this.typed[name] = null;
    return true;
  }

  dropTyping(name) {
    this.typed[name] = null;
  }

  confirm(field) {
    this.remember();
    this.confirmed.add(field);
  }

  remember() {
    this.past.push(structuredClone({ answers: this.answers, changed: this.changed, confirmed: [...this.confirmed] }));
  }

  undo() {
    const before = this.past.pop();
    if (!before) return false;
    this.answers = before.answers;
    this.changed = before.changed;
    this.confirmed = new Set(before.confirmed);
    this.typed = { ef: null, rvsp: null };
    return true;
  }

  // What the server stores; a changed decision gets a new request id, a repeated one keeps its own.
  request(decision, note, activeSeconds) {
    const body = {
      case_id: this.record.case_id,
      draft_id: this.record.draft_id,
      seen_review_id: this.seenReviewId,
      base_review_id: this.record.again?.review_id ?? null,
      decision,
      answers: this.changed,
      confirmed: [...this.confirmed],
      note,
    };
    const key = JSON.stringify(body);
    if (!this.requests.has(key)) this.requests.set(key, crypto.randomUUID());
    return { ...body, request_id: this.requests.get(key), active_s: Math.min(activeSeconds, 86400) };
  }
}
