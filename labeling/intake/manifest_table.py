"""A CSV or XLSX file -> rows of text cells, told apart by content; and which of its columns means what."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError
from labeling.intake.excel_rows import excel_list

# A manifest of a million rows is some 100 MB; beyond this it is something else.
_MAX_BYTES = 300_000_000

# An XLSX file is a zip archive.
_WORKBOOK_START = b"PK\x03\x04"

_SEP_LINE: Final = re.compile(r'"?sep=[^"]"?', re.IGNORECASE)

Row = tuple[int, list[str]]


def read_rows(path: Path) -> list[Row]:
    """The rows that aren't blank, each with its 1-based number in the file. Raises `EchoDeskError`."""
    return read_list(path)[0]


def read_list(path: Path) -> tuple[list[Row], list[str]]:
    """The rows as `read_rows`, and what to know of the file as a whole, a sentence each.

    Raises:
        EchoDeskError: it is no table, too large, or can't be opened.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise EchoDeskError(f"the list {path} is too large", "Split it into several files.")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EchoDeskError(f"the list {path} can't be opened ({reason})", "Check its name.") from None
    notes: list[str] = []
    if data.startswith(_WORKBOOK_START):
        rows, notes = excel_list(path, data, _MAX_BYTES)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise EchoDeskError(
            f"the list {path} is an old or locked Excel file",
            "Save it as .xlsx without a password, or as CSV.",
        )
    elif data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<", b"%PDF")):
        raise EchoDeskError(
            f"the list {path} is a web page, an XML or a PDF file, whatever its ending says",
            "Open it in Excel and save it as .xlsx or CSV.",
        )
    else:
        rows = _csv_rows(path, data)
        notes = _guessed_letters(data, rows)
    return [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)], notes


def _guessed_letters(data: bytes, rows: Sequence[Row]) -> list[str]:
    """A note where a text file doesn't say how its letters are stored, with a word to look at."""
    if _is_marked_utf16(data) or _utf16_without_mark(data):
        return []
    if _is_utf8(data):
        spoilt = next((cell for _, cells in rows for cell in cells if _was_read_wrongly(cell)), "")
        return [f"letters of the list seem to be spoilt: look at {spoilt[:40]!r}"] if spoilt else []
    odd = next((cell for _, cells in rows for cell in cells if not cell.isascii()), "")
    return [
        f"the list is no UTF-8 text, and was read as a Western Windows writes it: look at {odd[:40]!r}. "
        "If that is wrong, save the list as .xlsx or as CSV UTF-8"
    ]


