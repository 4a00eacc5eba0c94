"""Cases and their pictures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.decisions import (
    ImageRole,
)
from db.tables.columns import NUMBERS_GIVEN_ONCE, one_of, sha256_check, when


class Image(SQLModel, table=True):
    """One stored picture, by the hash of its upright, metadata-free bytes.

    `sha256` names the stored file; `original_sha256` is the hash of the bytes it was first made from, and
    `page` the 1-based page within them. See `ImageOrigin` for every original that gave this picture.
    """

    __table_args__ = (
        CheckConstraint("width_px > 0 AND height_px > 0", name="size_positive"),
        CheckConstraint("byte_count > 0", name="byte_count_positive"),
        CheckConstraint("length(perceptual_hash) >= 16", name="perceptual_hash_length"),
        CheckConstraint("page >= 1", name="page_one_based"),
        sha256_check("sha256"),
        sha256_check("original_sha256"),
    )

    sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    original_sha256: str = Field(min_length=64, max_length=64)
    page: int = 1
    width_px: int
    height_px: int
    byte_count: int
    media_type: str
    perceptual_hash: str
    created_at: datetime = when()


class ImageOrigin(SQLModel, table=True):
    """Which stored picture one page of one original became, so that an original is not decoded twice.

    Two originals may give the same picture (a copy with other metadata), and so may two pages of one original
    (blank pages).
    """

    __tablename__ = "image_origin"
    __table_args__ = (
        CheckConstraint("page >= 1", name="page_one_based"),
        sha256_check("original_sha256"),
    )

    original_sha256: str = Field(primary_key=True, min_length=64, max_length=64)
    page: int = Field(primary_key=True)
    image_sha256: str = Field(foreign_key="image.sha256", index=True)


class Case(SQLModel, table=True):
    """One patient's report image(s) and ECG photo(s).

    `layout` names the report form where the manifest does.
    """

    __tablename__ = "case_record"
    __table_args__ = (
        CheckConstraint("priority >= 0", name="priority_not_negative"),
        sha256_check("patient_key"),
        sha256_check("report_sha256"),
        Index("case_queue", "priority", "id"),
        NUMBERS_GIVEN_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    patient_key: str = Field(index=True, min_length=64, max_length=64)
    report_sha256: str = Field(unique=True, min_length=64, max_length=64)
    site: str = ""
    is_synthetic: bool = False
    report_date: date | None = None
    ecg_date: date | None = None
    layout: str = Field(default="", sa_column_kwargs={"server_default": ""})
    priority: float = 0.0
    created_at: datetime = when()


class CaseImage(SQLModel, table=True):
    """Which pictures belong to a case, in page order."""

    __tablename__ = "case_image"
    __table_args__ = (
        one_of("role", ImageRole),
        CheckConstraint("position >= 1", name="position_one_based"),
        UniqueConstraint("case_id", "role", "position"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_record.id", index=True)
    image_sha256: str = Field(foreign_key="image.sha256", index=True)
    role: str
    position: int = 1


class NearDuplicate(SQLModel, table=True):
    """Two different pictures that look alike; for a person to judge, nothing is dropped."""

    __tablename__ = "near_duplicate"
    __table_args__ = (
        CheckConstraint("image_a < image_b", name="ordered_pair"),
        CheckConstraint("distance_bits >= 0", name="distance_not_negative"),
    )

    image_a: str = Field(foreign_key="image.sha256", primary_key=True)
    image_b: str = Field(foreign_key="image.sha256", primary_key=True)
    distance_bits: int
