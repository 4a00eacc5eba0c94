// A moment in words, as this browser's clock has it.

const pad = (number) => String(number).padStart(2, "0");
const dayOf = (at) => `${at.getDate()} ${at.toLocaleString("en-US", { month: "short" })} ${at.getFullYear()}`;
const clockOf = (at) => `${pad(at.getHours())}:${pad(at.getMinutes())}`;
const FORMS = {
  day: dayOf,
  moment: (at) => `${dayOf(at)} ${clockOf(at)}`,
  // The day only where it is another one.
  recent: (at) => (dayOf(at) === dayOf(new Date()) ? clockOf(at) : FORMS.moment(at)),
};

export function inThisZone(iso, form = "recent") {
  return FORMS[form](new Date(iso));
}
