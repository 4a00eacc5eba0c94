// Which key means what. Keys act on the focused field; a key only one field knows goes to that field.

import { FIELDS } from "./model.js";
import { STARTS_EF } from "./values.js";

const PLAIN = {
  Enter: ["enter"], Tab: ["tab"], Backspace: ["back"], Escape: ["escape"],
  ArrowUp: ["step", -1], ArrowDown: ["step", 1], k: ["step", -1], j: ["step", 1],
  PageUp: ["movePage", -1], PageDown: ["movePage", 1], "[": ["turn", -1], "]": ["turn", 1],
  "+": ["zoom", 1], "=": ["zoom", 1], "-": ["zoom", -1], z: ["fit"], t: ["quarter"],
  f: ["flag"], s: ["skip"], r: ["typeRvsp"], l: ["walls"], b: ["box"], "?": ["help"], h: ["codebook"], o: ["others"],
  q: ["reading", 0], w: ["reading", 1], e: ["reading", 2],
  a: ["choose", "rwma", "absent"], g: ["choose", "rwma_severity", "not_stated"], c: ["typeEf", "~"],
};
const GRADES = ["none", "mild", "moderate", "severe"];
// Signs that a Mac types with Option, where the browser tells of Alt alone.
const OPTION_SIGNS = /^[[\]~<>?+=-]$/;
const MAY_REPEAT = new Set(["step", "move", "movePage", "zoom"]);

// An accent that waits for the next key: on a German keyboard ^ and ´, on an international one also ~. It types nothing
// by itself, and the browser does not tell which it is.
export const isDead = (event) => event.key === "Dead";

// A key that goes to a program which puts letters together (an input method); what it types is not told.
export const isUntold = (event) => event.key === "Process" || event.key === "Unidentified";

// What the key types; on a keyboard of another script the Latin letter or digit at its place. One key of such a
// keyboard may type several letters.
export function latinKey(event) {
  if (isDead(event)) return event.shiftKey || hasThirdLevel(event) ? event.key : digitAt(event) || event.key;
  if (event.key <= "\u024f" && !isUntold(event)) return event.key;
  const place = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code);
  if (!place) return event.key;
  return event.shiftKey ? place[1] : place[1].toLowerCase();
}

// The digit that stands at a key's place in the row above the letters, whatever it types; else nothing.
export const digitAt = (event) => /^Digit([0-9])$/.exec(event.code)?.[1] ?? "";

// Whether the row above the letters types its digits with Shift (French, Czech, ...); null where a key does not tell.
export function needsShiftForDigits(event) {
  if (!digitAt(event) || event.key.length !== 1 || event.key > "\u024f" || hasThirdLevel(event)) return null;
  return /[0-9]/.test(event.key) === event.shiftKey;
}

// AltGr types a sign, and is no Ctrl or Alt, whatever the system makes of it.
const hasThirdLevel = (event) => Boolean(event.getModifierState?.("AltGraph"));

// -> [command, ...arguments] or null
export function commandFor(event, focus, takesReason = false) {
  const typed = latinKey(event);
  const key = typed.length === 1 ? typed.toLowerCase() : typed;
  const isOption = event.altKey && !event.ctrlKey && !event.metaKey && (OPTION_SIGNS.test(event.key) || isDead(event));
  const isTyped = hasThirdLevel(event) || isOption;
  let command = null;
  if (!isTyped && (event.ctrlKey || event.metaKey)) {
    command = event.altKey ? null : withControl(key, event.shiftKey);
  } else if (isTyped || !event.altKey) {
    command = reasonOf(event, takesReason) ?? onField(key, focus) ?? shifted(event, key) ?? PLAIN[key] ?? null;
  }
  if (command && event.repeat && !MAY_REPEAT.has(command[0])) return ["ignore"];
  return command;
}

function withControl(key, isShifted) {
  if (key === "y" && !isShifted) return ["redo"];
  return key === "z" ? [isShifted ? "redo" : "undo"] : null;
}

// A key of the row above the letters, by its place, when it types no digit: with Shift on most keyboards, without it
// where digits need Shift. There some of these keys zoom (- of a French one), unless a reason is asked for.
function reasonOf(event, takesReason) {
  const digit = digitAt(event);
  if (!/[1-8]/.test(digit) || hasThirdLevel(event) || STARTS_EF.test(event.key)) return null;
  const isPlain = !event.shiftKey && (event.key > "\u024f" || isUntold(event) || (event.key in PLAIN && !takesReason));
  return isPlain ? null : ["reason", Number(digit)];
}

function onField(key, focus) {
  if (focus === "ef" && STARTS_EF.test(key)) return ["typeEf", key];
  // What the accent becomes is typed into the field: a ~ on many keyboards.
  if (focus === "ef" && key === "Dead") return ["typeEf", ""];
  if ((key === "n" || key === "u") && FIELDS.includes(focus)) {
    return ["choose", focus, key === "n" ? "not_stated" : "unreadable"];
  }
  if (key === "p" || (key === "g" && focus === "pah")) {
    return focus === "pah" ? ["choose", "pah", "present_unspecified"] : ["choose", "rwma", "present"];
  }
  if (!/^[0-3]$/.test(key)) return null;
  if (focus === "pah") return ["choose", "pah", GRADES[Number(key)]];
  if (focus !== "rwma") return null;
  return key === "0" ? ["choose", "rwma", "absent"] : ["choose", "rwma_severity", GRADES[Number(key)]];
}

function shifted(event, key) {
  if (!event.shiftKey) return null;
  return {
    ArrowUp: ["move", 0, -1], ArrowDown: ["move", 0, 1], ArrowLeft: ["move", -1, 0], ArrowRight: ["move", 1, 0],
    Tab: ["tab", -1],
  }[key] ?? null;
}
