"""Every sentence of the page where reports are read by machine."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Reading"
NOW: Final = "Now"
STARTING: Final = "Reading begins."
PREPARING: Final = "The reader is being made ready."
GOING_ON: Final = "{done:,} of {total:,} read."
GOING_ON_FAILED: Final = "{done:,} of {total:,} read, {failed:,} of them failed."
SECONDS_LEFT: Final = "About {number} seconds left."
MINUTES_LEFT: Final = "About {number} minutes left."
HOURS_LEFT: Final = "About {number} hours left."
PROGRESS: Final = "Reports read"
OUTLIVES: Final = "Reading goes on when this page or EchoDesk is closed. Stopping loses nothing."
STOP: Final = "Stop"
ELSEWHERE: Final = "It runs on {host} and is stopped there."
IDLE: Final = "Nothing is being read."
NO_REPORTS: Final = "There are no reports yet."
TO_ADDING: Final = "Add reports"
WAITING_NONE: Final = "No report waits to be read."
WAITING_ONE: Final = "1 report waits to be read."
WAITING_MANY: Final = "{number:,} reports wait to be read."
START: Final = "Start reading"
HOW_IT_READS: Final = (
    "The reports are read with Tesseract and EchoDesk's rules, and looked over by a second reader. Other "
    "readers are started with the command: echodesk extract --reader NAME"
)
NO_READING: Final = "Reading is started with the command: echodesk extract"
LAST_FINISHED: Final = "The last reading ended ({when}): {done:,} read, {failed:,} failed, in {took}."
LAST_STOPPED: Final = "The last reading was stopped ({when}) after {done}. Start it and it goes on."
LAST_BROKEN: Final = "The last reading ended without a word ({when}) after {done}. Start it and it goes on."
LAST_FAILED: Final = "The last reading ended ({when}): {reason}"
NOT_STARTED: Final = "Reading could not be started (exit code {code}). To see why: echodesk extract"
NO_ROOM: Final = (
    "Reading could not be started: the disk of EchoDesk is full. Make room there, then start it again."
)
STATE: Final = "Reports by reader"
STATE_HEADINGS: Final = ("Reader", "Drafts", "Waiting", "Being read", "Read", "Failed")
NOTHING_YET: Final = "No report has been read yet."
WAITING: Final = "What waits"
WAITING_LIST: Final = "The first {shown:,} of {total:,}:"
FAILED: Final = "What failed"
FAILED_HEADINGS: Final = ("Record", "Reader", "Tries", "Why")
FAILED_SHOWN: Final = "The first {shown:,} of {total:,}."
RETRY: Final = "Try these again"
TO_THE_DESK: Final = "Go to the desk"
RECORD: Final = "Record {number}"
REPORT: Final = "report"
