import { describe, expect, test } from "vitest";

import { $, $$, open } from "./page.js";

const SURE = '<ul class="offers"><li><button type="button" data-offer="field" data-value="lamps" data-sure>Lamps</button></li></ul>';
const PERHAPS =
  '<ul class="offers"><li><button type="button" data-offer="field" data-value="trees">Trees</button></li>' +
  '<li><button type="button" data-offer="kind" data-value="question" data-sure>Question</button></li></ul>' +
  '<button type="button" data-offer-all>All</button>';

describe("what is proposed beside a form", () => {
  const page = (chosen = "", kind = "report") =>
    open(
      `<form><label for="field">Field</label><select id="field" name="field"><option value=""></option>
      ${["lamps", "trees"].map((one) => `<option value="${one}"${one === chosen ? " selected" : ""}>${one}</option>`).join("")}</select>
      <fieldset><legend>Kind</legend>${["report", "question"]
        .map((one) => `<input type="radio" name="kind" value="${one}"${one === kind ? " checked" : ""}>`)
        .join("")}</fieldset><aside data-offers></aside></form>`,
      "offers",
    );
  const arrive = (html) => {
    $("aside").innerHTML = html;
    $("aside").dispatchEvent(new Event("htmx:afterSwap", { bubbles: true }));
  };
  const kind = () => $("[name=kind]:checked").value;
  const choose = (value) => {
    $("#field").value = value;
    $("#field").dispatchEvent(new Event("change", { bubbles: true }));
  };

  test("fills what nobody chose, says so, and follows the words", async () => {
    await page();
    arrive(SURE);
    expect($("#field").value).toBe("lamps");
    expect($("label [data-offered-mark]").textContent).toBe("proposed");
    arrive(SURE.replace("lamps", "trees"));
    expect($("#field").value).toBe("trees");
    expect($$("[data-offered-mark]").length).toBe(1);
  });

  test("never touches what somebody chose, before or after", async () => {
    await page();
    choose("trees");
    arrive(SURE);
    expect($("#field").value).toBe("trees");
    await page();
    arrive(SURE);
    choose("");
    expect($("[data-offered-mark]")).toBe(null);
    arrive(SURE);
    expect($("#field").value).toBe("");
  });

  test("nor what an earlier sitting left", async () => {
    await page("trees");
    arrive(SURE);
    expect($("#field").value).toBe("trees");
  });

  test("waits to be taken where it is unsure, and a default gives way to what is sure", async () => {
    await page();
    arrive(PERHAPS);
    expect($("#field").value).toBe("");
    expect(kind()).toBe("question");
    $("[data-offer=field]").click();
    expect($("#field").value).toBe("trees");
    expect($("label [data-offered-mark]")).toBe(null);
  });

  test("is taken whole", async () => {
    await page();
    arrive(PERHAPS);
    $("[data-offer-all]").click();
    expect($("#field").value).toBe("trees");
  });

  test("goes again when the words no longer mean it", async () => {
    await page();
    arrive(SURE + PERHAPS.replace('data-value="trees"', 'data-value="lamps"'));
    expect([$("#field").value, kind()]).toEqual(["lamps", "question"]);
    arrive("");
    expect([$("#field").value, kind()]).toEqual(["", "report"]);
    expect($("[data-offered-mark]")).toBe(null);
  });

  test("begins anew with the next caller", async () => {
    await page();
    arrive(SURE);
    choose("trees");
    $("form").reset();
    arrive(SURE);
    expect($("#field").value).toBe("lamps");
    $("form").reset();
    expect($("[data-offered-mark]")).toBe(null);
  });

  test("what cannot be chosen is left", async () => {
    await page();
    arrive(SURE.replace("lamps", "nowhere"));
    expect($("#field").value).toBe("");
  });
});
