from django.db import models


class Attachment(models.Model):
    """A picture that was checked and re-encoded: no EXIF, no GPS, no surprises. `name` is a random path, never
    reused."""

    name = models.CharField(max_length=80, unique=True)  # path below MEDIA_ROOT, without size and ending
    digest = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes
    created = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=150, blank=True)
    by_user = models.BigIntegerField(null=True, blank=True)  # the person; none: a citizen, a program, an older row

    def __str__(self) -> str:
        return self.name
