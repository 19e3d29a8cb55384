from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_releases'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('holder', models.CharField(max_length=32)),
                ('host', models.CharField(max_length=120)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
            ],
        ),
    ]
