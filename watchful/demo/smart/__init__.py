"""The demo EHR as a SMART App Launch 2.2 authorization server, and a double for tests that is strict on purpose.

A demonstration: there is no login, whoever can reach the loopback port may launch an app as the demo clinician,
and all that can be read is synthetic. What a client gets wrong is refused as a careful EHR would refuse it.
Nothing outlives the process.
"""

from watchful.demo.smart.clients import Client
from watchful.demo.smart.launches import Launch, PatientChoice
from watchful.demo.smart.scopes import Access
from watchful.demo.smart.server import AuthorizationServer

__all__ = ["Access", "AuthorizationServer", "Client", "Launch", "PatientChoice"]
