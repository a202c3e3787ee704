"""Stands before an application and keeps what was asked of it and what it answered, to the last byte."""

from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Exchange:
    method: str
    target: str
    """Path and query, as they were asked for."""
    asked: str
    """The headers of the request, one a line, but for its cookies."""
    agent: str
    sent: bytes = b""
    status: int = 0
    headers: str = ""
    """The headers of the answer, one a line."""
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def from_a_browser(self) -> bool:
        """And not from the service, of which the browser sees nothing."""
        return self.agent.startswith("Mozilla/")


@dataclass
class Wiretap:
    app: ASGIApp
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        query = scope["query_string"].decode("latin-1")
        exchange = Exchange(
            method=scope["method"],
            target=scope["raw_path"].decode("latin-1") + (f"?{query}" if query else ""),
            asked=_lines([each for each in headers if each[0] != "cookie"]),
            agent=dict(headers).get("user-agent", ""),
        )
        self.exchanges.append(exchange)

        async def heard() -> Message:
            message = await receive()
            exchange.sent += message.get("body", b"")
            return message

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.headers = _lines(
                    [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
                )
            exchange.body += message.get("body", b"")
            await send(message)

        await self.app(scope, heard, said)


def _lines(headers: list[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers)
