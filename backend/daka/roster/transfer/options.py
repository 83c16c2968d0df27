"""How a file is imported."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date

from daka.roster.transfer.schemas import Mapping


@dataclass(frozen=True, slots=True)
class Options:
    """How to import a file."""

    is_dry_run: bool
    file_name: str = ""
    month: date | None = None
    team_id: int | None = None
    """The team of new people and shifts."""
    user_id: int | None = None
    """The owner of a roster in a file without people."""
    clears_blanks: bool = False
    skips_invalid_rows: bool = False
    """Import the valid rows even if others are not."""
    over_imported: bool = False
    """Write also over cells that follow an attendance system."""
    mapping: Mapping = field(default_factory=Mapping)

    def preview_of(self, body: bytes) -> str:
        """Stands for the file and all options: what a dry run showed, and what is written only if nothing differs."""
        chosen = asdict(self) | {"mapping": self.mapping.model_dump(mode="json"), "is_dry_run": None}
        del chosen["over_imported"]
        text = json.dumps(chosen, sort_keys=True, default=str)
        return hashlib.sha256(hashlib.sha256(body).digest() + text.encode()).hexdigest()
