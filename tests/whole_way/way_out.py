"""The proxy through which a hospital's server reaches the world: here it knows one place for every name."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def way_out(listener: socket.socket) -> Iterator[list[str]]:
    """Tunnels (RFC 9110 §9.3.6) to the port that was asked for, on loopback. Yields what was asked for."""
    asked: list[str] = []
    ends: list[asyncio.StreamWriter] = []
    loop = asyncio.new_event_loop()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split(" ", 2)
            assert method == "CONNECT"
            asked.append(target)
            inner, outer = await asyncio.open_connection("127.0.0.1", int(target.rpartition(":")[2]))
            ends.append(outer)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(_carry(reader, outer), _carry(inner, writer))

    async def until_stopped() -> None:
        async with await asyncio.start_server(tunnel, sock=listener.dup()):
            await stopped.wait()
        for end in ends:
            end.transport.abort()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    stopped = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(until_stopped()))
    thread.start()
    try:
        yield asked
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
