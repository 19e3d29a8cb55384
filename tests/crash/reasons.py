"""Why a public action has no scenario of its own. What is not there yet says so."""

_OF = {
    "writes nothing": """
        bi.actions: grants readers script there
        calls.actions.absorbing: leg_names
        calls.actions.recordings: kind_of read_recording
        calls.actions.speaking: preview sound_of
        conversations.actions.drafts: owns_draft
        conversations.actions.enclosures: pictures
        conversations.actions.erasing: identity_of
        conversations.actions.hearing: by_external_id
        conversations.actions.inboxes: readable
        conversations.actions.outgoing: outbound outlook whole
        conversations.actions.patience: patience pause
        conversations.actions.posting: enclosed
        directory.actions: compare_areas
        files.actions: check
        imports.actions.files: digest local
        imports.actions.lists: counts heading
        imports.actions.tickets: ground touched
        limits.actions: peek take_alone
        privacy.actions.asking: is_reachable
        privacy.actions.breaches: people standing
        privacy.actions.erasing: subject_of
        privacy.actions.packaging: page
        procedures.actions.undoing: alone digests marks
        publication.actions.blurs: painted
        publication.actions.log: check verify verify_keys
        publication.actions.log_keys: changes current is_signed made path public_key term_of
        publication.actions.log_rotation: is_writable
        publication.actions.reviews:
        publication.actions.witnesses: as_json fingerprint key_ids verify
        publication.readings: done
        reorganisation.actions: counts
        reports.actions: check material papers
        starter.actions: committee_code
        store.actions: alone
        vault.actions: blind_fields doubled fields_of older_at_work sealed_by sealed_fields stale unsealed waited_for
    """,
    "tells open screens, which ask again; nothing is stored": """
        calls.actions.telling: tell_callback tell_dial
        notifications.actions: announce_all announce_health announce_writing
    """,
    "counts tries in autocommit; a try too many or too few is no harm": """
        limits.actions: add forget sweep take take_share
        transfers.actions.arriving: reject
    """,
    "of a task by the clock, whose worker is killed at each statement in tests/jobs/test_killed_processes.py": """
        calls.actions.absorbing: lose_forgotten seal_legs
        calls.actions.gaps: fill_gaps fill_in note_places
        confidential.actions: take_in_all
        conversations.actions.blobs: seal_files
        conversations.actions.dispatching: recover
        conversations.actions.drafts: forget_drafts
        conversations.actions.inboxes: renew renew_tokens
        conversations.actions.saying: mask_older
        directives.actions: sweep
        drafts.actions: forget forget_old
        files.actions: forget_orphans forget_strays remove trim_orphans
        followers.actions: forget_unconfirmed
        imports.actions.batches: forget_old
        imports.actions.files: forget
        opendata.actions: build export issue
        privacy.actions.asking: drop_packages
        privacy.actions.packaging: drop_strays
        procedures.actions.versions: come_into_force
        publication.actions.entries: fold sweep
        publication.actions.log: state_missing state_seal
        publication.actions.witnesses: send_all
        reorganisation.actions: carry_out remind
        vault.actions: seal_older tidy
    """,
    "of the bridge, which is killed at each statement in tests/calls/test_bridge_killed.py": """
        calls.actions.absorbing: lose
        calls.actions.browser_phones: close_forsaken phone_failed phone_known
        calls.actions.controlling: command_done command_failed take_commands
        calls.actions.dialling: dial_failed dial_sent take_dials
        calls.actions.gaps: close_gap open_gap
        calls.actions.links: alive down serve up
        calls.actions.presence: attend echo_presence end_after_calls miss_ring note_reach
    """,
    "of the rehearsal, which is killed in tests/starter/test_rehearsal.py": """
        starter.rehearsal: rehearse
    """,
    "no scenario yet: talks to a provider or to the store between its statements": """
        answers.assist: draft summarise
        cells.actions: fetch
        calls.actions.after_call: empty_mailbox
        calls.actions.recordings: exported give_back keep_recording listened shut
        calls.actions.speaking: begin_notice record_prompt refresh_prompts sounds speak_prompt
        conversations.actions.blobs: place store
        conversations.actions.dispatching: dispatch
        conversations.actions.enclosures: claim_enclosures fetch
        conversations.actions.inboxes: hand_over in_trouble send_renewed try_inbox well
        conversations.actions.mailing: mail_all
        conversations.actions.outgoing: bounce end other_way
        conversations.actions.polling: keep_parcel poll_all poll_inbox
        conversations.actions.posting: post
        files.actions: paint store
        quality.actions: transcribe write_down
        reports.actions: at failed prepare seal store
        store.actions: check move
        transfers.actions.sending: send_all
    """,
    "no scenario yet: an import, in steps that a person starts again": """
        imports.actions: bring_in look undo
        imports.actions.batches: begin drop failed open_batch read_as set_to upload
        imports.actions.files: keep
        imports.actions.lists: bring_in look note undo
        imports.actions.tickets: bring_in look undo
        procedures.actions.imports: begin bring_in drop look upload
        procedures.actions.undoing: begin_undo undo_import
        starter.actions: agencies areas committees fields install rules targets
        starter.first_run: set_up
    """,
    "no scenario yet: a person struck out of every table": """
        calls.actions.erasing: drop_recordings erase_calls
        conversations.actions.erasing: blank_receipts erase_person forget_people
        events.actions: erase
        privacy.actions.asking: answer ask_once ask_unknown carry_out finish grant identify
        privacy.actions.erasing: erase forget_identity
        privacy.actions.packaging: pack
        publication.actions.erasing: erase_publications
        publication.actions.log: erase
        tickets.erasure: erase
    """,
    "no scenario yet: an act of reorganisation": """
        accounts.succession: succeed
        directives.succession: succeed
        directory.succession: succeed
        procedures.succession: succeed
        reorganisation.actions: add choose edit remove schedule unschedule
        reorganisation.drafting: add_with_offices from_list
        routing.succession: succeed
        sla.succession: succeed
        tickets.succession: succeed
    """,
    "between the store and the database: killed at each of its steps by tests/spool": """
        spool.actions: forget_notes keep number number_all put_back
    """,
    "no scenario yet: keys and roles": """
        bi.actions: admit drop expel make
        publication.actions.log_rotation: rotate
        vault.actions: make_keys reseal rotate
        vault.rotation: rotate
    """,
    "no scenario yet": """
        accounts.actions: choose_password hand_password issue_key rescue_administrator
        accounts.disuse: review
        accounts.factors: hand_password rescue_factors
        accounts.sessions: finish
        answers.actions.citations: compare_anew settle
        answers.actions.recall: call_back
        calls.actions.browser_phones: close_phone keep_phone keep_quality open_phone
        calls.actions.calling_back: settle
        calls.actions.controlling: ask_command
        calls.actions.dialling: ask_dial
        calls.actions.presence: acknowledge miss_unattended sign_off
        confidential.actions: add_later take_in take_in_recording write
        conversations.actions.drafts: copy_draft end_draft save_draft
        conversations.actions.inboxes: make_inbox switch_off switch_on
        conversations.actions.reading: read_again
        conversations.actions.receipts: rows
        conversations.actions.threads: ask_what
        conversations.actions.tracing: trace
        directory.actions: save_agencies save_areas save_province
        events.actions: dismiss record_download try_now
        files.actions: remove_unused
        followers.actions: confirm follow_in_chat leave_chat
        notifications.enrolment: invite invite_all
        procedures.actions.notes: set_note write_note
        procedures.actions.questions: picked record_question
        procedures.actions.versions: add_versions describe note_turns put_back retire save turn unretire
        publication.actions.blurs: blur unblur
        publication.actions.reviews: mark
        publication.actions.witnesses: add switch witness
        quality.actions: agree
        reports.actions: drop edit issue refresh replace restore write_form
        reports.recalls: recall
        tickets.correspondence: join reply split
        tickets.proofs: read_out
        tickets.showings: show_contacts show_ticket
        vault.actions: drop_retired rewrap
    """,
}

REASONS = {
    f"{module}.{name}": why
    for why, lines in _OF.items()
    for module, _, names in (line.strip().partition(": ") for line in lines.strip().splitlines())
    for name in names.split()
}
