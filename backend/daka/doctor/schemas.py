"""The doctor's findings in the API."""

from pydantic import BaseModel, Field

from daka.doctor.diagnoses import Diagnosis, Severity


class SentenceRead(BaseModel):
    """A sentence in both languages."""

    zh: str
    en: str


class DiagnosisRead(BaseModel):
    check: str = Field(description="What was checked: `address`, `clock`, `disk`, `channels`, `backup`, `version` …")
    level: Severity
    message: SentenceRead
    remedy: SentenceRead | None

    @classmethod
    def of(cls, found: Diagnosis) -> "DiagnosisRead":
        remedy = found.remedy and SentenceRead(zh=found.remedy.zh, en=found.remedy.en)
        return cls(
            check=found.check,
            level=found.level,
            message=SentenceRead(zh=found.message.zh, en=found.message.en),
            remedy=remedy,
        )


class DoctorRead(BaseModel):
    findings: list[DiagnosisRead]
    can_look_up_release: bool = Field(description="Whether RELEASE_URL is set")
