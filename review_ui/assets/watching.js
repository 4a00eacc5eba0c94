// A page where something goes on looks again by itself. Where nobody answers it stays as it was and says so, instead
// of giving way to the browser's own error page.

const PATIENCE_MS = 10000;
const silent = document.getElementById("silent");
const main = () => document.querySelector("main");
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// The page as it is now; null where nobody answers.
async function fetched() {
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) return new DOMParser().parseFromString(await response.text(), "text/html"); // our own page
    if (response.status < 500) location.reload(); // signed out, or not for this person any more: the page says it
  } catch {
    // nobody is there
  }
  return null;
}

// What comes now may need a script that is not here yet.
function needsMore(page) {
  const here = new Set([...document.scripts].map((script) => script.getAttribute("src")));
  return [...page.scripts].some((script) => !here.has(script.getAttribute("src")));
}

// What was focused stays so, where it is still there.
function show(next) {
  const words = main().contains(document.activeElement) ? document.activeElement.textContent : "";
  if (next.isEqualNode(main())) return;
  main().replaceWith(next);
  if (words) [...next.querySelectorAll("a, button")].find((one) => one.textContent === words)?.focus();
}

for (let seconds = Number(silent.dataset.again); seconds; ) {
  await pause(seconds);
  const page = document.hidden ? null : await fetched();
  if (!document.hidden) silent.hidden = Boolean(page);
  if (page && needsMore(page)) location.reload();
  else if (page) {
    show(document.adoptNode(page.querySelector("main")));
    seconds = Number(page.getElementById("silent")?.dataset.again ?? 0);
  }
}
