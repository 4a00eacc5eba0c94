"""What people are told, in English."""

from __future__ import annotations

from typing import Final

NAME: Final = "English"
DIGITS: Final = "0123456789"
# Who has read all of this as a native speaker, and when; empty: nobody yet.
REVIEWED_BY: Final = ""

TEXTS: Final[dict[str, str]] = {
    "choose_language": "Choose a language.",
    "language_set": "From now on in English.",
    "yes": "Yes, I agree",
    "no": "No",
    "delete_yes": "Yes, delete",
    "delete_no": "No, keep",
    "consent": (
        "This service looks at a photo of a 12-lead ECG and gives a screening result. It is an aid: a "
        "clinician decides. Cover the patient's name before you take the photo. Photos are stored encrypted "
        "and deleted {hours} hours after the answer. Has the patient agreed?"
    ),
    "not_agreed": "Nothing is read and nothing is kept. To begin again, send START.",
    "send_photo": (
        "Now send a photo of the ECG: the whole page, flat, in good light, one ECG in one photo. Sent as a "
        "document it keeps more detail. You can send several. For help send HELP."
    ),
    "help": (
        "Send a photo of a 12-lead ECG and you get a screening result.\n"
        "START: begin again\n"
        "LANGUAGE: another language\n"
        "STOP: no more messages\n"
        "DELETE: delete my data\n"
        "In an emergency do not wait for an answer here: call a doctor or an ambulance."
    ),
    "received": "The photo has come. It is being read.",
    "already_read": "You have sent this photo before. It was not read again; this was the answer:",
    "too_many": "{count} photos are being read already. Wait for their answers, then send the next.",
    "not_a_photo": "This can't be read here. Send a photo of the ECG, or HELP.",
    "too_large": "The file is too large. Send one of at most {megabytes} MB.",
    "wrong_type": "This file is not a photo. Send a JPEG or PNG photo, or a PDF.",
    "photo_gone": "The photo could not be fetched. Send it again.",
    "delayed": "The reading takes longer than usual. The answer comes here when it is there.",
    "gave_up": "The photo could not be read this time. Send it again, or ask a doctor to read the ECG.",
    "stopped": "You get no more messages. To begin again, send START.",
    "is_stopped": "You have stopped this service. To begin again, send START.",
    "delete_sure": "Delete everything that is stored about you here: photos, answers, language and consent?",
    "deleted": "Everything is deleted. This is the last message.",
    "not_deleted": "Nothing was deleted.",
    "result_title": "ECG screening result",
    "result_number": "ECG screening result, photo {number}",
    "ef": "Pumping strength of the heart (EF): about {ef} % (between {low} and {high} % in 9 of 10 cases)",
    "rwma_present": "Wall motion problem: likely ({probability} %)",
    "rwma_possible": "Wall motion problem: possible, cannot be ruled out ({probability} %)",
    "rwma_absent": "Wall motion problem: unlikely ({probability} %)",
    "rwma_unsure": "Wall motion problem: cannot be said with confidence ({probability} %)",
    "referral_no_referral": (
        "Advice: no referral from this result. If there are complaints, see a doctor all the same."
    ),
    "referral_clinical_correlation": (
        "Advice: the result is not certain. A doctor should judge; do not rely on it alone."
    ),
    "referral_cardiologist": "Advice: refer to a cardiologist.",
    "referral_cardiologist_priority": "Advice: refer to a cardiologist soon, with priority.",
    "agreement": "Agreement of the models: {agreement} of 100. This is not accuracy.",
    "aid": "A screening aid: the clinician decides. Model {bundle}.",
    "retake_title": "This photo can't be read.",
    "retake_not_an_ecg": "No ECG was found in it. Photograph the ECG print-out from above.",
    "retake_too_small": "It is too small to be read. Go closer, or send the photo as a document.",
    "retake_blurred": "It is blurred. Hold the phone still, tap on the trace to focus, and take it again.",
    "retake_glare": "A light is reflected in it. Tilt the page or move from the lamp, and take it again.",
    "retake_cut_off": "A part of the ECG is missing. Show the whole page.",
    "retake_two_ecgs": "There is more than one ECG in it. Take one photo for each ECG.",
    "retake_upside_down": "The ECG is upside down. Turn the page and take it again.",
    "retake_on_its_side": "The ECG lies on its side. Turn the page and take it again.",
    "retake_mirrored": (
        "The ECG runs from right to left: the photo is mirrored, or upside down. Take it with the camera on "
        "the back of the phone, so that the print can be read."
    ),
    "retake_unreadable": "The file could not be opened. Take a new photo and send it.",
    "where_left_half": "Where: the left half.",
    "where_right_half": "Where: the right half.",
    "where_top_half": "Where: the upper half.",
    "where_bottom_half": "Where: the lower half.",
    "where_middle": "Where: the middle.",
    "where_rows_missing": "Where: rows of the trace are missing.",
    "pages": (
        "The file has {pages} pages or pictures. Only the first was looked at: send the others one by one."
    ),
    "page_title": "ECG screening",
    "page_photo": "Take or choose a photo",
    "page_camera": "Take a photo",
    "page_choose": "Choose a photo or a PDF",
    "page_send": "Send",
    "page_earlier": "Earlier",
    "page_waiting": "This page looks for the answer by itself.",
    "page_expired": "This link can't be used any more. Ask for a new one.",
    "page_busy": "Too much at once. Wait a minute and try again.",
    "page_example": "Try an invented ECG:",
    "heat_title": "Where the models see signs of a wall motion problem",
    "heat_link": "Where the models see signs of a wall motion problem, for a day: {link}",
    "heat_show": "Show the photo",
    "invented": "A model made of invented data: it means nothing for a patient.",
    "outside": (
        "The EF lies outside its own interval: the models are seldom right where they say this. "
        "The interval holds, not the number."
    ),
    "overridden_no_evaluation": "This model was put into use although nobody has evaluated it.",
    "overridden_worse_than_median": (
        "This model was put into use although its EF is further off than the same number for everybody."
    ),
    "overridden_ef_not_taught": "This model was put into use although it was not taught the EF.",
    "overridden_rwma_not_taught": "This model was put into use although it was not taught wall motion.",
    "overridden_other": "This model was put into use although its evaluation found a fault: {verdicts}.",
}

# What a person may type, in small letters.
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "yes": ("yes", "y", "i agree", "agree", "ok", "yes i agree", "yes delete"),
    "no": ("no", "n", "no keep"),
    "help": ("help", "?", "info"),
    "stop": ("stop", "unsubscribe", "end", "quit"),
    "start": ("start", "begin", "hi", "hello"),
    "delete": ("delete", "delete my data", "delete data", "erase my data"),
    "language": ("language", "change language"),
    "name": ("english", "1"),
}