def starts_as_workbook(path: Path) -> bool:
    """Whether a file is an XLSX file, by its first bytes. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(len(_WORKBOOK_START)) == _WORKBOOK_START


def _csv_rows(path: Path, data: bytes) -> list[Row]:
    text = decoded(data)
    if "\0" in text:
        raise EchoDeskError(f"the list {path} is not a text table", "Save it as CSV or XLSX.")
    first_line, _, rest = text.partition("\n")
    offset = 0
    if _SEP_LINE.fullmatch(first_line.strip("\r\n ")):
        # Excel's own hint, in a line before the header.
        separator, text, offset = first_line.strip("\r\n ").strip('"')[4], rest, 1
    else:
        separator = _separator(text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return [(number, cells) for number, cells in enumerate(reader, start=1 + offset)]
    except csv.Error as error:
        reason = f"the list {path} is not well-formed CSV ({error})"
        raise EchoDeskError(reason, 'Look for a " without its partner.') from None


def decoded(data: bytes) -> str:
    """The text of a table that a spreadsheet saved: UTF-8, UTF-16 (its mark may lack), or Windows-1252."""
    if _is_marked_utf16(data):
        return data.decode("utf-16", errors="replace")
    if encoding := _utf16_without_mark(data):
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes as "CSV" on a Western Windows; every byte but five means something in it.
        return data.decode("cp1252", errors="replace")


def _is_marked_utf16(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) and not data.startswith(b"\xff\xfe\0\0")


def _utf16_without_mark(data: bytes) -> str:
    """`utf-16-le` or `utf-16-be` where every other byte of the first line is naught; else nothing."""
    first = data[:40]
    for encoding, naughts, letters in (
        ("utf-16-le", first[1::2], first[::2]),
        ("utf-16-be", first[::2], first[1::2]),
    ):
        if len(first) > 7 and not len(data) % 2 and not any(naughts) and all(letters):
            return encoding
    return ""


def _was_read_wrongly(cell: str) -> bool:
    """Whether a text looks like UTF-8 that a program took for Windows-1252: MÃ¼ller for Müller."""
    if cell.isascii():
        return False
    try:
        return cell.encode("cp1252").decode("utf-8") != cell
    except UnicodeError:
        return False


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _separator(text: str) -> str:
    """The separator under which a row names the most columns that are known; else the one most rows share."""
    first = [line for line in text.splitlines()[: 2 * _TITLE_ROWS] if line.strip()][:_TITLE_ROWS]

    def known(separator: str) -> tuple[int, int, int]:
        rows = list(csv.reader(first, delimiter=separator))
        named = max((sum(field_of(cell) is not None for cell in row) for row in rows), default=0)
        # A list whose columns have names of their own has one number of columns, but for titles above.
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, rows_of_it = widths.most_common(1)[0] if widths and not named else (0, 0)
        return named, rows_of_it, width

    return max(",;\t|", key=known)


COLUMNS_HINT = (
    "The first row names the columns: patient_id (or UHID, MRN, Hospital No), report (or File name, Photo), "
    "and if you have them ecg, report_date (or Echo date), ecg_date, site, layout."
)

REQUIRED = ("patient_id", "report")

# Every accepted column name, reduced to its letters and digits.
_NAMES = {
    "patient_id": (
        "patientid patient patientno patientnumber pid id mrn uhid crno regno registrationno hospitalid "
        "hospitalno hospitalnumber patientcode patientennummer patientennr patientenid patnr patid मरीजआईडी "
        "मरीजसंख्या"
    ),
    "report": (
        "report reports reportfile reportfiles reportimage reportimages reportpath reportpage reportpages "
        "reportphoto reportphotos reportfilename echo echoes echofile echofiles echofilename echoreport "
        "echoreports echoimage echoimages echophoto echophotos echopath file files filename filenames "
        "image images imagefile imagefiles imagename photo photos photofile photoname picture pictures "
        "scan scans scanfile befund befunde befunddatei datei dateiname bild bilder foto fotos रिपोर्ट"
    ),
    "ecg": (
        "ecg ecgs ecgfile ecgfiles ecgimage ecgimages ecgphoto ecgphotos ecgpath "
        "ekg ekgs ekgfile ekgfiles ekgimage ekgimages ekgphoto ekgphotos ekgpath"
    ),
    "report_date": (
        "reportdate dateofreport reportedon echodate dateofecho studydate dateofstudy date datum befunddatum "
        "untersuchungsdatum untersuchtam echodatum तारीख दिनांक"
    ),
    "ecg_date": "ecgdate dateofecg ekgdate dateofekg ekgdatum",
    "site": (
        "site sitename hospital hospitalname centre center institution klinik krankenhaus standort अस्पताल"
    ),
    "layout": "layout form formname reportform reporttemplate template",
}
# Names that mean the field only where no column has a plainer name for it: a list with UHID and IP No goes by
# the UHID.
_LOOSE_NAMES = {
    "patient_id": (
        "mrd mrdno mrdnumber mr mrno mrnno mrnnumber hospno hospid hospnumber uhidno uhidnumber ip ipno "
        "ipnumber ipdno op opno opnumber opdno crnumber regnumber registrationnumber idno idnumber"
    ),
    "report": "photofilename photonumber imagefilename imageno imagenumber scanname scanfilename picturename",
    "report_date": (
        "echodt echodone echoon reportdt studydt dt examdate examinationdate dateofexam dateofexamination "
        "scandate dateofscan testdate dateoftest proceduredate dateofprocedure visitdate dateofvisit"
    ),
    "ecg_date": "ecgdt ekgdt",
    "site": "ward wardname location unit department dept branch facility clinic station abteilung",
}
# Of several such columns the first counts: none of them tells patients apart.
_FIRST_COUNTS = ("site",)
FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
LOOSE_FIELD_OF = {name: field for field, names in _LOOSE_NAMES.items() for name in names.split()}


def field_of(column: str) -> str | None:
    """The record field a column name means, or None."""
    name = plain_name(column)
    return FIELD_OF.get(name, LOOSE_FIELD_OF.get(name))


def unused_date_columns(header: Sequence[str], columns: dict[str, int]) -> list[str]:
    """The names of columns that seem to hold the report's date, where no column was taken for it."""
    if "report_date" in columns:
        return []
    used = set(columns.values())
    others = [name for index, name in enumerate(header) if index not in used]
    return [name for name in others if plain_name(name).endswith(("date", "dt"))]


