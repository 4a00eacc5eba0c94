// Undo and redo within one record, without limit. No DOM in here.

import { answerWords } from "./words.js";

export class Steps {
  constructor(past = [], future = []) {
    this.past = past;
    this.future = future;
  }

  // Keep how it was before a change; what was undone before it is gone.
  remember(state) {
    this.past.push(state);
    this.future = [];
  }

  back(now) {
    if (!this.past.length) return null;
    this.future.push(now);
    return this.past.pop();
  }

  forth(now) {
    if (!this.future.length) return null;
    this.past.push(now);
    return this.future.pop();
  }
}

// What is different between two states, in words: the first field that is, as it stands now.
export function describeStep(before, after, settings) {
  const { text, titles, words } = settings;
  for (const field of ["ef", "rwma", "pah"]) {
    const was = answerWords(field, before.answers, settings);
    const is = answerWords(field, after.answers, settings);
    if (was !== is) return `${titles[field]}: ${is || text.no_answer_yet}`;
  }
  if (before.reason !== after.reason) return after.reason ? words.reason[after.reason] : text.no_reason;
  for (const field of ["ef", "rwma", "pah"]) {
    const is = after.confirmed.includes(field);
    if (before.confirmed.includes(field) !== is) return `${titles[field]}: ${is ? text.confirmed : text.not_confirmed}`;
  }
  return text.no_difference;
}
