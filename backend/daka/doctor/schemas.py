"""The doctor's findings in the API."""

from dataclasses import asdict
from datetime import datetime

from pydantic import Field

from daka.doctor.diagnoses import Diagnosis, Severity
from daka.schema import Schema


class SentenceRead(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class DiagnosisRead(Schema):
    check: str = Field(description="What was checked: `address`, `clock`, `disk`, `channels`, `backup`, `version` …")
    level: Severity
    message: SentenceRead
    remedy: SentenceRead | None

    @classmethod
    def of(cls, found: Diagnosis) -> "DiagnosisRead":
        return cls.model_validate(asdict(found))


class DoctorRead(Schema):
    findings: list[DiagnosisRead]
    can_look_up_release: bool = Field(description="Whether RELEASE_URL is set")


class PhoneCheckRead(Schema):
    """Whether phones reach the address that the links of messages have."""

    public_url: str | None = Field(description="PUBLIC_URL; null: messages have no links")
    url: str | None = Field(description="To be opened on a phone, within a day")
    qr_svg: str | None
    opened_at: datetime | None = Field(description="When a phone last opened it; null: never")
    is_from_internet: bool = Field(description="Whether it was ever opened from outside of the local network")
