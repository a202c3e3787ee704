"""The EHR as a server: the FHIR client, and which addresses it may reach; signing as an EHR for `fire`."""
