// The one line under a field: why it needs a person, or what stands beside the answer. Always words, never markup.

import { answerWords } from "./words.js";
import { fill } from "./values.js";

const KEYS = "QWE"; // of the readings an adjudicator chooses from

export function keyCap(label) {
  const cap = document.createElement("kbd");
  cap.textContent = label;
  return cap;
}

// Write a field's line. `cards` knows the settings, what is asked for, and what a click on a reading does.
export function writeLine(line, model, field, cards) {
  const problem = shownProblem(model, field);
  const parts = problem ? [problem] : partsOf(model, field, cards);
  line.replaceChildren(...parts);
  line.title = parts.map((part) => part.textContent ?? part).join(" ");
  line.classList.toggle("problem", Boolean(problem) || model.practice?.field === field);
  line.classList.toggle("readings", parts.some((part) => part.localName === "button"));
}

function partsOf(model, field, cards) {
  const { settings } = cards;
  const { text } = settings;
  const view = model.views[field];
  if (model.practice?.field === field && !model.isEdited(field)) return [model.practice.sentence];
  if (cards.showsOthers) return [othersLine(view, settings)];
  if (model.readings.length) return readingParts(model, field, cards);
  if (model.isDrafted) return [draftedLine(model, field, settings)];
  if (model.isHidden) return [model.isAnswered(field) ? "" : hiddenLine(model, field, text)];
  const asked = model.mustEnter(field) ? text.hidden_line : field === "ef" ? text.keep_hint : text.keep_or_choose;
  const hint = model.needsAnswer(field) ? asked : "";
  const sentences = model.isEdited(field) ? [] : view.consistency;
  const reason = sentences.reduce((left, sentence) => left.replace(sentence, "").trim(), view.reason);
  const why = reason || (sentences.length ? "" : view.detail);
  const rest = (model.mustEnter(field) ? [hint, why] : [why, hint]).filter(Boolean).join(" "); // the line may be cut
  return [...sentences.map(consistencyChip), rest];
}

// Why no draft is there is said once, where a person looks first.
function hiddenLine(model, field, text) {
  return model.purpose === "first" && field === "ef" ? text.hidden_first : text.hidden_line;
}

function othersLine(view, { text }) {
  const others = view.others.map(({ reader, value }) => fill(text.other_reader, { reader, value }));
  return others.length ? others.join(" · ") : text.no_other_reader;
}

function draftedLine(model, field, { text }) {
  const draft = model.record.drafted[field] || text.nothing_drafted;
  return fill(model.differs(field) ? text.drafted_differs : text.drafted_same, { draft });
}

function readingParts(model, field, cards) {
  const { settings } = cards;
  const { text } = settings;
  const words = model.readings.map((reading) => answerWords(field, reading, settings) || text.no_answer_yet);
  if (model.readingsAgree(field)) {
    const sentence = model.record.said_by_one.includes(field) ? text.said_by_one : text.both_readings;
    return [fill(sentence, { answer: [...new Set(words)].join(text.or) })];
  }
  return words.slice(0, KEYS.length).map((answer, number) => {
    const isAnswered = answer !== text.no_answer_yet;
    const chip = document.createElement(isAnswered ? "button" : "span");
    if (isAnswered) chip.type = "button";
    chip.className = "chip reading";
    chip.tabIndex = -1;
    const said = document.createElement("span");
    said.textContent = fill(text.reading, { number: number + 1, answer });
    chip.append(...(isAnswered ? [keyCap(KEYS[number])] : []), said);
    chip.title = chip.textContent;
    chip.addEventListener("mousedown", (event) => event.preventDefault());
    chip.addEventListener("click", () => cards.onReading(field, number));
    return chip;
  });
}

function consistencyChip(sentence) {
  const chip = document.createElement("span");
  chip.className = "consistency";
  chip.textContent = sentence;
  return chip;
}

function shownProblem(model, field) {
  const typed = field === "ef" ? model.typed.ef : field === "pah" ? model.typed.rvsp : null;
  return typed?.shown ? typed.problem : "";
}
