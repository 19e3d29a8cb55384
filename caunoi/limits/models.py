from django.db import models


class Tally(models.Model):
    """How often one subject has done one thing since its window began. The table is UNLOGGED: it is written often,
    costs no WAL, and is empty after a crash of the database, which forgives everybody once."""

    key = models.BinaryField(primary_key=True, max_length=16)  # digest of what and who: no address stands in it
    name = models.CharField(max_length=40)  # of rates.py
    hits = models.PositiveIntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="tally_until")]

    def __str__(self) -> str:
        return f"{self.name}: {self.hits}"
