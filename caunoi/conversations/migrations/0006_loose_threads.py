from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # concurrently: the table is big and busy

    dependencies = [('conversations', '0005_threads')]

    operations = [
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(condition=models.Q(('loose', True)), fields=['-unread', '-latest', '-id'], name='conversation_loose'),
        ),
    ]
