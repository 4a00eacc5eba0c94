// One record on screen: what was drafted or read, what still needs an answer, what is sent. No DOM in here.

import { Answering } from "./answering.js";
import { asChanges, wholeAnswers } from "./words.js";

export const FIELDS = ["ef", "rwma", "pah"];
const ANSWERED_BY = { ef: ["ef"], rwma: ["rwma", "rwma_severity", "rwma_walls"], pah: ["pah", "rvsp"] };
const COLUMNS = { ef: ["ef"], rwma: ["rwma", "rwma_severity", "rwma_walls"], pah: ["pah", "rvsp_mmhg"] };
const DETAILS = ["rwma_walls"]; // readings that differ in them alone say the same
const NOTHING = wholeAnswers({});

export class Model extends Answering {
  constructor(record, settings) {
    super(record.answers, settings);
    this.record = record;
    this.views = Object.fromEntries(record.fields.map((field) => [field.name, field]));
    this.purpose = record.purpose;
    this.seenReviewId = record.seen_review_id;
    this.conflict = false; // decided by someone else meanwhile, shown to the person
    this.taken = false; // held by someone else now
    this.practice = null; // {field, sentence} after a practice record
    this.requests = new Map(); // the same decision sent twice carries the same id
    this.isDrafted = Boolean(record.drafted); // a draft that was hidden stands beside what was entered
    this.isHidden = Boolean(record.is_hidden) && !this.isDrafted;
    this.readings = record.readings.map(wholeAnswers);
    this.unread = {}; // what the machine said of fields that it could not read: nobody is shown it as an answer
    for (const field of FIELDS.filter((name) => this.mustEnter(name))) {
      if (this.views[field].must_enter) this.unread[field] = this.said(field);
      this.empty(field);
    }
    if (record.work && record.work.screen === record.screen) this.restore(record.work);
    this.focus = this.firstToLookAt();
  }

  firstToLookAt() {
    return this.firstNeeding() ?? FIELDS.find((name) => this.differs(name))
      ?? FIELDS.find((name) => this.views[name].light !== "green") ?? "ef";
  }

  // ---- readings of other people, for an adjudicator

  // The server says which ones differ by more than may be.
  readingsAgree(field) {
    return this.readings.length > 0 && !this.views[field].needs_answer;
  }

  // A record that was flagged or sent back is asked about also where nothing differs.
  readingsSayTheSame(field) {
    const said = this.readings.map((reading) => JSON.stringify(COLUMNS[field].filter((name) => !DETAILS.includes(name)).map((name) => reading[name])));
    return new Set(said).size === 1;
  }

  said(field) {
    return JSON.stringify(COLUMNS[field].filter((name) => !DETAILS.includes(name)).map((name) => this.answers[name]));
  }

  // Whichever reading is right, it is taken knowingly: a field they differ in starts without an answer.
  empty(field) {
    for (const name of COLUMNS[field]) this.answers[name] = structuredClone(NOTHING[name]);
  }

  takeReading(field, number) {
    const reading = this.readings[number];
    if (!reading || (field === "ef" ? reading.ef.state : reading[field]) === null) return false; // flagged, not answered
    this.steps.remember(this.state());
    this.put(field, reading);
    return true;
  }

  put(field, from) {
    for (const name of COLUMNS[field]) this.answers[name] = structuredClone(from[name]);
    for (const name of ANSWERED_BY[field]) {
      delete this.changed[name];
      if (name in this.typed) this.typed[name] = null;
    }
    Object.assign(this.changed, asChanges(field, this.answers));
  }

  // ---- a draft that was hidden

  differs(field) {
    return this.isDrafted && this.record.differs.includes(field);
  }

  // ---- what still needs an answer

  mustEnter(field) {
    if (this.isHidden || this.views[field].must_enter) return true;
    return this.readings.length > 0 && this.views[field].needs_answer;
  }

  isAnswered(field) {
    if (this.mustEnter(field)) return ANSWERED_BY[field][0] in this.changed;
    return this.confirmed.has(field) || ANSWERED_BY[field].some((name) => name in this.changed);
  }

  needsAnswer(field) {
    return (this.views[field].needs_answer || this.mustEnter(field)) && !this.isAnswered(field);
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

  // Whether this field was answered otherwise than it stood on screen.
  isEdited(field) {
    if (this.isHidden || this.readings.length) return false;
    if (field in this.unread) return this.isAnswered(field) && this.said(field) !== this.unread[field];
    return ANSWERED_BY[field].some((name) => name in this.changed);
  }

  // A reason says why a draft was wrong, so there must be a draft on screen and another answer.
  takesReason() {
    if (this.purpose !== "first" || this.isHidden) return false;
    return FIELDS.some((field) => (this.isDrafted ? this.differs(field) : this.isEdited(field)));
  }

  // ---- sending

  // Which record and which variant of it is meant.
  screen() {
    const { case_id, draft_id, screen } = this.record;
    return { case_id, draft_id, screen };
  }

  // What the server stores; a changed decision gets a new request id, a repeated one keeps its own.
  request(decision, note, activeSeconds) {
    const body = {
      ...this.screen(),
      seen_review_id: this.seenReviewId,
      base_review_id: this.record.again?.review_id ?? null,
      decision,
      answers: this.changed,
      confirmed: [...this.confirmed],
      note,
    };
    if (decision === "store" && this.reason && this.takesReason()) body.reason = this.reason;
    return { ...body, request_id: this.idFor(body), active_s: Math.min(activeSeconds, 86400) };
  }

  // Everything entered on a hidden draft, to see the draft beside it.
  revealRequest() {
    const body = { ...this.screen(), answers: this.changed };
    return { ...body, request_id: this.idFor(body) };
  }

  idFor(body) {
    const key = JSON.stringify(body);
    if (!this.requests.has(key)) this.requests.set(key, crypto.randomUUID());
    return this.requests.get(key);
  }
}
