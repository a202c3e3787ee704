"""Playing the EHR against an open FHIR server: the engine of `watchful sandbox`.

Synthetic patients go out, hooks are fired about them, and everything that was made is removed again. This
package must never send a chart without the synthetic marker, and never delete what it did not make.
"""
