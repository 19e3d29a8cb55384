import { expect, test } from "vitest";

import { $, $$, fire, open } from "./page.js";

const page = async (at, more = "") => {
  const lines = [7, 8, 9].map((n) => `<li><a class="item-link" href="/desk/${n}">${n}</a></li>`).join("");
  const list = `<div id="queue-list" data-j="Next ticket" data-k="Ticket before"><ul class="items">${lines}</ul>${more}</div>`;
  await open(list, "queue", { url: `https://1022.example.vn/desk/${at}` });
};
const MORE = `<a rel="next" href="?page=2">More</a>`;
const keys = () => Object.fromEntries($$("[data-key]").map((link) => [link.dataset.key, link.textContent]));

test("the line of the ticket that is open is marked, J opens the next and K the one before", async () => {
  await page(8);
  expect($("[aria-current]").textContent).toBe("8");
  expect(keys()).toEqual({ k: "7", j: "9" });
  expect($("[data-key=j]").dataset.keyLabel).toBe("Next ticket");
});

test("after the last line J leads to the next page of the list, if there is one", async () => {
  await page(9, MORE);
  expect(keys()).toEqual({ k: "8", j: "More" });
  await page(9);
  expect(keys()).toEqual({ k: "8" });
});

test("a list without lines has no next ticket", async () => {
  await page(8, MORE);
  $(".items").replaceChildren();
  fire(document, "htmx:load");
  expect(keys()).toEqual({});
});

test("the mark and the keys go with the ticket that is opened from the list", async () => {
  await page(9, MORE);
  location.pathname = "/desk/7";
  fire(document, "htmx:pushedIntoHistory");
  expect($$("[aria-current]").map(({ textContent }) => textContent)).toEqual(["7"]);
  expect(keys()).toEqual({ j: "8" });
});

test("J begins at the first line when the ticket that is open is not in the list", async () => {
  await page(5, MORE);
  expect($("[aria-current]")).toBeNull();
  expect(keys()).toEqual({ j: "7" });
});

test.each([
  ["block", true, 1],
  ["grid", true, 0],
  ["block", false, 0],
])("a ticket shown as %s, opened from the list: %s, begins at its beginning %i times", async (display, boosted, times) => {
  await page(8);
  document.body.insertAdjacentHTML("beforeend", `<div id="ticket" style="display: ${display}"></div>`);
  fire(document, "htmx:afterSettle", { elt: $("#ticket"), boosted });
  expect(scrollTo).toHaveBeenCalledTimes(times);
});

const row = (n, words = n) => `<li><a class="item-link" href="/desk/${n}">${words}</a><div class="item-meta"></div></li>`;
const queue = (...rows) =>
  `<div id="queue-list" data-gone="Gone"><div class="tabs">${rows.length}</div>` +
  `<button data-arrivals="{count} new" hidden></button><ul class="items">${rows.join("")}</ul></div>`;
const arrives = (html, cause = "live:ticket") => {
  const detail = { target: $("#queue-list"), requestConfig: { triggeringEvent: { type: cause } }, serverResponse: html, shouldSwap: true };
  fire(document, "htmx:beforeSwap", detail);
  return detail.shouldSwap;
};

test("what comes in while a ticket of the list is open is counted, moves no line, and is shown by a button", async () => {
  await open(queue(row(7), row(8), row(9)), "queue", { url: "https://1022.example.vn/desk/8" });
  expect(arrives(queue(row(3), row(9), row(4), row(8, "changed")))).toBe(false);
  expect($$("li > a").map(({ textContent }) => textContent)).toEqual(["7", "changed", "9"]);
  expect($$("li").map((line) => line.hasAttribute("data-gone"))).toEqual([true, false, false]);
  expect($("[aria-current]").textContent).toContain("changed");
  expect([$("[data-arrivals]").hidden, $("[data-arrivals]").textContent, $(".tabs").textContent]).toEqual([false, "2 new", "4"]);
  arrives(queue(row(7), row(8), row(9)));
  expect([$("[data-arrivals]").hidden, $$("[data-gone]").length]).toEqual([true, 1]); // of the list itself
  let asked = 0;
  $("#queue-list").addEventListener("arrivals", () => (asked += 1));
  $("[data-arrivals]").click();
  expect(asked).toBe(1);
});

test("a line that goes twice says so once, and one that comes back no more", async () => {
  await open(queue(row(7), row(8)), "queue", { url: "https://1022.example.vn/desk/8" });
  arrives(queue(row(8)));
  arrives(queue(row(8)));
  expect($$("li")[0].textContent).toBe("7Gone");
  arrives(queue(row(8), row(7)));
  expect($$("li")[0].textContent).toBe("7");
});

test("a list at rest, an empty one, and one that somebody asks for are drawn anew whole", async () => {
  await open(queue(row(7)), "queue", { url: "https://1022.example.vn/desk/" });
  expect(arrives(queue(row(3)))).toBe(true);
  $("#queue-list").scrollTop = 20;
  expect(arrives(queue(row(3)))).toBe(false);
  expect(arrives(queue(row(3)), "arrivals")).toBe(true);
  expect(arrives("<p>signed out</p>")).toBe(true);
  $(".items").replaceChildren();
  expect(arrives(queue(row(3)))).toBe(true);
});
