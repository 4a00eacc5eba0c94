// How long a person really worked on a record: the tab visible, and no pause longer than a minute counted.

const IDLE_MS = 60_000;
export const AWAY_MS = 600_000;

export class Activity {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.lastSeen = now();
    this.activeMs = 0;
    for (const event of ["keydown", "pointermove", "pointerdown", "wheel"]) {
      addEventListener(event, () => this.touch(), { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.touch();
      else this.lastSeen = this.now();
    });
  }

  touch() {
    const now = this.now();
    this.activeMs += Math.min(now - this.lastSeen, IDLE_MS);
    this.lastSeen = now;
  }

  restart() {
    this.lastSeen = this.now();
    this.activeMs = 0;
  }

  seconds() {
    this.touch();
    return Math.round(this.activeMs) / 1000;
  }

  // Whether the person did anything since this was asked last.
  wasActive() {
    const was = this.lastSeen > (this.askedAt ?? -1);
    this.askedAt = this.now();
    return was;
  }

  isAway() {
    return this.now() - this.lastSeen > AWAY_MS;
  }
}
