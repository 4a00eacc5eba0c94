// Moments as this browser's clock has them. The server writes each one in UTC and says so; where no script runs it
// stays like that. What comes into the page later is looked at, too.

import { inThisZone } from "./zone.js";

function show(root) {
  for (const time of root.querySelectorAll("time[data-form]")) {
    const said = inThisZone(time.dateTime, time.dataset.form);
    if (time.textContent === said) continue;
    time.title = time.dateTime.replace("T", " ").replace("Z", " UTC"); // for who compares it with an export
    time.textContent = said;
  }
}

for (const field of document.querySelectorAll("input[data-zone]")) {
  field.value = new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
show(document);
new MutationObserver((changes) => changes.some((one) => one.addedNodes.length) && show(document)).observe(
  document.body,
  { childList: true, subtree: true },
);
