"""pgqueuer: jobs in PostgreSQL, claimed in batches by one process."""

import asyncio
import sys
import time
from datetime import timedelta

import aiohttp
import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

BODY, HEADERS = b'{"text": "' + b"x" * 900 + b'"}', {"Content-Type": "application/json", "webhook-id": "peer"}


async def main(database: str, sink: str, messages: int) -> None:
    async with asyncpg.create_pool(database, min_size=4, max_size=10) as pool, aiohttp.ClientSession() as client:
        driver = AsyncpgPoolDriver(pool)
        queries = Queries(driver)
        await queries.install()
        queue = PgQueuer(driver)

        @queue.entrypoint("send")
        async def send(job: Job) -> None:
            async with client.post(f"{sink}/hook/{job.payload.decode()}", data=BODY, headers=HEADERS) as answer:
                assert answer.status == 200
                await answer.read()

        print("ready", flush=True)
        due_at = float(await asyncio.to_thread(sys.stdin.readline))
        wait = timedelta(seconds=due_at - time.time())
        await queries.enqueue(
            ["send"] * messages,
            [str(number).encode() for number in range(messages)],
            [0] * messages,
            [wait] * messages,
        )
        await queue.run(dequeue_timeout=timedelta(seconds=0.05), batch_size=200, max_concurrent_tasks=400)


uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
