// Numbers as a person types them, for the preview while typing. The server decides (review_ui/desk/answers.py);
// a browser test holds the two together.

const GAP = "[ \\t\\u00a0]*";
const NUMBER = `([0-9]{1,3}(?:[.,][0-9]{1,2})?)${GAP}%?`;
const TYPED = new RegExp(`^${GAP}(>=|<=|[<>~=≥≤≈\u02dc\u223c])?${GAP}${NUMBER}${GAP}(?:(?:-|–|—|to)${GAP}${NUMBER})?${GAP}$`);
// The naughts of the digits of other scripts, each followed by its 1 to 9; the same list as in answers.py.
const NAUGHTS = [..."\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\uff10"];
const NINES = NAUGHTS.map((zero) => String.fromCharCode(zero.charCodeAt(0) + 9));
const OTHER_DIGIT = new RegExp(`[${NAUGHTS.map((zero, place) => `${zero}-${NINES[place]}`).join("")}]`, "g");
const plainDigit = (digit) => String(digit.charCodeAt(0) - NAUGHTS.filter((zero) => zero <= digit).at(-1).charCodeAt(0));
export const plainDigits = (typed) => typed.replace(OTHER_DIGIT, plainDigit).replaceAll("\u066b", ".");
const bare = (typed) => typed.replace(/^[ \t\u00a0]+|[ \t\u00a0]+$/g, "");
const OPERATORS = { "=": "=", ">": ">", ">=": ">", "≥": ">", "<": "<", "<=": "<", "≤": "<", "~": "~", "≈": "~" };
// What some keyboards make of a waiting ~.
OPERATORS["\u02dc"] = OPERATORS["\u223c"] = "~";
const LONGEST = 40;

// Which characters may stand in a typed number at all.
export const NUMBER_KEYS = /^[0-9<>~=≥≤≈\u02dc\u223c%.,\-–to ]$/;
export const STARTS_EF = /^[0-9<>~]$/;

export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

export function numberWords(value) {
  return String(Math.round(value * 100) / 100);
}

function parseNumber(typed) {
  const match = typed.length <= LONGEST ? TYPED.exec(plainDigits(typed)) : null;
  if (!match) return null;
  const [, sign, first, second] = match;
  const operator = OPERATORS[sign ?? "="];
  const low = Number(first.replace(",", "."));
  if (second === undefined) return { percent: low, low: null, high: null, operator };
  const high = Number(second.replace(",", "."));
  return { percent: (low + high) / 2, low, high, operator };
}

// -> {value} or {problem: a sentence}
export function parseEf(typed, { text, limits }) {
  const number = parseNumber(typed);
  if (!number) return { problem: text.ef_not_a_number };
  const isRange = number.low !== null;
  if (isRange && (number.operator === ">" || number.operator === "<")) return { problem: text.ef_range_with_sign };
  if (isRange && number.low > number.high) return { problem: text.ef_order };
  const largest = isRange ? number.high : number.percent;
  if (largest > 0 && largest < 1) {
    const percent = numberWords(Math.round(number.percent * 1000) / 10);
    return { problem: fill(text.ef_as_fraction, { percent, typed: bare(typed) }) };
  }
  const [low, high] = limits.ef;
  if (number.percent < low || number.percent > high || largest > 100) {
    return { problem: fill(text.ef_out_of_range, { low, high, typed: bare(typed) }) };
  }
  return { value: number };
}

export function parseRvsp(typed, { text, limits }) {
  if (!bare(typed)) return { value: null };
  const number = parseNumber(typed);
  if (!number || number.operator !== "=") return { problem: text.rvsp_not_a_number };
  if (number.low !== null && number.low > number.high) return { problem: text.ef_order };
  const [low, high] = limits.rvsp;
  if (number.percent < low || number.percent > high) {
    return { problem: fill(text.rvsp_out_of_range, { low, high, typed: bare(typed) }) };
  }
  return { value: number.percent };
}

// The big number and the quiet words beside it.
export function describeEf(ef, { text, words }) {
  if (ef.state !== "stated") return { big: words.ef[ef.state] ?? "", small: "", isNumber: false };
  const sign = ef.operator && ef.operator !== "=" ? `${ef.operator} ` : "";
  const isRange = ef.low !== null && ef.low < ef.high;
  const range = !isRange ? "" : fill(text.from_range, { low: numberWords(ef.low), high: numberWords(ef.high) });
  return { big: sign + numberWords(ef.percent), small: `${text.percent}  ${range}`.trim(), isNumber: true };
}
