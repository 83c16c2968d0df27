"""Downloads the roster and uploads it again, with the client that openapi-python-client generates."""

import os
from datetime import date

from daka_client import AuthenticatedClient
from daka_client.api.roster import roster_export, roster_import
from daka_client.models import BodyRosterImport, ImportOutcome, ImportRead
from daka_client.types import File

day = date.fromisoformat(os.environ["DAY"])
client = AuthenticatedClient(base_url=os.environ["DAKA"], token=os.environ["TOKEN"])
file = roster_export.sync(client=client, from_=day, to=day)
assert isinstance(file, File), file
size = len(file.payload.read())
file.payload.seek(0)
body = BodyRosterImport(file=File(payload=file.payload, file_name="roster.xlsx"))
done = roster_import.sync(client=client, body=body, dry_run=True)
assert isinstance(done, ImportRead), done
assert isinstance(done.outcome, ImportOutcome), done
assert isinstance(done.outcome.same, int)
assert done.outcome.same >= 1, done
print(f"{size} bytes, {done.outcome.same} unchanged")
