"""Invented people. Names are put together from syllables; ids start with SYN and phone numbers with zeros.

They look real enough to test masking with, and none can be anybody's: no list of real names was used, and no
telephone exchange hands out numbers that begin like these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from pipeline.demo.proportions import pick

_STARTS = ("Va", "Ra", "De", "Su", "Ni", "Ka", "Ma", "Ha", "Pra", "Ja", "Ti", "Lo", "Be", "Shi", "Ga", "Ru")
_MIDDLES = ("ri", "ma", "ve", "ni", "lu", "sha", "di", "ko", "ta", "bha", "ye", "mo")
_MALE_ENDS = ("n", "sh", "j", "th", "v", "nd", "r", "k")
_FEMALE_ENDS = ("ka", "ni", "tha", "mi", "ya", "la", "vi", "na")
_FAMILY_STARTS = (
    "Kal",
    "Ben",
    "Tor",
    "Mad",
    "Vel",
    "Gan",
    "Hos",
    "Pul",
    "Nar",
    "Dev",
    "Chim",
    "Sol",
    "Yel",
    "Bas",
)
_FAMILY_MIDDLES = ("tu", "di", "go", "ra", "ma", "ne", "lo", "ki", "vu", "pa")
_FAMILY_ENDS = ("ru", "war", "kar", "dia", "lli", "nna", "thy", "gal", "doss", "pet")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STREETS = ("Sample Street", "Placeholder Road", "Demo Nagar, 2nd Cross", "Specimen Lane", "Mock Layout")
_TOWNS = ("Demopur", "Sampleganj", "Testanahalli", "Mockpet", "Trialabad")

HOSPITALS = (
    "Demopur Heart Centre",
    "Sampleganj District Hospital",
    "Testanahalli Cardiac Institute",
    "Mockpet Mission Hospital",
)


@dataclass(frozen=True)
class Person:
    """One invented patient and the invented doctors around them.

    Attributes:
        patient_id: unique in the cohort, starts with `SYN-`.
        title: Mr. or Mrs., as printed.
        sex: `M` or `F`.
        age_years: at the time of the report.
    """

    patient_id: str
    name: str
    title: str
    sex: str
    age_years: int
    phone: str
    address: str
    referring_doctor: str
    reporting_doctor: str
    hospital: str


def people(rng: np.random.Generator) -> Iterator[Person]:
    """People without end; no two share a name, an id or a phone number."""
    taken: set[str] = set()
    while True:
        male = bool(rng.random() < 0.62)
        name, number, line = (
            _name(rng, male),
            int(rng.integers(100_000, 1_000_000)),
            int(rng.integers(10_000, 100_000)),
        )
        if taken & {name, str(number), f"line {line}"}:
            continue
        taken |= {name, str(number), f"line {line}"}
        yield Person(
            patient_id=f"SYN-{number}",
            name=name,
            title="Mr." if male else "Mrs.",
            sex="M" if male else "F",
            age_years=int(np.clip(rng.normal(58, 12), 24, 88)),
            phone=pick(rng, ("+91 00000 {}", "00000 {}", "00000-{}")).format(line),
            address=f"{int(rng.integers(1, 190))}, {pick(rng, _STREETS)}, {pick(rng, _TOWNS)}",
            referring_doctor=f"Dr. {_name(rng, bool(rng.random() < 0.6))}",
            reporting_doctor=f"Dr. {_name(rng, bool(rng.random() < 0.6))}",
            hospital=pick(rng, HOSPITALS),
        )


def _name(rng: np.random.Generator, male: bool) -> str:
    given = pick(rng, _STARTS) + pick(rng, _MIDDLES) + pick(rng, _MALE_ENDS if male else _FEMALE_ENDS)
    return f"{given} {pick(rng, _FAMILY_STARTS)}{pick(rng, _FAMILY_MIDDLES)}{pick(rng, _FAMILY_ENDS)}"


def printed_date(day: date, style: int) -> str:
    """A date the way one of six hospitals writes it; the same in every locale."""
    month = _MONTHS[day.month - 1]
    styles = (
        f"{day.day:02d}/{day.month:02d}/{day.year}",
        f"{day.day:02d}-{day.month:02d}-{day.year}",
        f"{day.day:02d}-{month}-{day.year}",
        f"{day.day} {month} {day.year}",
        f"{day.day:02d}.{day.month:02d}.{day.year}",
        f"{month} {day.day}, {day.year}",
    )
    return styles[style % len(styles)]