def refuse_further_columns(
    path: Path, header: Sequence[str], columns: Mapping[str, int], body: Sequence[Row]
) -> None:
    """Refuse a list with "report 2" beside "report": nothing says whether that is a page or another report.

    Raises:
        EchoDeskError: such a column holds something.
    """
    for index, name in enumerate(header):
        numbered = re.fullmatch(r"(.*?[^\W\d])[2-9]", plain_name(name))
        field = field_of(numbered[1]) if numbered else None
        field = "report" if numbered and numbered[1] in ("page", "seite") else field
        if field not in ("report", "ecg") or field not in columns or columns[field] == index:
            continue
        if any(cells[index].strip() for _, cells in body if index < len(cells)):
            raise EchoDeskError(
                f"the list {path} has a column {name!r} beside {header[columns[field]]!r}",
                "Write the pages of one report into one cell, in order, separated by ;. A second report gets "
                "a row of its own.",
            )


_PAGE_COLUMNS = frozenset("page pageno pagenumber pagenr seite seitennr blatt पेज".split())


def refuse_page_column(
    path: Path, header: Sequence[str], columns: Mapping[str, int], body: Sequence[Row]
) -> None:
    """Refuse a list with a row for each page: every row would be a report of its own.

    Raises:
        EchoDeskError: a column of page numbers tells rows of one patient apart.
    """
    places = [index for index, name in enumerate(header) if plain_name(name) in _PAGE_COLUMNS]
    for index in places:
        pages: dict[str, set[str]] = {}
        for _, cells in body:
            if max(index, columns["patient_id"]) < len(cells) and cells[index].strip():
                pages.setdefault(cells[columns["patient_id"]].strip(), set()).add(cells[index].strip())
        if any(len(numbers) > 1 for numbers in pages.values()):
            raise EchoDeskError(
                f"the list {path} has a row for each page, told by its column {header[index]!r}",
                "Write the pages of one report into one cell, in order, separated by ;.",
            )


def plain_name(column: str) -> str:
    """A column's name as names are compared: its letters and digits, in one case."""
    folded = unicodedata.normalize("NFKC", column).casefold()
    return "".join(letter for letter in folded if letter.isalnum() or unicodedata.category(letter)[0] == "M")


# Titles, the name of the hospital, the month: what people write over a table.
_TITLE_ROWS = 15


def header_at(
    table: Sequence[Row],
    field_of: Callable[[str], str | None] = field_of,
    required: Collection[str] = REQUIRED,
) -> int:
    """Where the header stands: the first row that names what is needed, else the one that names most.

    What stands above it is a title.

    Args:
        field_of: the field that a cell of the header means.
    """
    named = [
        {field for cell in cells if (field := field_of(cell)) is not None} for _, cells in table[:_TITLE_ROWS]
    ]
    for index, fields in enumerate(named):
        if fields.issuperset(required):
            return index
    return max(range(len(named)), key=lambda index: len(named[index]))


def find_columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Field -> index of its column. Raises `EchoDeskError` for a needed column missing or one there twice."""
    columns = columns_called(path, header, FIELD_OF, ())
    columns |= columns_called(path, header, LOOSE_FIELD_OF, tuple(columns))
    missing = [field for field in REQUIRED if field not in columns]
    if missing:
        found = ", ".join(repr(name) for name in header if name) or "none"
        raise EchoDeskError(
            f"the list {path} has no column {' and no column '.join(missing)}; found: {found}",
            COLUMNS_HINT,
        )
    return columns


def columns_called(
    path: Path, header: Sequence[str], names: Mapping[str, str], found: Sequence[str]
) -> dict[str, int]:
    """Field -> index of its column by these names, without fields that were found.

    Raises:
        EchoDeskError: two columns mean one field.
    """
    columns: dict[str, int] = {}
    for index, name in enumerate(header):
        field = names.get(plain_name(name))
        if field is None or field in found:
            continue
        if field in columns and names is LOOSE_FIELD_OF and field in _FIRST_COUNTS:
            continue
        if field in columns:
            raise EchoDeskError(
                f"the list {path} has two columns for {field}: {header[columns[field]]!r} and {name!r}",
                "Keep one of them.",
            )
        columns[field] = index
    return columns
