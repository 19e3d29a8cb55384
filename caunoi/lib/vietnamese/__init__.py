"""Vietnamese text. Ask it for one form, search keys and sort order (`writing`), what a keyboard meant (`keystrokes`),
and which words any report may hold (`likeness`)."""
