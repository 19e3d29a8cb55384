"""Whatever names an agency or a commune is moved by an act, or is history: a new column makes somebody decide.

Proves: Every column that names an agency or commune is moved or declared history"""

from django.apps import apps

from caunoi.directory.models import Agency, Area

MOVES = {
    "User.agency",
    "User.area",
    "ServiceAccount.agency",
    "ServiceAccount.area",
    "Agency.area",
    "Agency.parent",
    "Area.parent",
    "Ticket.agency",
    "Ticket.area",
    "Participant.agency",
    "Handover.agency",
    "Rule.agency",
    "Rule.area",
    "Target.agency",
    "Deadline.agency",
    "Directive.agency",
    "Note.area",
}
HISTORY = {
    "Ticket.area_then": "where it was",
    "Handover.source": "who handed it over",
    "Opening.agency": "who opened an identity",
    "Escalation.agency": "whose lateness was told",
    "Answer.agency": "who answered",
    "Rating.agency": "whose answer was graded",
    "Invitation.agency": "whose answer is asked about",
    "Batch.agency": "whose grades were put together",
    "Refutation.agency": "whose answer was refuted",
    "Notification.agency": "who was told",
    "Entry.agency": "follows the ticket by publication.tasks.refile",
    "Entry.area": "",
    "Sight.area": "Ticket.area once more: a view",
    "AreaSuccession.old": "what followed what",
    "AreaSuccession.new": "",
    "FormerName.agency": "what it was called",
    "AgencySuccession.old": "what followed what",
    "AgencySuccession.new": "",
}


def test_every_column_that_names_a_unit_is_moved_or_history():
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model in (Agency, Area)
    }
    assert not found - MOVES - set(HISTORY)
