"""Build hook: the built web app goes into the wheel and the source distribution, so that installing either needs no Node.js."""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

REFUSAL = (
    "daka: the web app is not built. Run `make setup`, or `npm ci && npm run build` in frontend/ (Node.js 20.19 or newer), and "
    "try again; or install the wheel of a release, which holds it. DAKA_WITHOUT_WEB_APP=1 builds a package with the API alone."
)


class WebAppHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add frontend/dist; an editable installation finds it where it is.

        Raises:
            SystemExit: it is not there, and nobody said that it need not be.
        """
        dist = Path(self.root, "frontend", "dist")
        if version == "editable":
            return
        if not (dist / "index.html").is_file():
            if os.environ.get("DAKA_WITHOUT_WEB_APP"):
                return
            raise SystemExit(REFUSAL)
        place = "daka/web" if self.target_name == "wheel" else "frontend/dist"
        for file in sorted(dist.rglob("*")):
            name = file.relative_to(dist).as_posix()
            if file.is_file() and not name.startswith("."):
                build_data["force_include"][str(file)] = f"{place}/{name}"
