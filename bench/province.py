"""Fill the bench's database: the demo province, the app's inbox and key, and tickets where SIZE is given."""

import os

from caunoi.cli import product  # noqa: F401  before the stages

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.conversations.actions import make_inbox
from caunoi.demo import province
from caunoi.events.actor import SYSTEM
from caunoi.tickets.lifecycle import Channel

KEY = "demo-open311"

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
    province.build(province.outline_file())
    for channel in Channel:
        make_inbox(channel, channel)
    issue_key(Key.Use.OPEN311, "bench", by=SYSTEM, secret=KEY)
