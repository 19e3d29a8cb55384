"""What an installation says of itself to the control plane and to other cells: public, and nothing of a citizen."""

from django.http import HttpRequest, JsonResponse

from caunoi import __version__
from caunoi.cells import queries
from caunoi.directory.queries import option, province_code
from caunoi.lib import cells


def show(request: HttpRequest) -> JsonResponse:
    """`upgraded`: since when this release has been at work; `catalogue` and `editions`: the numbers that we hold."""
    plane = queries.plane()
    return JsonResponse(
        {
            "format": cells.FORMAT,
            "code": province_code(),
            "name": str(option("hotline_name")),
            "place": str(option("place")),
            "key": cells.key_text(queries.newest_key()),
            "version": __version__,
            "upgraded": cells.moment(queries.upgraded()),
            "catalogue": plane.number if plane else 0,
            "editions": queries.newest_numbers(plane) if plane else {},
        },
        json_dumps_params={"ensure_ascii": False},
    )
