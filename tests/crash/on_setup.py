"""What administrators set up, and people do with their own accounts."""

from datetime import date, timedelta
from typing import Any

from django.utils.timezone import now

from caunoi.accounts import actions as accounts
from caunoi.accounts import deputies, factors, invitations, service_accounts
from caunoi.accounts.models import Key, ServiceAccount, User
from caunoi.answers.actions import citations
from caunoi.calls import actions as calls
from caunoi.cells import actions as cells
from caunoi.cells.models import Plane, PlaneEdition
from caunoi.confidential import custodians
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Inbox
from caunoi.directory import actions as directory
from caunoi.directory import assurances, outages
from caunoi.directory.models import Agency, Assurance, Category
from caunoi.events.actor import Actor, Role
from caunoi.privacy import keeping
from caunoi.procedures.actions import synonyms
from caunoi.reorganisation import actions as reorganisation
from caunoi.reports import actions as reports
from caunoi.reports import alerts, recalls
from caunoi.routing import rulebook
from caunoi.sla import actions as sla
from caunoi.sla.models import Target
from caunoi.sla.queries import steps_up
from caunoi.telephony.speaking import Act
from tests.crash.scenarios import Scenario, Town, sent_once

DAY = date(2027, 1, 4)


def person(town: Town) -> User:
    return accounts.add_person("mai", "Mai", Role.OPERATOR, by=town.quan, email="mai@example.org")


def off(town: Town) -> User:
    row = person(town)
    accounts.deactivate(row, by=town.quan)
    return row


def key(town: Town) -> Key:
    row, _ = accounts.new_key(Key.Use.OPEN311, "Báo cáo", by=town.quan)
    return row


def deputy(town: Town) -> Any:
    return deputies.name(town.users["hoa"], town.users["minh"], now(), now() + timedelta(days=3), by=town.quan)


def rule(town: Town) -> Any:
    return rulebook.add_rule(category=town.noise, agency=town.works, by=town.quan)


def target(town: Town) -> Target:
    return Target.objects.get(clock="handle", category=town.lamps)


def act_of(town: Town) -> Any:
    return reorganisation.draft("12/NQ", "Sáp nhập", DAY, by=town.quan)


def template(town: Town) -> Any:
    return citations.write_template("Đèn đường", "Chúng tôi đã nhận.", by=town.thu)


def outage(town: Town) -> Any:
    at = now() + timedelta(days=14)
    return outages.announce("zalo", at, at + timedelta(hours=2), "Bảo trì", by=town.quan)


def retired(town: Town) -> Any:
    directory.retire(town.noise, by=town.quan)
    return town.noise


def retire(row: Any, town: Town) -> Any:
    rulebook.retire_rule(row, by=town.quan)
    return row


def second(town: Town) -> Actor:
    """Another administrator, who agrees or does not."""
    rows = User.objects.filter(username="nga")
    row = rows.first() or accounts.add_person("nga", "Nga", Role.ADMIN, by=town.quan)
    rows.update(last_login=now())
    return row.as_actor()


def custodian(town: Town) -> Any:
    second(town)
    return custodians.name(town.users["lan"], "Thay người nghỉ.", by=town.quan)


def let_in(town: Town) -> Any:
    row = custodian(town)
    custodians.confirm(row, by=second(town))
    return row


def program(town: Town) -> ServiceAccount:
    return service_accounts.add(
        "Bảng số", Key.Use.API, owner=town.users["quan"], role=Role.LEADER, scopes=["measures"], by=town.quan
    )


def issued(town: Town) -> Key:
    """A key of a program, if a second administrator agrees."""
    second(town)
    until = now() + timedelta(days=30)
    service_accounts.issue(program(town), Key.Use.API, until, by=town.quan, reason="một mình")
    return Key.objects.get()


def stated(town: Town) -> Assurance:
    assurances.state("6.1", date(2026, 1, 5), "Phòng CNTT", "12/QĐ", by=town.quan)
    return Assurance.objects.get()


def cancelled(town: Town) -> Any:
    row = outage(town)
    outages.cancel(row, by=town.quan)
    return row


def ended(town: Town) -> Target:
    row = target(town)
    sla.retire_target(row, by=town.quan)
    return row


def rung(town: Town) -> str:
    """The code of a step that was added."""
    sla.add_rung("handle", "leader", minutes=30, by=town.quan)
    return next(step.code for step in steps_up() if (step.clock, step.to, step.minutes) == ("handle", "leader", 30))


def alert(town: Town) -> Any:
    return alerts.add_alert(name="Quá hạn", measure="received", threshold=5, roles=["supervisor"], by=town.quan)


def switched_off(town: Town) -> Any:
    row = alert(town)
    alerts.switch_off(row, by=town.quan)
    return row


