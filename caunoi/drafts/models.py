from django.conf import settings
from django.db import models
from django.utils.timezone import now


class Draft(models.Model):
    """What one person has typed into one form and not sent yet. Nobody else reads it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts", db_index=False)
    about = models.CharField(max_length=60)  # ticket-12, thread-7, entry
    form = models.CharField(max_length=40)  # answer, say, remark …
    fields = models.JSONField(default=dict)  # {name: value, or a list of values}
    at = models.DateTimeField(default=now)
    window = models.CharField(max_length=20, default="")  # of the browser in which it was written last

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "about", "form"], name="one_draft_a_form")]
        indexes = [models.Index(fields=["about"], name="draft_about"), models.Index(fields=["at"], name="draft_at")]

    def __str__(self) -> str:
        return f"{self.about}/{self.form} of {self.user_id}"


class Sending(models.Model):
    """A form that was sent and done: the same one again does nothing, and leads to where the first did."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    once = models.CharField(max_length=40)
    led_to = models.TextField(blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "once"], name="each_form_sent_once")]
        indexes = [models.Index(fields=["at"], name="sending_at")]

    def __str__(self) -> str:
        return f"{self.once} of {self.user_id}"
