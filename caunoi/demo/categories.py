"""Who acts in the demo province where it differs from the kit: the north has waterworks of its own."""

from caunoi.directory.models import Agency, Area, Category
from caunoi.routing.models import Rule
from caunoi.starter import actions as starter

NORTH_WATER = ("25195", "25210", "25217", "25220", "25270", "25326", "25333", "25357", "25363", "25432", "25441")


def build() -> None:
    """Create what is missing; another call changes nothing."""
    starter.fields()
    fresh = not Rule.objects.exists()
    starter.rules()
    starter.targets()
    if fresh:
        water, waterworks = Category.objects.get(code="water"), Agency.objects.get(code="capnuocbp")
        Rule.objects.bulk_create(
            Rule(category=water, area=area, agency=waterworks, order=500)
            for area in Area.objects.filter(code__in=NORTH_WATER, valid_to=None).order_by("code")
        )