def synonym(town: Town) -> Any:
    return synonyms.write_synonym("cccd", "căn cước công dân", by=town.quan)


def edition(town: Town) -> PlaneEdition:
    """Special days, as a control plane sent them."""
    return PlaneEdition.objects.create(
        plane=Plane.objects.create(key="k"),
        subject="holidays",
        number=1,
        issued=now(),
        document=b"",
        signature="",
        raw="day,kind,name\n2027-03-03,off,Nghỉ lễ\n2027-03-06,works,Làm bù\n".encode(),
    )


def brought_in(town: Town) -> PlaneEdition:
    row = edition(town)
    cells.bring_in(row, by=town.quan)
    return row


def day(town: Town) -> Any:
    return directory.set_day(DAY, False, note="Nghỉ", by=town.quan)


def menu(town: Town) -> Any:
    return calls.put_menu(Inbox.objects.get(name="phone"), "chinh", by=town.quan)


def choice(town: Town, row: Any) -> Any:
    return calls.put_choice(row, "1", Act.MESSAGE, "", "Để lại lời nhắn", by=town.quan)


def heard(town: Town) -> Any:
    prompt = calls.write_prompt("closed", "vi", "Đóng cửa.", by=town.quan)
    return prompt.versions.create(digest="ab" * 32, sound="prompts/none.wav", seconds=1, machine=True, by="quan")


