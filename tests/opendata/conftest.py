import pytest

from caunoi.events.actor import citizen
from caunoi.publication import actions as publication
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME, settings.MEDIA_ROOT = tmp_path / "home", tmp_path / "home/files"
    return settings.HOME


@pytest.fixture
def report(town):
    """A citizen's report, accepted; `lamps` are published at once."""

    def make(text, category="lamps", **given):
        who = Reporter(name="Nguyễn Văn Demo", phone="+84912345678")
        category = getattr(town, category)
        written = Report(text=text, channel="web", once=text, reporter=who, area_id=town.ward.pk, **given)
        ticket = tickets.take(written, by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=category)
        publication.propose(ticket)
        return ticket

    return make
