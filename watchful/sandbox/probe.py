"""Whether an address is a FHIR R4 server at all, asked before anything is written to it."""

from watchful.sandbox.client import Client
from watchful.sandbox.problems import Refused, Unreachable


def probe(server: Client) -> str:
    """The server's name for itself. Raises Problem for whatever is not an open R4 server."""
    reply = server.get("metadata")
    if reply.status in (401, 403):
        raise Refused(
            f"{server.base} asks for a login (HTTP {reply.status}): the sandbox works with open servers only.",
            reply.status,
        )
    if reply.status in (301, 302, 307, 308):
        raise Unreachable(f"{server.base} sends us on to {reply.location or 'another address'}: name that one.")
    statement = reply.body
    if not isinstance(statement, dict) or statement.get("resourceType") != "CapabilityStatement":
        raise Unreachable(
            f"{server.base} answers (HTTP {reply.status}), but not as a FHIR server: "
            "is the base URL right? HAPI's own ends in /fhir, the public one's in /baseR4."
        )
    version = str(statement.get("fhirVersion", ""))
    if not version.startswith("4.0"):
        raise Unreachable(f"{server.base} speaks FHIR {version or 'of no stated version'}; R4 (4.0.1) is needed.")
    software = statement.get("software") or {}
    return f"{software.get('name', 'FHIR server')} {software.get('version', '')}".strip()
