"""Every sentence in front of the desk: signing in and out, and what must be in place before it opens to
others.
"""

from __future__ import annotations

from typing import Final

# Plain pages in front of the desk.
PAGE_SIGN_IN_TITLE: Final = "Please open your link"
PAGE_SIGN_IN: Final = (
    "This desk opens with a one-time link. It was written in the terminal window where EchoDesk was started."
)
PAGE_LINK_USED_TITLE: Final = "This link was already used"
PAGE_LINK_USED: Final = (
    "Each link opens the desk once. If the desk is still open in another tab, please go on there."
)
PAGE_NEW_LINK: Final = (
    "For a new link, go to the terminal window where EchoDesk runs, press Ctrl and C to stop it, and start "
    "it again with the same command. Nothing that was stored is lost."
)
PAGE_NEW_LINK_WRITTEN: Final = (
    "A new link has just been written in the terminal window where EchoDesk runs. Please open that one."
)
PAGE_OPENING: Final = "Opening the desk."
PAGE_OPEN: Final = "Open the desk"
PAGE_REFUSED_TITLE: Final = "Not part of the desk"
PAGE_REFUSED: Final = (
    "There is no page at this address, or it is not one that a browser may ask for. Perhaps it was mistyped."
)
PAGE_TO_DESK: Final = "Go to the desk"

# Signing in with a name and a password, where the desk is open to other computers; signing out everywhere.
ENTRY_TITLE: Final = "Sign in"
ENTRY_NAME: Final = "Name"
ENTRY_WORD: Final = "Password"
ENTRY_GO: Final = "Sign in"
ENTRY_HELP: Final = "A name and a first password come from whoever runs EchoDesk here."
SIGN_IN_WRONG: Final = "That name and that password do not go together. Please try again."
SIGN_IN_WAIT: Final = "There were several tries in a row. The next one is possible in {wait}."
SECOND: Final = "a second"
SECONDS: Final = "{number} seconds"
ROOT_UNUSABLE: Final = "the desk cannot be served below this path"
ROOT_HINT: Final = "Give it as /echodesk: a slash, then letters, digits, - or _, and no slash at the end"
MINUTES: Final = "{number} minutes"
PAGE_SIGN_OUT_TITLE: Final = "Sign out"
PAGE_SIGN_OUT: Final = "You are signed in as {name}. What you decided is stored."
PAGE_SIGN_OUT_GO: Final = "Sign out"
PAGE_SIGN_OUT_BACK: Final = "Back"
PAGE_SIGNED_OUT_TITLE: Final = "You are signed out"
PAGE_SIGNED_OUT: Final = "Everything you decided is stored."
PAGE_NOT_ALLOWED_TITLE: Final = "Not part of your role"
PAGE_NOT_ALLOWED: Final = "Whoever runs EchoDesk here can change what your role includes."
PAGE_FULL_TITLE: Final = "There is no room"
PAGE_FULL: Final = (
    "The disk of EchoDesk is full, so nothing was stored. Whoever looks after it makes room; then the same "
    "can be done again."
)
PAGE_BUSY_TITLE: Final = "One moment"
PAGE_BUSY: Final = "The database is busy. Please try again in a few seconds."
PAGE_NOT_POSSIBLE_TITLE: Final = "That was not possible"
PAGE_SHOWN_NOT: Final = "This address cannot be shown. {reason}"
PAGE_STORED_NOT: Final = "That was not stored: {reason}"
PAGE_BACK: Final = "Back"

# What must be in place before the desk opens to other computers; told by the command.
TLS_MISSING: Final = "the desk on {host} needs either TLS or a proxy in front that does it"
TLS_HALF: Final = "a certificate and its key go together"
TLS_HINT: Final = (
    "use --tls-cert FILE and --tls-key FILE, or --trusted-proxy ADDRESS; for this computer alone leave "
    "them out"
)
TLS_UNREADABLE: Final = "the certificate and its key cannot be used"
TLS_UNREADABLE_HINT: Final = (
    "both are PEM files, readable by this user, that belong together; the key has no passphrase"
)
PROXY_NOT_AN_ADDRESS: Final = "--trusted-proxy is not an IP address"
PROXY_HINT: Final = "name the one address the proxy connects from, such as 10.0.0.5"
NAME_MISSING: Final = "the desk does not know what browsers call it"
NAME_HINT: Final = "use --public-name NAME, as it stands in the browser's address"
SETTING_MISSING: Final = "the desk opens to other computers only with a secret"
SETTING_SHORT: Final = "the secret is shorter than {length} characters"
SETTING_COPIED: Final = "the secret looks like one from a guide"
SETTING_HINT: Final = "set ECHODESK_SECRET to the output of: openssl rand -hex 32"
NOBODY_TO_SIGN_IN: Final = "nobody could sign in: no person who may come in has a password"
NOBODY_HINT: Final = "add somebody first: echodesk users add NAME --role lead"
PERSON_DISABLED: Final = "{name!r} may not come in"
PERSON_DISABLED_HINT: Final = "let them in again: echodesk users enable NAME"
HOST_UNUSABLE: Final = "{host!r} is not an address of this computer"
HOST_UNUSABLE_HINT: Final = "leave --host out for this computer alone"

# Refusals of the command.
PORT_TAKEN: Final = "no free port between {first} and {last}"
PORT_TAKEN_HINT: Final = "close the other program, or choose another port with --port"
