"""What decides, and which tests must notice when it decides otherwise. Files and names in them; empty: all of it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Area:
    name: str
    files: Mapping[str, tuple[str, ...]]
    tests: tuple[str, ...]


AREAS: Mapping[str, Area] = {
    area.name: area
    for area in (
        Area(
            name="lifecycle",
            files={"caunoi/tickets/lifecycle.py": ()},
            tests=(
                "tests/tickets/test_lifecycle.py",
                "tests/test_flow.py",
                "tests/test_docs.py::test_the_lifecycle_page_is_printed_from_the_table",
            ),
        ),
        Area(
            name="visibility",
            files={
                "caunoi/tickets/queries.py": (
                    "visible_to",
                    "closed_to",
                    "hidden_from",
                    "knows_reporter",
                    "find",
                    "of_id",
                    "sent_by",
                    "narrowed",
                    "listed",
                    "matching",
                    "among",
                    "counts",
                    "of_phone",
                    "earlier",
                    "notes",
                    "calls",
                    "of_calls",
                    "may_hear",
                    "suggestions",
                    "of_person",
                ),
                "caunoi/tickets/doors.py": (),
                "caunoi/events/visibility.py": (),
            },
            tests=(
                "tests/tickets/test_visibility.py",
                "tests/tickets/test_doors.py",
                "tests/web/test_restricted.py",
            ),
        ),
        Area(
            name="clocks",
            files={"caunoi/sla/clocks.py": (), "caunoi/sla/lateness.py": ()},
            tests=("tests/sla/test_clocks.py", "tests/sla/test_clocks_properties.py", "tests/sla/test_lateness.py"),
        ),
        Area(
            name="publication",
            files={
                "caunoi/publication/queries/door.py": (),
                "caunoi/publication/actions/register.py": (),
                "caunoi/publication/actions/reviews.py": (),
            },
            tests=(
                "tests/publication/test_register_actions.py",
                "tests/publication/test_reviews.py",
                "tests/publication/test_entries.py",
            ),
        ),
        Area(
            name="redaction",
            files={
                "caunoi/lib/privacy/redact.py": (),
                "caunoi/lib/privacy/marking.py": (),
                "caunoi/lib/privacy/spans.py": (),
                "caunoi/lib/privacy/doors.py": (),
                "caunoi/lib/privacy/names.py": (),
                "caunoi/lib/privacy/numbered.py": (),
                "caunoi/lib/privacy/profiles.py": (),
            },
            tests=("tests/lib/test_marking.py", "tests/lib/redact"),
        ),
        Area(
            name="tallies",
            files={"caunoi/tickets/tally.py": (), "caunoi/statistics/tallies.py": ()},
            tests=("tests/statistics/test_sums.py", "tests/tickets/test_tally.py", "tests/statistics/test_rollup.py"),
        ),
        Area(
            name="figures",
            files={
                "caunoi/statistics/measures.py": (),
                "caunoi/statistics/counting.py": (),
                "caunoi/statistics/counts.py": (),
                "caunoi/statistics/figures.py": (),
                "caunoi/statistics/scope.py": (),
            },
            tests=(
                "tests/statistics/test_measures.py",
                "tests/statistics/test_sums.py",
                "tests/ratings/test_secrecy.py",
            ),
        ),
        Area(
            name="calls",
            files={"caunoi/telephony/calls.py": (), "caunoi/telephony/legs.py": ()},
            tests=("tests/telephony/test_call_reducer.py", "tests/telephony/test_golden_calls.py"),
        ),
        Area(
            name="answers",
            files={"caunoi/answers/queries.py": (), "caunoi/answers/actions/replies.py": ()},
            tests=("tests/answers", "tests/routing/test_links.py", "tests/accounts/test_deputies.py"),
        ),
        Area(
            name="accounts",
            files={
                "caunoi/accounts/actions.py": (),
                "caunoi/accounts/attempts.py": (),
                "caunoi/accounts/deputies.py": (),
                "caunoi/accounts/invitations.py": (),
                "caunoi/accounts/models.py": (),
                "caunoi/accounts/queries.py": (),
                "caunoi/accounts/recovery.py": (),
                "caunoi/events/actor.py": (),
            },
            tests=("tests/accounts", "tests/web/test_sign_in.py"),
        ),
    )
}
