// Answers in words, and an answer as it goes to the server. No DOM in here.

import { describeEf, numberWords } from "./values.js";

const NO_EF = { state: null, percent: null, low: null, high: null, operator: null };

// A record's answers with every part there; a hidden draft has none.
export function wholeAnswers(answers) {
  return {
    ef: { ...NO_EF, ...answers?.ef },
    rwma: answers?.rwma ?? null,
    rwma_severity: answers?.rwma_severity ?? null,
    rwma_walls: answers?.rwma_walls ?? [],
    pah: answers?.pah ?? null,
    rvsp_mmhg: answers?.rvsp_mmhg ?? null,
  };
}

// One card's answer as a person reads it; empty where there is none.
export function answerWords(field, answers, settings) {
  const { text, words } = settings;
  if (field === "ef") {
    const { big, small } = describeEf(answers.ef, settings);
    return `${big} ${small}`.replace(/ +/g, " ").trim();
  }
  if (field === "rwma") {
    const isGraded = answers.rwma === "present" && answers.rwma_severity && answers.rwma_severity !== "not_stated";
    const word = words.rwma[answers.rwma] ?? "";
    const graded = isGraded ? `${word}, ${words.rwma_severity[answers.rwma_severity]}` : word;
    return answers.rwma_walls.length ? `${graded}: ${wallWords(answers.rwma_walls, settings)}` : graded;
  }
  const pressure = answers.rvsp_mmhg === null ? "" : `${text.rvsp} ${numberWords(answers.rvsp_mmhg)} ${text.rvsp_unit}`;
  return [words.pah[answers.pah] ?? "", pressure].filter(Boolean).join(", ");
}

export const wallWords = (walls, { words }) => walls.map((wall) => words.rwma_walls[wall]).join(", ");

// A card's whole answer as the server takes it, whatever it builds on.
export function asChanges(field, answers) {
  if (field === "ef") return { ef: efChange(answers.ef) };
  if (field === "rwma") {
    return answers.rwma === "present"
      ? { rwma: "present", rwma_severity: answers.rwma_severity ?? "not_stated", rwma_walls: answers.rwma_walls }
      : { rwma: answers.rwma };
  }
  return { pah: answers.pah, rvsp: { text: answers.rvsp_mmhg === null ? "" : numberWords(answers.rvsp_mmhg) } };
}

function efChange(ef) {
  if (ef.state !== "stated") return { state: ef.state };
  const sign = ef.operator && ef.operator !== "=" ? ef.operator : "";
  const number = ef.low === null ? numberWords(ef.percent) : `${numberWords(ef.low)}-${numberWords(ef.high)}`;
  return { text: sign + number };
}
