"""Who withdrew their consent, and whose records were taken out."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from db.tables.columns import sha256_check, when


class WithdrawnPatient(SQLModel, table=True):
    """A patient who withdrew their consent, by the keyed hash of their id: intake refuses them.

    `again_at` is when they consented again since: then they are on the list no more.
    """

    __tablename__ = "withdrawn_patient"
    __table_args__ = (sha256_check("patient_key"),)

    patient_key: str = Field(primary_key=True, min_length=64, max_length=64)
    withdrawn_at: datetime = when()
    again_at: datetime | None = when(default=None, nullable=True)


class WithdrawnCase(SQLModel, table=True):
    """The number of a record that was taken out: from rows that are about it, and from no others, the
    append-only triggers let rows be deleted. Append-only itself; a number is never given again.
    """

    __tablename__ = "withdrawn_case"

    case_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    withdrawn_at: datetime = when()
