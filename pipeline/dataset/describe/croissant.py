"""croissant.json: the snapshot in the Croissant 1.1 format, with the fields for responsible AI.

Written here as plain JSON: the format's own library brings scipy and an RDF store along, which the light set
has no room for. The tests open the files with that library.

Source: mlcommons.org/croissant/1.1 and mlcommons.org/croissant/RAI/1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from db.files.manifest import canonical_json
from db.measures.estimate import Estimate
from db.measures.proportions import wilson_share
from db.tabular import Column, Kind
from pipeline.dataset.certificate import certificate_of
from pipeline.dataset.describe import brought_in
from pipeline.dataset.describe.card import summary, title
from pipeline.dataset.describe.card_limits import limits
from pipeline.dataset.describe.citation import bibtex
from pipeline.dataset.describe.dictionary import missing_values, tables_of
from pipeline.dataset.describe.figures import number, percent
from pipeline.dataset.frozen import Frozen

Json = dict[str, Any]

CONFORMS_TO: Final = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
_CROISSANT_TERMS: Final = (
    "annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field "
    "fileProperty fileObject fileSet format includes isArray isLiveDataset jsonPath key md5 parentField "
    "path readLines recordSet references regex repeated replace samplingRate sdVersion separator source "
    "subField transform unArchive"
).split()
_ENCODINGS: Final = {
    "parquet": "application/x-parquet",
    "csv": "text/csv",
    "jsonl": "application/jsonlines",
}
_TYPES: Final = {
    Kind.INTEGER: "sc:Integer",
    Kind.NUMBER: "sc:Float",
    Kind.TEXT: "sc:Text",
    Kind.YES_NO: "sc:Boolean",
    Kind.DATE: "sc:Date",
    Kind.TEXTS: "sc:Text",
}
_KEYS: Final = {"labels": "row_id"}
_MEANINGS: Final = {
    "labels": "one record for each case: what its echocardiography report says, its fold, and how the "
    "label came about",
    "pairs": "one record for each ECG photograph, with the label of its case",
}


def croissant_json(frozen: Frozen) -> bytes:
    """croissant.json."""
    day = f"{frozen.as_of:%Y-%m-%d}"
    return canonical_json(
        {
            "@context": _context(),
            "@type": "sc:Dataset",
            "@language": "en",
            "conformsTo": list(CONFORMS_TO),
            "name": _name(frozen),
            "alternateName": title(frozen),
            "description": f"{summary(frozen)} "
            f"{certificate_of(frozen.quality, len(frozen.labels))['statement']}",
            "url": f"urn:sha256:{frozen.content_sha256}",
            "license": _licence(frozen.licence),
            "creator": {"@type": "sc:Organization", "name": "The annotators and custodians of this dataset"},
            "datePublished": day,
            "dateCreated": day,
            "version": f"1.0.0+{frozen.content_sha256[:12]}",
            "keywords": ["echocardiography", "electrocardiogram", "ejection fraction"]
            + (["synthetic"] if frozen.is_synthetic else []),
            "inLanguage": "en",
            "citeAs": bibtex(frozen),
            "isLiveDataset": False,
            "distribution": _distribution(frozen),
            "recordSet": [_record_set(name, columns, frozen) for name, columns in tables_of(frozen)],
            **_responsible(frozen),
        }
    )


def _licence(licence: str) -> str:
    if not licence:
        return "None chosen; whoever publishes the data adds one."
    return licence if licence.startswith("LicenseRef-") else f"https://spdx.org/licenses/{licence}.html"


def _name(frozen: Frozen) -> str:
    return "echodesk-" + "".join(
        letter if letter.isalnum() or letter in "-_" else "-" for letter in frozen.name
    )


def _context() -> Json:
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "description": {"@container": "@language"},
        "name": {"@container": "@language"},
        **{term: f"cr:{term}" for term in _CROISSANT_TERMS},
    }


def _distribution(frozen: Frozen) -> list[Json]:
    made = [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name.removeprefix("data/"),
            "contentUrl": name,
            "contentSize": f"{size} B",
            "encodingFormat": _ENCODINGS[name.rpartition(".")[2]],
            "sha256": sha256,
        }
        for name, (sha256, size) in sorted(frozen.files.items())
        if name.startswith("data/")
    ]
    return made + [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name.removeprefix("images/"),
            "description": _what_pictures_are(frozen, "a picture"),
            "contentUrl": name,
            "contentSize": f"{size} B",
            "encodingFormat": "image/png" if name.endswith(".png") else "image/jpeg",
            "sha256": sha256,
        }
        for name, (sha256, size) in sorted(frozen.files.items())
        if name.startswith("images/")
    ]


def _what_pictures_are(frozen: Frozen, what: str) -> str:
    is_masked = frozen.arguments.get("images") == "masked"
    return f"{what} with identities painted over" if is_masked else f"{what} as printed, of nobody"


def _record_set(name: str, columns: tuple[Column, ...], frozen: Frozen) -> Json:
    key = {"key": {"@id": f"{name}/{_KEYS[name]}"}} if name in _KEYS else {}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": (brought_in.MEANINGS if frozen.brought else _MEANINGS)[name],
        **key,
        "field": [_field(name, column, is_brought_in=bool(frozen.brought)) for column in columns],
    }


def _field(table: str, column: Column, *, is_brought_in: bool) -> Json:
    described = column.meaning
    described += f"; unit: {column.unit}" if column.unit else ""
    described += f"; one of: {', '.join(column.codes)}" if column.codes else ""
    many = {"isArray": True, "arrayShape": "-1"} if column.kind is Kind.TEXTS else {}
    refers = (
        {"references": {"field": {"@id": "labels/row_id"}}}
        if (table, column.name) == ("pairs", "row_id")
        else {}
    )
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "description": f"{described}; missing: {missing_values(column, is_brought_in=is_brought_in)}",
        "dataType": _TYPES[column.kind],
        **many,
        **refers,
        "source": {"fileObject": {"@id": f"data/{table}.parquet"}, "extract": {"column": column.name}},
    }


def _responsible(frozen: Frozen) -> Json:
    """The rai: fields, from the same figures as the card."""
    certificate = certificate_of(frozen.quality, len(frozen.labels))
    masked = frozen.counts.get("images", 0)
    told: Mapping[str, str | list[str]] = {
        **(brought_in.responsible(frozen) if frozen.brought else _of_reviews(frozen)),
        "dataImputationProtocol": "Nothing is imputed; a printed range is stored with its ends and its "
        "midpoint.",
        "dataManipulationProtocol": "Rows and patients are re-keyed for this snapshot; dates are shifted "
        "by a number of days that is the patient's; free text is left out unless all its words are known to "
        "be harmless.",
        "dataPreprocessingProtocol": [f"{one.reason}: {one.cases} left out" for one in frozen.exclusions],
        "dataAnnotationAnalysis": [certificate["statement"], *_bounds(certificate), *_figures(frozen)],
        "dataUseCases": [
            "Training and evaluating models that estimate echo findings from ECG photographs; research "
            "on reading reports. Not for decisions about patients."
        ],
        "dataLimitations": limits(frozen),
        "personalSensitiveInformation": [
            "Health findings of single patients under made-up names. "
            + (f"{_what_pictures_are(frozen, f'{masked} pictures')}." if masked else "No pictures.")
            + (
                " Free-text notes are included and may name somebody."
                if frozen.has_notes
                else " No free text."
            )
        ],
        "dataReleaseMaintenancePlan": "A snapshot never changes; corrections appear in a new one under "
        "another name.",
    }
    return {f"rai:{name}": said for name, said in told.items() if said}


def _of_reviews(frozen: Frozen) -> dict[str, str | list[str]]:
    """The fields that speak of how people made the labels here."""
    return {
        "dataCollection": "Photographs of printed echocardiography reports and of paper ECGs were taken "
        "in; a program drafted a record from each report, and a person corrected it against the page.",
        "dataCollectionType": ["Document analysis", "Manual Human Curator", "Software Collection"],
        "dataCollectionRawData": "Photographed or scanned report pages and ECGs"
        + (", all synthetic." if frozen.is_synthetic else "; they stay where they were taken in."),
        "dataCollectionMissingData": "not_stated (the report is silent) and unreadable (nobody could read "
        "it) are answers of their own, apart from absent; empty cells are explained column by column.",
        "dataAnnotationProtocol": [
            f"Codebook version {frozen.codebook_version}. One person answers with the page in sight; a "
            "random part without seeing the draft; part is read a second time blindly, and an adjudicator "
            "decides where two readings differ. Drafts made wrong on purpose measure vigilance and never "
            "become labels."
        ],
        "dataAnnotationPlatform": [f"EchoDesk {frozen.code_version}"],
        "annotationsPerItem": _per_item(frozen),
        "annotatorDemographics": [
            f"{len({row['annotator'] for row in frozen.labels})} people; nothing else is kept"
        ],
        "machineAnnotationTools": sorted(
            {f"{row['reader']} {row['reader_version']}" for row in frozen.labels if row["reader"]}
        ),
        "dataBiases": [
            "Only patients who had both an echo report and, for pairs, an ECG photograph; which patients "
            "these are depends on the sites."
        ],
    }


def _bounds(certificate: Mapping[str, Any]) -> list[str]:
    return [
        f"{one['name']}: at most {100 * one['share_at_most']:.2f} % of {one['population']} labels wrong "
        f"({100 * certificate['confidence']:.0f} % confidence; {one['errors_found']} of "
        f"{one['read_again']} read "
        "again were wrong)"
        for one in certificate["fields"].values()
    ]


def _figures(frozen: Frozen) -> list[str]:
    said = []
    rate = Estimate.from_json((frozen.quality.get("vigilance") or {}).get("rate") or {})
    if rate.n:
        said.append(f"Drafts made wrong on purpose that were noticed: {percent(rate)}, n = {rate.n}")
    for report in frozen.quality.get("agreement") or ():
        if list(report["readers"]) == ["first", "second"]:
            for name, one in sorted(report["measures"].items()):
                found = Estimate.from_json(one)
                said.append(
                    f"A first reading and a second, blind one, {name}: {number(found, 2)}, n = {found.n}"
                )
    return said


def _per_item(frozen: Frozen) -> str:
    rows = len(frozen.labels)
    twice = sum(row["status"] != "single" for row in frozen.labels)
    return (
        f"One human reading each; {twice} of {rows} labels have more ({percent(wilson_share(twice, rows))})."
    )
