from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # concurrently: these tables are big and busy

    dependencies = [('conversations', '0002_channels')]

    operations = [
        AddIndexConcurrently(
            model_name='contact',
            index=models.Index(condition=models.Q(('principal__isnull', False)), fields=['principal'], name='contact_principal'),
        ),
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(condition=models.Q(('external_id', ''), _negated=True), fields=['external_id'], name='message_external'),
        ),
        AddIndexConcurrently(
            model_name='receipt',
            index=models.Index(fields=['inbox', '-id'], name='receipt_inbox'),
        ),
    ]
