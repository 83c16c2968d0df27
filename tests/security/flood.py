"""Strangers who sign in all at the same moment, each from an address of its own; a process apart, to take nobody else's time.

python flood.py PORT HOW_MANY       prints how often each status was answered, as JSON
"""

import asyncio
import json
import sys
from collections import Counter

AT_ONCE = 2000
"""As many as the system queues for a listening socket."""


async def guess(port: int, number: int) -> int:
    """One sign-in over a connection of its own. Gives the status."""
    body = f"username=worker{number}&password=guess+number+{number}"
    asked = (
        "POST /api/v1/auth/token HTTP/1.1\r\nHost: daka\r\nConnection: close\r\n"
        f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(asked.encode())
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        await reader.read()
        return status
    finally:
        writer.close()


async def flood(port: int, how_many: int) -> Counter[int]:
    statuses: Counter[int] = Counter()
    numbers = iter(range(how_many))

    async def one_after_the_other() -> None:
        for number in numbers:
            statuses[await guess(port, number)] += 1

    await asyncio.gather(*[one_after_the_other() for _ in range(min(AT_ONCE, how_many))])
    return statuses


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(int(sys.argv[1]), int(sys.argv[2])))))
