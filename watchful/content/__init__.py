"""The words that reach a person, by language. They live in the folders beside this file (`en/`).

A clinician edits the TOML files; the Python here only chooses and fills lines, and holds no sentence.
"""
