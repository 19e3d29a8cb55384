"""Numbers that people say and type. Ask it for a ticket's code with its check digit (`codes`), and for a telephone
number in E.164 (`phone`)."""
