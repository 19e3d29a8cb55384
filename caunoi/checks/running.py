"""The checks of the running product: whether it does its work."""

from caunoi.checks import at_work, people, proof, seams, shared, stored
from caunoi.host.finding import Check, _

CHECKS: tuple[Check[()], ...] = tuple(
    Check(
        name=name,
        part="running",
        fine=fine,
        look=look,
        health=name
        in {
            "migrated",
            "release",
            "primary",
            "worker",
            "jobs",
            "queue",
            "events",
            "deadlines",
            "receipts",
            "outgoing",
            "inboxes",
            "bridge",
            "durable",
        },
    )
    for name, look, fine in (
        ("migrated", stored.migrated, _("The database is migrated.")),
        ("sight", stored.sight, _("The database watches what people may see.")),
        ("release", stored.release, _("This code may serve the database.")),
        ("primary", stored.primary, _("The database server writes.")),
        ("replicas", stored.replicas, _("The standbys that are read from keep up, or there are none.")),
        ("sessions", stored.sessions, _("Sessions are not cut off.")),
        ("rights", stored.rights, _("The rights in the database suffice.")),
        ("evidence", proof.evidence, _("The newest events are as they were sealed.")),
        ("witnesses", proof.witnessed, _("The public log has witnesses, and they sign.")),
        ("log_keys", proof.log_key, _("The public log goes on under its own key.")),
        ("durable", stored.durable, _("The database writes to disk what it acknowledges.")),
        ("connections", stored.connections, _("There are database connections left.")),
        ("worker", at_work.worker, _("The worker is at work.")),
        ("hosts", at_work.hosts, _("Whatever is at work gives signs of life and is of one release.")),
        ("jobs", at_work.jobs, _("What runs by the clock runs in time.")),
        ("queue", at_work.queue, _("No job is stuck.")),
        ("events", at_work.events, _("Events are followed at once.")),
        ("deadlines", at_work.deadlines, _("Deadlines are marked in time.")),
        ("reactions", at_work.reactions, _("Nothing has failed.")),
        ("receipts", at_work.receipts, _("What comes in is read at once.")),
        ("outgoing", at_work.outgoing, _("What goes out is sent at once.")),
        ("inboxes", at_work.inboxes, _("All channels work.")),
        ("transfers", seams.transfers, _("What is handed over between provinces is through.")),
        ("bridge", at_work.bridge, _("The exchange is linked, or there is none.")),
        ("editions", shared.editions, _("What a control plane shows was taken and decided on, or there is none.")),
        ("demo", people.demo, _("There are no accounts of the demo.")),
        (
            "programs",
            people.programs,
            _("Every program has a key of its own that expires, and somebody answers for it."),
        ),
        ("account_reviews", people.account_reviews, _("All accounts were reviewed in time.")),
        ("store", stored.store, _("The files' store takes files and gives them back.")),
        ("photos", stored.photos, _("The photos are in the store.")),
        ("alarms", people.alarms, _("No emergency rings without anybody having it.")),
        ("privacy", people.privacy, _("Nobody waits for an answer about their data beyond the law's time.")),
        ("confidential", people.confidential, _("What is reported in confidence is read in time.")),
        ("uploads", stored.uploads, _("Unfinished reports take little room.")),
        ("vault", proof.vault, _("What lies sealed opens, and no key is too old.")),
    )
)
