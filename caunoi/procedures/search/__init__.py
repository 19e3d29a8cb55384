"""The search engine over procedures: pure, no Django, no package but the standard library.

`document` what is searched · `index` its postings · `synonyms` and `stops` how people say it · `spelling` how they
type it · `question` a text read into terms · `ranking` the answer with its reasons · `fusion` and `meaning` the
optional vectors.
"""
