from caunoi.events.models import Event
from caunoi.jobs import queue
from caunoi.privacy import actions, queries
from caunoi.privacy.keeping import apply_terms
from caunoi.tickets.models import Ticket
from caunoi.transfers.queries import province

PAUSE = 30  # seconds


def carry_out(event: Event) -> None:
    """Do what was granted to a person about their data, in a job of its own: it may read the whole database. The word
    that it is granted goes out first, for afterwards nobody knows where to."""
    wait = PAUSE if queries.notice_waits(event.subject_id) else 0
    do.configure(schedule_in={"seconds": wait}).defer(pk=event.subject_id)


def take_erasure(event: Event) -> None:
    """Somebody asked a provider to have us erase them: a request as any other, whose proof is the provider's."""
    actions.ask_once(event.subject_id, event.data.get("code", ""))


def take_unknown_erasure(event: Event) -> None:
    """Somebody whom we do not know by the provider's name for them asked it: a person finds out who they are."""
    actions.ask_unknown(event.subject_id, event.data["code"])


def take_passed_on_erasure(event: Event) -> None:
    """Somebody whose report another province handed over has asked there to be erased."""
    ticket = Ticket.objects.filter(pk=event.subject_id).first()
    if ticket is not None:
        actions.ask_from(ticket, province(event.data["cell"]))


@queue.task(retry=8)
def do(pk: int) -> None:
    """Carry one request out, from where it stopped."""
    row = queries.request(pk)
    if row is not None:
        actions.carry_out(row)


@queue.every("10 19 * * *")  # 02:10 in Vietnam
def forget(timestamp: int) -> None:
    """Every night, delete what its term says, and the files whose time is over."""
    actions.drop_packages()
    actions.drop_strays()
    apply_terms()
