// The strip in the foot of the page: why a draft was wrong, why a record is skipped, or which walls. It takes the place of the
// line of keys, so nothing moves.

import { digitAt, isDead, latinKey, needsShiftForDigits } from "./keys.js";
import { keyCap } from "./lines.js";

const WALL_KEYS = "123456789abm"; // in the order of the vocabulary; the last ones by their first letter
const byId = (id) => document.getElementById(id);

export class Strips {
  constructor(settings, { onReason, onSkip, onWall }) {
    this.settings = settings;
    this.isSkipping = false;
    this.isNamingWalls = false;
    const { reason, skip } = settings.words;
    this.reasons = settings.reasons;
    this.skips = Object.keys(skip);
    this.fill("reasons", this.reasons, (number) => `⇧${number}`, reason, onReason);
    this.fill("skips", this.skips, String, skip, onSkip);
    this.addSkipWays(onSkip);
    this.walls = Object.keys(settings.words.rwma_walls);
    this.walls.forEach((wall, at) => byId("wall-keys").append(
      this.button(WALL_KEYS[at].toUpperCase(), settings.words.rwma_walls[wall], () => onWall(wall), wall)));
    byId("wall-keys").append(this.button("Enter", settings.text.walls_done, () => this.closeWalls(), ""));
  }

  fill(id, codes, keyOf, words, onPick) {
    codes.forEach((code, at) => byId(id).append(this.button(keyOf(at + 1), words[code], () => onPick(code), code)));
  }

  addSkipWays(onSkip) {
    const { text } = this.settings;
    byId("skips").append(this.button("Enter", text.skip_plain, () => onSkip(""), ""));
    byId("skips").append(this.button("Esc", text.cancel, () => this.closeSkip(), ""));
  }

  button(key, words, onClick, code) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1; // keys reach it; on a small screen it is touched
    button.dataset.code = code;
    button.append(keyCap(key), words);
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", onClick);
    return button;
  }

  // What stands on the keys of the reasons, as this keyboard has them: told by the digits as they are typed.
  learn(event) {
    const isWithout = needsShiftForDigits(event);
    if (isWithout === null) return;
    [...byId("reasons").children].forEach((button, at) => {
      button.firstElementChild.textContent = isWithout ? String(at + 1) : `⇧${at + 1}`;
    });
  }

  openSkip() {
    this.isSkipping = true;
    this.render(null);
  }

  closeSkip() {
    this.isSkipping = false;
    this.render(this.model);
  }

  openWalls() {
    this.isNamingWalls = true;
    this.render(null);
  }

  closeWalls() {
    if (!this.isNamingWalls) return;
    this.isNamingWalls = false;
    this.render(this.model);
  }

  // Which strip is there, and which reason is chosen.
  render(model) {
    if (model) this.model = model;
    const takesReason = !this.isSkipping && Boolean(this.model?.takesReason());
    byId("skip-strip").hidden = !this.isSkipping;
    const namesWalls = this.isNamingWalls && !this.isSkipping;
    byId("wall-strip").hidden = !namesWalls;
    byId("reason-strip").hidden = !takesReason || namesWalls;
    byId("foot-keys").hidden = this.isSkipping || takesReason || namesWalls;
    for (const button of byId("wall-keys").children) {
      if (button.dataset.code) {
        button.setAttribute("aria-pressed", String(Boolean(this.model?.answers.rwma_walls.includes(button.dataset.code))));
      }
    }
    for (const button of byId("reasons").children) {
      button.setAttribute("aria-pressed", String(button.dataset.code === this.model?.reason));
    }
  }

  // What a key means while walls are named: {wall}, {close: true}, or null.
  wallKey(event) {
    const key = latinKey(event).toLowerCase();
    if (["enter", "escape", "l"].includes(key)) return { close: true };
    const wall = this.walls[WALL_KEYS.indexOf(key)] ?? this.walls[WALL_KEYS.indexOf(digitAt(event) || "-")];
    return (key.length === 1 || isDead(event)) && wall ? { wall } : null;
  }

  // What a key means while a record is being skipped: {code}, {close: true}, or null.
  skipKey(event) {
    if (event.repeat) return null;
    if (event.key === "Enter") return { code: "" };
    const key = latinKey(event);
    if (key === "Escape" || key.toLowerCase() === "s") return { close: true };
    const code = this.skips[Number(key) - 1] ?? this.skips[Number(digitAt(event)) - 1]; // whatever is typed there
    return code === undefined ? null : { code };
  }
}
