"""The clinical core: chart facts in, assessment out. Pure: no I/O, no clock, no FHIR client."""
