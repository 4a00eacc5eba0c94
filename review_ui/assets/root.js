// Where the desk begins: below a path of a larger site, or at the root. Told by where this file itself came from.

const ROOT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

// An address of the desk, `/add`, as this browser reaches it.
export const at = (path) => (path.startsWith("/") ? ROOT + path : path);
