"""The SMART app of one site: how it is registered at the EHR, and what it may do there."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from watchful.settings.fields import File, Section, SecureOrigin, Text, Whole

Act = Literal["handout", "answers", "referral", "follow-up"]
"""What a clinician may have the app write into the chart."""

ClientAuth = Literal["public", "client-secret", "private-key"]

Scope = Annotated[str, Field(pattern=r"^[!#-\[\]-~]+$")]
"""One scope token (RFC 6749 §3.3)."""


class SmartClient(Section):
    """The SMART app at this EHR. A client secret never stands here: it is the environment variable
    `WATCHFUL_SMART_SECRET_` and the site's id in capitals, `-` written as `_`."""

    client_id: Text
    """The client id that the EHR gave the app."""
    auth: ClientAuth = "public"
    """How the app proves who it is: `private-key` signs with a key of `keys`, `client-secret` sends the secret
    of the environment, `public` has neither (PKCE protects every form)."""
    keys: File | None = None
    """File with our private JSON Web Key Set, for `private-key` only: EC P-384 or RSA of 2048 bits and more, each
    with a `kid`. The first key signs; the public halves of all are published."""
    client_secret: SecretStr | None = None
    """From the environment, never from a file."""
    scopes: tuple[Scope, ...] = ()
    """Scopes to ask for in place of those that the app works out (`watchful register` prints them)."""
    writes: tuple[Act, ...] = ()
    """What a clinician may have the app write into the chart; only what the profile knows how to write."""
    link: bool = True
    """Whether cards carry the link that launches the app, in place of the link to the handout."""
    session_hours: Annotated[Whole, Field(ge=1, le=12)] = 8
    """Longest time that one launch stays open. It ends with the EHR's token where that cannot be refreshed."""
    idle_minutes: Annotated[Whole, Field(ge=5, le=480)] = 30
    """How long a launch stays open while nobody opens a page of it: the app does not hear when a clinician logs
    out of the EHR. 30 minutes is the limit of NIST SP 800-63B (revision 3, §4.2.3) at AAL2."""
    style_hosts: tuple[SecureOrigin, ...] = ()
    """Origins beside the EHR's own from which the launch's style sheet (`smart_style_url`) may be read."""
