import { describe, expect, test, vi } from "vitest";

import { $, open, passes } from "./page.js";

describe("a page while the hotline has no database", () => {
  const wait = async (status) => {
    fetch.mockImplementation(async () => {
      if (!status) throw new TypeError("no network");
      return new Response("", { status });
    });
    await passes(5_000);
  };

  test("asks again only when the hotline answers", async () => {
    await open(`<a href="#" data-again="5">Again</a>`, "again");
    const clicked = vi.fn();
    $("a").addEventListener("click", clicked);
    await wait(503);
    await wait(0);
    expect(clicked).not.toHaveBeenCalled();
    await wait(200);
    expect(clicked).toHaveBeenCalledTimes(1);
  });

  test("sends the form that could not be sent, once", async () => {
    await open(`<form data-again="5"></form>`, "again");
    const sent = vi.fn((event) => event.preventDefault());
    $("form").addEventListener("submit", sent);
    await wait(200);
    await wait(200);
    expect(sent).toHaveBeenCalledTimes(1);
  });
});

test("what an earlier page brought into the short form counts as typed there", async () => {
  await open(
    `<form data-adopt><input type="hidden" name="once" value="one"><textarea name="text">Đèn hỏng</textarea>
      <input name="address" value="Cổng chợ"><input name="phone"><input type="checkbox" name="consent" value="1"></form>`,
    "again",
  );
  const values = () => ["once", "text", "address", "phone", "consent"].map((name) => $(`[name=${name}]`).value);
  expect(values()).toEqual(["one", "Đèn hỏng", "Cổng chợ", "", "1"]);
  expect([$("[name=text]").defaultValue, $("[name=address]").defaultValue]).toEqual(["", ""]);
});
