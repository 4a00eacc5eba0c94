"""DICOM files built by hand: an encapsulated PDF, pictures, and a structured report of an echo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"
CAPTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"
FILM_CLASS = "1.2.840.10008.5.1.4.1.1.3.1"
REPORT_CLASS = "1.2.840.10008.5.1.4.1.1.88.33"


def encapsulated(path: Path, pdf: bytes, **header: Any) -> Path:
    """A PDF in a DICOM file."""
    held = _dataset(PDF_CLASS, **header)
    held.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    held.MIMETypeOfEncapsulatedDocument = "application/pdf"
    return _saved(held, path)


def captured(
    path: Path, image: PIL.Image.Image, *, frames: int = 1, kind: str = CAPTURE_CLASS, **header: Any
) -> Path:
    """A grey picture, so many times."""
    held = _dataset(kind, **header)
    held.Rows, held.Columns = image.height, image.width
    held.SamplesPerPixel, held.BitsAllocated, held.BitsStored, held.HighBit = 1, 8, 8, 7
    held.PixelRepresentation, held.PhotometricInterpretation = 0, "MONOCHROME2"
    held.NumberOfFrames = frames
    pixels = np.asarray(image.convert("L")).tobytes() * frames
    held.PixelData = pixels + b"\0" * (len(pixels) % 2)
    return _saved(held, path)


def overlaid(path: Path, image: PIL.Image.Image, over: PIL.Image.Image, *, at: tuple[int, int]) -> Path:
    """A grey picture with the black of another one in a plane of its own, from this row and column on."""
    held = pydicom.dcmread(captured(path, image))
    plane = (np.asarray(over.convert("L")) < 128).astype(np.uint8)
    bits = np.packbits(plane.reshape(-1), bitorder="little").tobytes()
    held.add_new(0x60000010, "US", plane.shape[0])
    held.add_new(0x60000011, "US", plane.shape[1])
    held.add_new(0x60000040, "CS", "G")
    held.add_new(0x60000050, "SS", [at[0] + 1, at[1] + 1])
    held.add_new(0x60000100, "US", 1)
    held.add_new(0x60000102, "US", 0)
    held.add_new(0x60003000, "OW", bits + b"\0" * (len(bits) % 2))
    return _saved(held, path)


def coded(name: tuple[str, str, str], value: tuple[str, str, str], *, presence: str = "") -> Dataset:
    """A finding by its code, and whether it is there."""
    item = _item("CODE", name)
    item.ConceptCodeSequence = _code(*value)
    if presence:
        how = _item("CODE", ("G-C0E4", "SRT", "Presence"), relation="HAS CONCEPT MOD")
        how.ConceptCodeSequence = _code("R-4089B", "SRT", presence)
        item.ContentSequence = Sequence([how])
    return item


def unmeasured(name: tuple[str, str, str]) -> Dataset:
    """A measurement that was not taken."""
    return _item("NUM", name)


def structured(path: Path, items: list[Dataset], *, kind: str = REPORT_CLASS, **header: Any) -> Path:
    """A report of these items below the heading "Adult Echocardiography Procedure Report"."""
    held = _dataset(kind, **header)
    held.ValueType, held.ContinuityOfContent = "CONTAINER", "SEPARATE"
    held.ConceptNameCodeSequence = _code("125200", "DCM", "Adult Echocardiography Procedure Report")
    held.ContentSequence = Sequence(items)
    return _saved(held, path)


def container(name: tuple[str, str, str], items: list[Dataset]) -> Dataset:
    """A heading with what stands below it; a name is value, scheme and meaning."""
    return _item("CONTAINER", name, ContentSequence=Sequence(items))


def measured(name: tuple[str, str, str], value: float, unit: str, *, method: str = "") -> Dataset:
    """A number with its unit."""
    number = Dataset()
    number.NumericValue = str(value)
    number.MeasurementUnitsCodeSequence = _code(unit, "UCUM", unit)
    item = _item("NUM", name, MeasuredValueSequence=Sequence([number]))
    if method:
        how = _item("CODE", ("370129005", "SCT", "Measurement Method"), relation="HAS CONCEPT MOD")
        how.ConceptCodeSequence = _code("125207", "DCM", method)
        item.ContentSequence = Sequence([how])
    return item


def said(name: tuple[str, str, str], text: str, *, relation: str = "CONTAINS") -> Dataset:
    """A line of text."""
    return _item("TEXT", name, relation=relation, TextValue=text)


def _item(kind: str, name: tuple[str, str, str], *, relation: str = "CONTAINS", **values: Any) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, kind
    item.ConceptNameCodeSequence = _code(*name)
    for key, value in values.items():
        setattr(item, key, value)
    return item


def _code(value: str, scheme: str, meaning: str) -> Sequence:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return Sequence([code])


def _dataset(kind: str, **header: Any) -> Dataset:
    held = Dataset()
    held.file_meta = FileMetaDataset()
    held.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    held.file_meta.MediaStorageSOPClassUID = held.SOPClassUID = kind
    held.file_meta.MediaStorageSOPInstanceUID = held.SOPInstanceUID = generate_uid(entropy_srcs=[kind])
    held.PatientName = "Doe^Jane"
    for key, value in header.items():
        setattr(held, key, value)
    return held


def _saved(held: Dataset, path: Path) -> Path:
    held.save_as(path, enforce_file_format=True)
    return path
