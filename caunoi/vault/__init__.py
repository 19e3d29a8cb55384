"""What is sealed at rest: data keys under a master key, and the columns that are sealed
(docs/security/keys.md).

A stage seals a column by declaring it `SealedText` or `SealedJSON` (fields.py); nothing else is to be done: reading and
writing, the job that seals it anew after a rotation, `caunoi keys` and doctor follow from the declaration.
"""
