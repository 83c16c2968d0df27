"""procrastinate: jobs in PostgreSQL, one worker."""

import asyncio
import sys
from datetime import UTC, datetime

import aiohttp
import procrastinate
import uvloop

BODY, HEADERS = b'{"text": "' + b"x" * 900 + b'"}', {"Content-Type": "application/json", "webhook-id": "peer"}


async def main(database: str, sink: str, messages: int) -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database))
    async with app.open_async(), aiohttp.ClientSession() as client:
        await app.schema_manager.apply_schema_async()

        @app.task(name="send")
        async def send(number: int) -> None:
            async with client.post(f"{sink}/hook/{number}", data=BODY, headers=HEADERS) as answer:
                assert answer.status == 200
                await answer.read()

        print("ready", flush=True)
        due_at = datetime.fromtimestamp(float(await asyncio.to_thread(sys.stdin.readline)), UTC)
        await send.configure(schedule_at=due_at).batch_defer_async(*({"number": number} for number in range(messages)))
        await app.run_worker_async(concurrency=200, fetch_job_polling_interval=0.05, install_signal_handlers=False)


uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
