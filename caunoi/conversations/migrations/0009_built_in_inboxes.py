"""Every installation takes what people bring themselves: the product's own forms, the counter, paper, the telephone."""

from django.db import migrations

BUILT_IN = {
    "web": "Cổng thông tin",
    "app": "Ứng dụng di động",
    "phone": "Tổng đài 1022",
    "counter": "Quầy tiếp dân",
    "paper": "Văn bản, thư tay",
}


def make(apps, schema_editor):
    inboxes = apps.get_model("conversations", "Inbox").objects
    for name, label in BUILT_IN.items():
        inboxes.get_or_create(name=name, defaults={"channel": name, "label": label})


class Migration(migrations.Migration):

    dependencies = [("conversations", "0008_outgoing_files")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop, elidable=False)]