SCENARIOS = [
    # --- people ---
    Scenario(
        name="a person is added",
        act=lambda t, _: person(t),
        look=lambda t, _: User.objects.filter(username="mai").exists(),
    ),
    Scenario(
        name="a person is edited",
        ready=person,
        act=lambda t, it: accounts.edit_person(it, full_name="Mai Anh", by=t.quan),
    ),
    Scenario(name="a person is deactivated", ready=person, act=lambda t, it: accounts.deactivate(it, by=t.quan)),
    Scenario(name="a person is activated", ready=off, act=lambda t, it: accounts.activate(it, by=t.quan)),
    Scenario(name="a person is removed", ready=person, act=lambda t, it: accounts.remove_person(it, by=t.quan)),
    Scenario(name="a key is made", act=lambda t, _: key(t), look=lambda t, _: Key.objects.exists()),
    Scenario(name="a key is revoked", ready=key, act=lambda t, it: accounts.revoke_key(it, by=t.quan)),
    Scenario(name="a deputy is named", act=sent_once("quan", lambda t, _: deputy(t))),
    Scenario(name="a deputy is one no more", ready=deputy, act=lambda t, it: deputies.end(it, by=t.quan)),
    Scenario(
        name="a custodian is named",
        act=sent_once("quan", lambda t, _: custodians.name(t.users["lan"], "Thay người nghỉ.", by=t.quan)),
    ),
    Scenario(
        name="an administrator asks for new factors",
        act=lambda t, _: factors.ask_reset(t.users["lan"], by=t.quan),
    ),
    Scenario(
        name="new factors are not wanted after all",
        ready=lambda t: factors.ask_reset(t.users["lan"], by=t.quan),
        act=lambda t, _: factors.drop_reset(t.users["lan"], by=t.quan),
    ),
    Scenario(
        name="it is stated who answers for a requirement",
        act=sent_once("quan", lambda t, _: assurances.state("6.1", date(2026, 1, 5), "Phòng CNTT", "12/QĐ", by=t.quan)),
    ),
    Scenario(name="what was stated is withdrawn", ready=stated, act=lambda t, it: assurances.withdraw(it, by=t.quan)),
    Scenario(
        name="somebody is invited",
        ready=person,
        act=sent_once("quan", lambda t, it: invitations.invite(it, by=t.quan)),
    ),
    Scenario(
        name="a second administrator agrees to new factors",
        ready=lambda t: (second(t), factors.ask_reset(t.users["lan"], by=t.quan)),
        act=lambda t, it: factors.agree_reset(t.users["lan"], by=it[0]),
    ),
    Scenario(
        name="a second administrator lets a custodian in",
        ready=custodian,
        act=lambda t, it: custodians.confirm(it, by=second(t)),
    ),
    Scenario(name="a custodian is one no more", ready=let_in, act=lambda t, it: custodians.end(it, by=t.quan)),
    Scenario(
        name="a program gets an account",
        act=lambda t, _: program(t),
        look=lambda t, _: ServiceAccount.objects.exists(),
    ),
    Scenario(
        name="a program gets a key",
        ready=program,
        act=lambda t, it: service_accounts.issue(
            it, Key.Use.API, now() + timedelta(days=30), by=t.quan, reason="một mình"
        ),
        look=lambda t, it: it.keys.exists(),
    ),
    Scenario(
        name="a second administrator approves a key",
        ready=issued,
        act=lambda t, it: service_accounts.approve(it, by=second(t)),
    ),
    Scenario(
        name="somebody else answers for a program",
        ready=program,
        act=lambda t, it: service_accounts.hand_to(it, t.users["tam"], by=t.quan),
    ),
    # --- directory ---
    Scenario(name="an option is set", act=lambda t, _: directory.set_option("photo_limit", 4, by=t.quan)),
    Scenario(
        name="a text is written",
        act=sent_once("quan", lambda t, _: directory.write_text("consent", "Tôi đồng ý với điều này.", by=t.quan)),
    ),
    Scenario(
        name="a category is added",
        act=lambda t, _: directory.add_category("trees", name="Cây xanh", group="Hạ tầng", by=t.quan),
        look=lambda t, _: has("trees"),
    ),
    Scenario(name="a category is edited", act=lambda t, _: directory.edit_category(t.noise, name="Ồn ào", by=t.quan)),
    Scenario(name="a category is retired", act=lambda t, _: directory.retire(t.noise, by=t.quan)),
    Scenario(name="a category is restored", ready=retired, act=lambda t, it: directory.restore(it, by=t.quan)),
    Scenario(
        name="an agency is added",
        act=lambda t, _: directory.add_agency("nuoc", name="Công ty Cấp nước", kind="utility", by=t.quan),
        look=lambda t, _: has_agency("nuoc"),
    ),
    Scenario(name="an agency is edited", act=lambda t, _: directory.edit_agency(t.power, name="Điện lực", by=t.quan)),
    Scenario(
        name="an agency is removed",
        ready=lambda t: t.power,
        act=lambda t, it: directory.remove_agency(it, by=t.quan),
    ),
    Scenario(
        name="a calendar is saved",
        act=lambda t, _: directory.save_calendar("office", "Giờ hành chính", {"0": [["07:30", "11:30"]]}, by=t.quan),
    ),
    Scenario(name="a day is set", act=sent_once("quan", lambda t, _: day(t))),
    Scenario(name="a day is no special one any more", ready=day, act=lambda t, it: directory.remove_day(it, by=t.quan)),
    Scenario(name="an outage is announced", act=sent_once("quan", lambda t, _: outage(t))),
    Scenario(name="an outage is cancelled", ready=outage, act=lambda t, it: outages.cancel(it, by=t.quan)),
    Scenario(
        name="an outage is edited", ready=outage, act=lambda t, it: outages.edit(it, reason="Thay máy", by=t.quan)
    ),
    Scenario(name="a cancelled outage is on again", ready=cancelled, act=lambda t, it: outages.restore(it, by=t.quan)),
    Scenario(name="a shared edition is brought in", ready=edition, act=lambda t, it: cells.bring_in(it, by=t.quan)),
    Scenario(name="a shared edition is dropped", ready=edition, act=lambda t, it: cells.drop(it, by=t.quan)),
    Scenario(name="a shared edition is undone", ready=brought_in, act=lambda t, it: cells.undo(it, by=t.quan)),
    # --- rules and targets ---
    Scenario(name="a rule is added", act=sent_once("quan", lambda t, _: rule(t))),
    Scenario(name="a rule is edited", ready=rule, act=lambda t, it: rulebook.edit_rule(it, agency=t.power, by=t.quan)),
    Scenario(name="a rule is retired", ready=rule, act=lambda t, it: rulebook.retire_rule(it, by=t.quan)),
    Scenario(
        name="a target is added",
        act=sent_once(
            "quan", lambda t, _: sla.add_target(clock="handle", category=t.noise, days=3, calendar="office", by=t.quan)
        ),
    ),
    Scenario(
        name="a target is changed",
        ready=target,
        act=sent_once("quan", lambda t, it: sla.change_target(it, days=4, minutes=None, calendar="office", by=t.quan)),
    ),
    Scenario(name="a target is retired", ready=target, act=lambda t, it: sla.retire_target(it, by=t.quan)),
    Scenario(
        name="a rung is added",
        act=sent_once("quan", lambda t, _: sla.add_rung("handle", "leader", minutes=30, by=t.quan)),
    ),
    Scenario(
        name="a retired rule is restored",
        ready=lambda t: retire(rule(t), t),
        act=lambda t, it: rulebook.restore_rule(it, by=t.quan),
    ),
    Scenario(
        name="a retired target is restored",
        ready=ended,
        act=sent_once("quan", lambda t, it: sla.restore_target(it, by=t.quan)),
    ),
    Scenario(name="a rung is removed", ready=rung, act=sent_once("quan", lambda t, it: sla.remove_rung(it, by=t.quan))),
    Scenario(
        name="it is decided how long data is kept",
        act=lambda t, _: keeping.set_term("identities", days=2000, source="12/QĐ", active=True, by=t.quan),
    ),
    # --- channels ---
    Scenario(
        name="an inbox is added",
        act=lambda t, _: conversations.add_inbox("quay2", "counter", "Quầy 2", config={}, secrets={}, by=t.quan),
        look=lambda t, _: Inbox.objects.filter(name="quay2").exists(),
    ),
    Scenario(
        name="an inbox is edited",
        act=lambda t, _: conversations.edit_inbox(Inbox.objects.get(name="zalo"), label="Zalo OA", by=t.quan),
    ),
    Scenario(
        name="an inbox is switched off",
        act=lambda t, _: conversations.switch_inbox(Inbox.objects.get(name="zalo"), False, by=t.quan),
    ),
    Scenario(
        name="the exchange and its phones get their passwords",
        act=lambda t, _: calls.make_passwords(Inbox.objects.get(name="zalo"), by=t.quan),
    ),
    # --- what callers hear ---
    Scenario(name="a menu is added", act=lambda t, _: menu(t)),
    Scenario(name="a menu is taken away", ready=menu, act=lambda t, it: calls.drop_menu(it, by=t.quan)),
    Scenario(
        name="a menu that was taken away is there again",
        ready=lambda t: calls.drop_menu(menu(t), by=t.quan),
        act=lambda t, it: calls.restore_menu(Inbox.objects.get(name="phone"), it, by=t.quan),
    ),
    Scenario(name="a key of a menu is set", ready=menu, act=lambda t, it: choice(t, it)),
    Scenario(
        name="a key of a menu is taken away",
        ready=lambda t: choice(t, menu(t)),
        act=lambda t, it: calls.drop_choice(it, by=t.quan),
    ),
    Scenario(
        name="an announcement is written", act=lambda t, _: calls.write_prompt("closed", "vi", "Đóng.", by=t.quan)
    ),
    Scenario(
        name="an older announcement is heard again", ready=heard, act=lambda t, it: calls.play_again(it, by=t.quan)
    ),
    Scenario(
        name="callers hear no more of an incident",
        ready=lambda t: heard(t).prompt.notices.create(until=now() + timedelta(hours=1), by="quan"),
        act=lambda t, it: calls.end_notice(it, by=t.quan),
    ),
    Scenario(
        name="callers hear of an incident again",
        ready=lambda t: heard(t).prompt.notices.create(until=now() - timedelta(minutes=1), by="quan"),
        act=lambda t, it: calls.resume_notice(it, now() + timedelta(hours=1), by=t.quan),
    ),
    Scenario(
        name="a result of calls is added",
        act=lambda t, _: calls.put_result("tra", "Đã tra cứu", "Looked it up", by=t.quan),
    ),
    # --- words ---
    Scenario(name="an answer is written beforehand", act=sent_once("quan", lambda t, _: template(t))),
    Scenario(
        name="an answer written beforehand is put away",
        ready=template,
        act=lambda t, it: citations.set_template(it, active=False, by=t.thu),
    ),
    Scenario(
        name="a synonym is written",
        act=sent_once("quan", lambda t, _: synonym(t)),
    ),
    Scenario(
        name="a synonym is edited",
        ready=synonym,
        act=lambda t, it: synonyms.edit_synonym(it, meaning="thẻ căn cước", by=t.quan),
    ),
    Scenario(name="a synonym is withdrawn", ready=synonym, act=lambda t, it: synonyms.withdraw_synonym(it, by=t.quan)),
    # --- witnesses ---
    Scenario(
        name="an alert is set",
        act=sent_once("quan", lambda t, _: alert(t)),
    ),
    Scenario(name="an alert is edited", ready=alert, act=lambda t, it: alerts.edit_alert(it, threshold=9, by=t.quan)),
    Scenario(name="an alert is switched off", ready=alert, act=lambda t, it: alerts.switch_off(it, by=t.quan)),
    Scenario(
        name="an alert is switched on again",
        ready=switched_off,
        act=lambda t, it: alerts.switch_on(it, by=t.quan),
    ),
    # --- reorganisation ---
    Scenario(name="an act of reorganisation is drafted", act=sent_once("quan", lambda t, _: act_of(t))),
    Scenario(
        name="an act of reorganisation is dropped", ready=act_of, act=lambda t, it: reorganisation.drop(it, by=t.quan)
    ),
    # --- reports ---
    Scenario(
        name="a report is drafted", act=sent_once("quan", lambda t, _: reports.draft("month", "2026-10", by=t.tam))
    ),
    Scenario(
        name="the numbers of reports go on from the book on paper",
        act=lambda t, _: recalls.begin_at("BC", 2026, 41, by=t.quan),
    ),
]


def has(code: str) -> bool:
    return Category.objects.filter(code=code).exists()


def has_agency(code: str) -> bool:
    return Agency.objects.filter(code=code).exists()
