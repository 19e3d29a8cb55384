import { expect, test, vi } from "vitest";

import { $, open } from "./page.js";

test("who waits no more stops the form's request, keeps what is typed and has the caret on its button", async () => {
  await open(
    `<textarea id="typed">Chào anh</textarea>
    <form><button id="ask">Tóm tắt</button><button type="button" data-stop>Thôi chờ</button></form>
    <button id="other">Khác</button>`,
    "stop",
  );
  const stopped = vi.fn();
  document.body.addEventListener("htmx:abort", stopped);
  $("#other").click();
  expect(stopped).not.toHaveBeenCalled();
  $("[data-stop]").click();
  expect(stopped.mock.calls[0][0].detail.elt).toBe($("form"));
  expect(document.activeElement).toBe($("#ask"));
  expect($("#typed").value).toBe("Chào anh");
});
