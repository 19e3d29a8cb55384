"""Personal data in Vietnamese text. Ask it what must be hidden (`redact.redact`), what a person decided about that
(`marking`), what is better not published at all (`discretion`), and a case without its people (`discreet`)."""
