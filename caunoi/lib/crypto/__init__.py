"""Cryptography by the RFC. Ask it for a log that nobody can rewrite unseen (`merkle`), and for a push message that
only one browser can read (`webpush`)."""
