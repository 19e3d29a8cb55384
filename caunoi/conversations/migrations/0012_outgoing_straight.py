from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # concurrently: the table is big and busy

    dependencies = [('conversations', '0011_who_calls_back')]

    operations = [
        AddIndexConcurrently(
            model_name='outgoing',
            index=models.Index(condition=models.Q(('conversation', None)), fields=['address', '-id'], name='outgoing_straight'),
        ),
    ]
