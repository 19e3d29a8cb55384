"""Twice in a row: what is typed is kept over a reload and leaves nothing on the machine, what was sent is not in the
next form, and what is sent twice is done once.

Proves: every form of the staff is kept over a reload and gone from the machine; what is sent three times is done
once (twice in a row)"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from stage import Person, Product, wait_until
from walk import STARTS, reached

pytestmark = pytest.mark.long(minutes=7)

People = Callable[..., Person]
STAFF = [name for name in STARTS if name]
CODE = re.compile(r"\d\d-\d{6}-\d")

KEPT = """() => [...document.querySelectorAll('main form:has(input[name=draft]), main input[name=draft][form]')]
  .map((e) => e.form ?? e)
  .map((form) => [form.querySelector('input[name=draft]').dataset.form,
    [...form.elements].find((e) => e.matches('textarea, input[type=text], input:not([type])')
      && e.name && e.name !== 'code' && !e.readOnly && !e.disabled)?.name])
  .filter(([, name]) => name)"""
"""[[the form's own name, its first field of words]] of the forms whose words the server keeps."""
FIELD = """([form, name]) => document.querySelector(`input[name=draft][data-form="${form}"]`)?.form?.elements[name]"""
THRICE = """async (form) => {
  const f = document.querySelector(form), body = () => new FormData(f);
  const once = () => fetch(f.action, {method: 'POST', body: body()}).then((r) => [r.status, r.url]);
  return [...await Promise.all([once(), once()]), await once()];
}"""


def typed(page: Page, form: str, name: str, words: str) -> None:
    """Types into a field, wherever it is folded away, and waits until the server has it."""
    with page.expect_response(lambda r: r.url.endswith("/drafts") and words in (r.request.post_data or "")):
        page.evaluate_handle(FIELD, [form, name]).evaluate(
            """(field, words) => {
              for (let e = field.closest('details'); e; e = e.parentElement.closest('details')) e.open = true;
              field.focus(); field.value = words; field.dispatchEvent(new Event('input', {bubbles: true}));
            }""",
            words,
        )


def value(page: Page, form: str, name: str) -> str | None:
    return page.evaluate_handle(FIELD, [form, name]).evaluate("field => field?.value ?? null")


@pytest.mark.parametrize("name", STAFF)
def test_what_the_staff_type_is_kept_over_a_reload_and_gone_from_the_machine(
    demo: Product, person: People, name: str
) -> None:
    somebody = person(demo, name)
    page = somebody.page
    lost: dict[str, Any] = {}
    tried, met = 0, set()
    for path in reached(somebody, STARTS[name]).values():
        somebody.at(path)
        forms = [pair for pair in page.evaluate(KEPT) if re.sub(r"\d+", "n", "".join(pair)) not in met]
        met |= {re.sub(r"\d+", "n", "".join(pair)) for pair in forms}
        words = {(form, field): f"Tôi đang viết dở {tried + at}" for at, (form, field) in enumerate(forms)}
        tried += len(forms)
        for (form, field), said in words.items():
            typed(page, form, field, said)
        if not words:
            continue
        page.reload()
        for (form, field), said in words.items():
            try:
                wait_until(lambda f=form, n=field, w=said: (page.wait_for_timeout(1), value(page, f, n) == w)[1], 5)
            except AssertionError:
                lost[f"{path} {form} {field}"] = value(page, form, field)
    assert lost == {}
    assert tried >= 1, "somebody of the staff writes something"
    somebody.at("/notices/")
    somebody.sign_out()
    assert "viết dở" not in somebody.storage()
    somebody.sign_in("dao" if name != "dao" else "lan")
    somebody.expect("403")
    for path in ("/desk/new", "/desk/"):
        assert "viết dở" not in somebody.at(path).content()


def sent_thrice(page: Page, form: str) -> str:
    """Sends a form three times, twice at the same moment; where each led."""
    answers = page.evaluate(THRICE, form)
    assert {status for status, _ in answers} == {200}, answers
    (led,) = {re.sub(r"\?.*", "", url) for _, url in answers}
    return led


def found(operator: Person, words: str) -> int:
    """How many tickets the operator finds that begin with these words."""
    operator.at(f"/desk/?tab=all&q={words.replace(' ', '+')}")
    return operator.page.locator("#queue-list a[href^='/desk/2']", has_text=words).count()


def test_a_ticket_written_down_three_times_is_one(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/new")
    page.fill("#id_text", "Cột điện nghiêng trước nhà văn hóa")
    page.fill("#id_phone", "0909 000 551")
    page.check("input[name=then][value=keep]")
    led = sent_thrice(page, "#entry")
    assert CODE.search(led)
    wait_until(lambda: found(lan, "Cột điện nghiêng trước nhà văn hóa"), 30)
    assert found(lan, "Cột điện nghiêng trước nhà văn hóa") == 1
    page = lan.at("/desk/new")
    page.wait_for_timeout(1_500)
    assert [page.input_value(f"#id_{name}") for name in ("text", "phone", "name", "address")] == [""] * 4


def test_words_to_an_operator_an_order_and_a_person_are_made_once(demo: Product, person: People) -> None:
    tam = person(demo, "tam")
    page = tam.at("/quality/people/mai/")
    page.fill("form[action$='/coach'] textarea", "Chị nhớ xác nhận lại địa chỉ nhé.")
    sent_thrice(page, "form[action$='/coach']")
    assert tam.at("/quality/people/mai/").locator("main").inner_text().count("Chị nhớ xác nhận lại địa chỉ nhé.") == 1
    quan = person(demo, "quan")
    page = quan.at("/setup/fields/new")
    words = {"code": "ba-lan", "name": "Lĩnh vực ba lần", "name_en": "Thrice", "group": "Hạ tầng", "group_en": "Roads"}
    for name, text in words.items():
        page.fill(f"#setup-form [name={name}]", text)
    sent_thrice(page, "#setup-form")
    assert quan.at("/setup/fields/").locator("main").inner_text().count("Lĩnh vực ba lần") == 1


def test_a_citizens_report_is_kept_over_a_reload_sent_once_and_not_in_the_next_form(
    demo: Product, person: People
) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/report")
    page.fill("[name=text]", "Vỉa hè trước trạm y tế bị sụt")
    page.wait_for_timeout(1_000)
    page.reload()
    wait_until(lambda: page.input_value("[name=text]") == "Vỉa hè trước trạm y tế bị sụt")
    citizen.onward()
    page.fill("[name=address]", "Trạm y tế phường")
    page.wait_for_timeout(1_000)
    page.reload()
    wait_until(lambda: page.input_value("[name=address]") == "Trạm y tế phường")
    citizen.onward()
    citizen.onward()
    page.fill("[name=phone]", "0909000661")
    page.check("[name=consent]")
    citizen.onward()
    led = sent_thrice(page, "main form:has(button.btn-primary)")
    assert "/f/" in led
    citizen.onward()  # and once more by the button, whose answer is the page that says so
    assert "/f/" in page.url
    lan = person(demo, "lan")
    wait_until(lambda: found(lan, "Vỉa hè trước trạm y tế bị sụt"), 30)
    assert found(lan, "Vỉa hè trước trạm y tế bị sụt") == 1
    page = citizen.at("/report")
    page.wait_for_timeout(1_000)
    assert page.input_value("[name=text]") == ""
    kept = json.dumps(citizen.storage(), ensure_ascii=False)
    assert "sụt" not in kept and "0909000661" not in kept


def test_a_rating_and_an_addition_are_taken_once(demo: Product, person: People) -> None:
    citizen = person(demo, size="phone")
    _code, own = citizen.report("Bộ phận một cửa mở cửa lúc mấy giờ?", kind="question")
    page = citizen.at(own)
    page.get_by_text("Bổ sung thông tin").first.click()
    box = page.locator("form:has(textarea) textarea").first
    box.fill("Tôi ở phường Đồng Xoài.")
    page.wait_for_timeout(800)
    page.reload()
    page.get_by_text("Bổ sung thông tin").first.click()
    wait_until(lambda: page.locator("form:has(textarea) textarea").first.input_value() == "Tôi ở phường Đồng Xoài.")
    sent_thrice(page, "form[action$='/reply']")
    with page.expect_navigation():
        page.locator("form[action$='/reply']").evaluate("form => form.requestSubmit()")
    page = citizen.at(own)
    assert page.locator("main").inner_text().count("Tôi ở phường Đồng Xoài.") == 1
    page.get_by_text("Bổ sung thông tin").first.click()
    assert page.locator("form:has(textarea) textarea").first.input_value() == ""
    code = CODE.search(page.locator("main").inner_text())[0]
    done = demo.ask(
        f"/api/v1/tickets/{code}/moves",
        {"move": "answer", "text": "Từ 7 giờ 30.", "category": "procedures"},
        authorization="Bearer demo-api-lan",
    )
    assert done.status == 200, done.text
    page = citizen.at(own)
    page.locator(".rating label", has_text="Hài lòng").first.click()
    page.evaluate(THRICE, "form[action$='/rate']")
    page = citizen.at(own)
    assert page.locator(".rating").count() == 0, "an answer is rated once"
    assert "đã đánh giá" in page.locator("main").inner_text()
