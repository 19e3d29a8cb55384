"""A person erased everywhere: stage by stage, each in a transaction of its own, the people themselves last, so that
what was interrupted goes on where it stopped."""

from collections.abc import Callable, Mapping
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from caunoi.answers import erasure as answers
from caunoi.calls.actions import erase_calls
from caunoi.confidential import erasure as confidential
from caunoi.conversations.actions import erase_person, forget_people, identity_of
from caunoi.directives import erasure as directives
from caunoi.drafts import erasure as drafts
from caunoi.events.actor import Actor
from caunoi.followers import erasure as followers
from caunoi.imports import erasure as imports
from caunoi.lib.privacy.identity import Identity
from caunoi.notifications import erasure as notifications
from caunoi.privacy import queries
from caunoi.privacy.models import DataRequest
from caunoi.privacy.queries import Subject
from caunoi.publication.actions import erase_publications
from caunoi.quality import erasure as quality
from caunoi.ratings import erasure as ratings
from caunoi.routing import erasure as routing
from caunoi.tickets import erasure as tickets
from caunoi.transfers import erasure as transfers

type Counts = Mapping[str, int]

NOTE = "Gỡ bỏ theo yêu cầu xóa dữ liệu cá nhân của người gửi."
"""The public reason; in Vietnamese, as all words of the register are."""
LEFT, PEOPLE = "left", "conversations"


def _drafts(person: Subject, by: Actor) -> Counts:
    about = [f"ticket-{pk}" for pk in person.tickets] + [f"thread-{pk}" for pk in person.threads]
    return drafts.erase(about, person.identity)


STAGES: Mapping[str, Callable[[Subject, Actor], Counts]] = {
    "confidential": lambda person, by: confidential.ask(person.tickets, person.identity),
    "imports": lambda person, by: imports.erase(person.tickets, person.identity),
    "quality": lambda person, by: quality.erase(person.tickets, person.calls, person.identity),
    "followers": lambda person, by: followers.erase(person.contacts, person.identity.emails),
    "notifications": lambda person, by: notifications.erase(person.tickets),
    "ratings": lambda person, by: ratings.erase(person.tickets),
    "publication": lambda person, by: erase_publications(person.tickets, NOTE),
    "directives": lambda person, by: directives.erase(person.tickets, person.identity),
    "answers": lambda person, by: answers.erase(person.tickets, person.identity),
    "routing": lambda person, by: routing.erase(person.tickets, person.identity),
    "transfers": lambda person, by: transfers.erase(person.tickets),
    "tickets": lambda person, by: tickets.erase(person.tickets, person.identity, by=by),
    "calls": lambda person, by: erase_calls(person.calls, person.phones, person.identity),
    "drafts": _drafts,
    PEOPLE: lambda person, by: erase_person(person.contacts, person.identity, proved=person.phones),
}
"""What each stage does, the latest on the way first."""


def subject_of(row: DataRequest) -> Subject:
    """The person whom a request is about, with all that is theirs now. Whoever asked may have given anybody's name and
    address: the name is struck out of the person's own rows, the address counts where it is a contact's."""
    identity = identity_of(row.contacts, row.phones, [row.name], row.marks)
    return queries.subject(row.contacts, row.phones, identity)


def erase(row: DataRequest, *, by: Actor) -> DataRequest:
    """Erase the person of a request, from the stage on at which it stopped. `progress` is then the certificate: rows by
    stage and table, and under `left` where something of theirs alone still stands."""
    person = subject_of(row)
    for stage, step in STAGES.items():
        with transaction.atomic():
            row.refresh_from_db(from_queryset=DataRequest.objects.select_for_update())  # two jobs take turns
            if stage in row.progress:
                continue
            row.progress[stage] = {table: count for table, count in step(person, by).items() if count}
            if stage == PEOPLE:
                _forget_requests(row, person)
                row.progress[LEFT] = queries.traces(person.identity)
            row.save(update_fields=["progress"])
    return row


def _forget_requests(row: DataRequest, person: Subject) -> None:
    """What this and earlier requests of theirs hold about them."""
    rows = DataRequest.objects.filter(contacts__overlap=list(person.contacts)) | DataRequest.objects.filter(pk=row.pk)
    for name in rows.exclude(package="").values_list("package", flat=True):
        transaction.on_commit(partial(default_storage.delete, name))
    rows.update(name="", reach="", text="", key="", phones=[], marks=[], package="", package_until=None)
    row.name, row.reach, row.text, row.phones, row.marks, row.package = "", "", "", [], [], ""
    row.package_until = None


def forget_identity(person: Subject, *, by: Actor) -> None:
    """Forget who somebody is and keep what it was about: their words without them, the place, the photos, the public
    text. Only their own rows are looked at, so that it can be done to thousands in a night."""
    own = Identity(names=person.identity.names, emails=person.identity.emails, phones=person.identity.phones)
    with transaction.atomic():
        tickets.erase(person.tickets, own, by=by, wholly=False)
        notifications.erase(person.tickets)
        erase_calls(person.calls, (), own)
        forget_people(person.contacts, own)
