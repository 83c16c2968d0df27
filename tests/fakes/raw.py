"""A server that answers with bytes as a test writes them, faults included."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class RawServer:
    """Reads a request and writes the parts of the answer, each as a packet of its own. Then it closes, or stays silent."""

    def __init__(self, *parts: bytes, stays_open: bool = False) -> None:
        self.parts, self.stays_open = parts, stays_open
        self.requests = 0
        self.connections = 0
        self.port = 0
        self.base_url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
                await reader.readexactly(int(length[1]) if length else 0)
                self.requests += 1
                for part in self.parts:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0.01)
                if not self.stays_open:
                    break
        writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RawServer"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        try:
            yield self
        finally:
            server.close()
