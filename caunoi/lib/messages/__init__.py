"""Short messages from citizens. Ask it whether one speaks of danger (`danger`), is a grade (`grades`) or a wish to
follow a ticket (`wishes`), and how many SMS segments a text costs (`segments`)."""
