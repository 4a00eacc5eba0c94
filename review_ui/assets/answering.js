// What a person has answered so far: chosen, typed, confirmed, and every step of it to go back. No DOM in here.

import { Steps } from "./steps.js";
import { parseEf, parseRvsp } from "./values.js";
import { wholeAnswers } from "./words.js";

const MOST_KEPT_STEPS = 40;
const NUMBERS = ["ef", "rvsp"];

export class Answering {
  constructor(answers, settings) {
    this.settings = settings;
    this.answers = wholeAnswers(answers);
    this.changed = {};
    this.confirmed = new Set();
    this.reason = null; // why the draft was wrong, where the person says so
    this.note = ""; // begun for a flag
    this.typed = { ef: null, rvsp: null }; // {text, problem} while a number is being typed or cannot be stored
    this.steps = new Steps();
  }

  isChanged() {
    return Object.keys(this.changed).length > 0;
  }

  choose(field, value) {
    this.steps.remember(this.state());
    if (field === "ef") {
      this.answers.ef = wholeAnswers({ ef: { state: value } }).ef;
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
    if (field === "rwma_walls") this.toggleWall(value);
    else if (rwma !== "present") this.setWalls(null);
    else if (was !== "present") this.setWalls([]); // those of the draft went with its answer
    this.answers.rwma = rwma;
    this.answers.rwma_severity = severity;
    this.changed.rwma = rwma;
    if (rwma === "present") this.changed.rwma_severity = severity;
    else delete this.changed.rwma_severity;
  }

  toggleWall(wall) {
    const walls = this.answers.rwma_walls;
    this.setWalls(walls.includes(wall) ? walls.filter((one) => one !== wall) : [...walls, wall]);
  }

  // In the order of the vocabulary; null where there is nothing to name.
  setWalls(walls) {
    this.answers.rwma_walls = Object.keys(this.settings.words.rwma_walls).filter((wall) => walls?.includes(wall));
    if (walls) this.changed.rwma_walls = this.answers.rwma_walls;
    else delete this.changed.rwma_walls;
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
    this.steps.remember(this.state());
    const value = this.preview(name);
    if (name === "ef") this.answers.ef = { state: "stated", ...value };
    else this.answers.rvsp_mmhg = value;
    this.changed[name] = { text: typed.text };
    this.typed[name] = null;
    return true;
  }

  dropTyping(name) {
    this.typed[name] = null;
  }

  problemIn(field) {
    if (field === "ef") return this.typed.ef?.problem ?? "";
    return field === "pah" ? this.typed.rvsp?.problem ?? "" : "";
  }

  confirm(field) {
    this.steps.remember(this.state());
    this.confirmed.add(field);
  }

  giveReason(reason) {
    this.steps.remember(this.state());
    this.reason = this.reason === reason ? null : reason;
  }

  // Several answers in the server's shape as one step: what a second look at a place of the page gave.
  take(answers) {
    const depth = this.steps.past.length;
    const before = this.state();
    for (const name of NUMBERS.filter((one) => typeof answers[one]?.text === "string")) {
      this.type(name, answers[name].text);
      this.commit(name);
    }
    if (answers.ef?.state) this.choose("ef", answers.ef.state);
    for (const name of ["rwma", "rwma_severity", "pah"]) if (answers[name]) this.choose(name, answers[name]);
    this.steps.past.length = depth;
    this.steps.remember(before);
  }

  // ---- undo and redo; each says what it went from and to, or null

  state() {
    const { answers, changed, reason } = this;
    return structuredClone({ answers, changed, reason, confirmed: [...this.confirmed] });
  }

  become(state) {
    const { answers, changed, reason, confirmed } = structuredClone(state);
    Object.assign(this, { answers, changed, reason: reason ?? null, confirmed: new Set(confirmed) });
    this.typed = { ef: null, rvsp: null };
  }

  undo() {
    return this.stepTo(this.steps.back(this.state()));
  }

  redo() {
    return this.stepTo(this.steps.forth(this.state()));
  }

  stepTo(state) {
    if (!state) return null;
    const before = this.state();
    this.become(state);
    return { before, after: state };
  }

  // A number begun and not finished goes first of all.
  undoTyping() {
    const isTyping = NUMBERS.some((name) => this.typed[name]);
    this.typed = { ef: null, rvsp: null };
    return isTyping;
  }

  // ---- kept on the server until it is stored, so that a reload finds it again

  isTouched() {
    return this.isChanged() || this.confirmed.size > 0 || NUMBERS.some((name) => this.typed[name]?.text)
      || this.steps.future.length > 0 || this.note.trim() !== "";
  }

  work() {
    const typed = Object.fromEntries(NUMBERS.map((name) => [name, this.typed[name]?.text ?? null]));
    const [past, future] = [this.steps.past, this.steps.future].map((steps) => steps.slice(-MOST_KEPT_STEPS));
    return { ...this.state(), typed, past, future, note: this.note };
  }

  restore(work) {
    const isState = (one) => one && typeof one.answers === "object" && typeof one.changed === "object"
      && Array.isArray(one.confirmed);
    if (!isState(work)) return false;
    this.become({ ...work, answers: wholeAnswers(work.answers) });
    this.steps = new Steps((work.past ?? []).filter(isState), (work.future ?? []).filter(isState));
    for (const name of NUMBERS) if (typeof work.typed?.[name] === "string") this.type(name, work.typed[name]);
    if (typeof work.note === "string") this.note = work.note;
    return true;
  }
}
