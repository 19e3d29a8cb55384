"""Every component in every state, with real Vietnamese text, at /gallery/ of a product run with its settings from a
checkout: `DJANGO_SETTINGS_MODULE=tools.gallery.settings make run`."""
