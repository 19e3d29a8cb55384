from django.http import HttpRequest

from caunoi.events.actor import NOBODY, Actor


def actor(request: HttpRequest) -> Actor:
    """Who asks: the signed-in member of staff, or nobody yet."""
    user = request.user
    return user.as_actor() if user.is_authenticated else NOBODY
