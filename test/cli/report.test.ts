import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { camMethods } from "../../src/cam/methods.ts";
import { upsample, type GaussianSpread, type Upsampling } from "../../src/cam/upsamplers.ts";
import { residual } from "../fit/maps.ts";
import { normalized } from "../../src/fit/grid.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { overlay, overlayStyle } from "../../src/report/overlay.ts";
import {
  browserPath,
  drawn,
  inChromium,
  openBrowser,
  openReport,
  pixelsOf,
} from "../report/page/chromium.ts";
import {
  fitted,
  grids,
  height,
  hostile,
  map,
  photographs,
  spread,
  width,
  writeResults,
} from "../report/page/results.ts";
import { folder, json, refusal, run, sampleModel, samplePhotograph } from "./erfit.ts";

const report = join(folder, "report.html");
let folders: readonly [string, string];

beforeAll(async () => {
  folders = await writeResults(folder);
  const { code, stderr } = await run(["report", ...folders, "--out", report]);
  expect(code, stderr).toBe(0);
});

/** What the library lays over the photograph. */
function expected(method: keyof typeof grids, upsampling: Upsampling, photograph = 0): Uint8Array {
  const { shape, data } = grids[method];
  const cells: RealMap = camMethods[method].rectify
    ? { shape, data: data.map((value) => Math.max(value, 0)) }
    : grids[method];
  const raster = photographs[photograph];
  if (raster === undefined) throw new Error("no such photograph");
  return overlay(raster, upsample(cells, [height, width], upsampling), overlayStyle).data;
}

const gaussian = (change: Partial<GaussianSpread> = {}): Upsampling => ({
  by: "gaussian",
  ...spread,
  ...change,
});

describe("erfit report", () => {
  it("writes one file, and says how large it is", async () => {
    const document = await json(["report", ...folders]);
    const file = join(folders[0], "report.html");
    expect(document).toEqual({ file, bytes: readFileSync(file).length });
  });

  it("takes one folder alone, and refuses one without results", async () => {
    for (const one of folders)
      expect((await run(["report", one, "--out", join(folder, "one.html")])).code).toBe(0);
    expect(await refusal(["report", join(folder, "nothing")])).toContain(
      "neither calibration.json nor cam.json",
    );
  });

  it("refuses a folder without results beside one with, and two calibrations", async () => {
    const other = await writeResults(join(folder, "other"));
    const nothing = join(folder, "nothing");
    expect(await refusal(["report", folders[0], nothing])).toContain(`${nothing}: neither calibration.json`);
    expect(await refusal(["report", folders[0], other[0]])).toContain("a page shows one of them");
  });

  it("shows what calibrate and cam wrote", async () => {
    const [out, cams] = [join(folder, "net"), join(folder, "net-cams")];
    const cat = samplePhotograph("cat.jpg");
    const written = await run(["calibrate", sampleModel, cat, "--layer", "block3_conv3", "--out", out]);
    expect(written.code, written.stderr).toBe(0);
    const methods = ["-m", "grad-cam", "extended", "--layer", "block3_conv3"];
    const calibration = ["-c", join(out, "calibration.json"), "--out", cams];
    const drawn = await run(["cam", sampleModel, cat, ...methods, ...calibration]);
    expect(drawn.code, drawn.stderr).toBe(0);
    const { code, stdout, stderr } = await run(["report", out, cams]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("vgg16-sample.onnx, block3_conv3");
    expect(stdout).toContain("class activation maps of 1 photograph");
  });

  it("names a map that is not there", async () => {
    const [, cams] = await writeResults(join(folder, "lacking"));
    rmSync(join(cams, "extended.grid.npy"));
    expect(await refusal(["report", cams])).toContain("extended.grid.npy");
    expect(existsSync(join(cams, "report.html"))).toBe(false);
  });
});

describe.skipIf(browserPath === null)(`the report ${inChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const valueOf = (page: Page, id: string): Promise<number> =>
    page.evaluate<number>(`document.getElementById("${id}").valueAsNumber`);

  it("lays the same pixels over the photograph as the library, beside Grad-CAM", async () => {
    const { page, faults } = await openReport(browser, report);
    expect(await pixelsOf(page, "cam-photograph")).toEqual(photographs[0]?.data);
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("extended", gaussian()));
    expect(await pixelsOf(page, "cam-reference")).toEqual(expected("grad-cam", { by: "bilinear" }));
    await page.locator("#cam-images label").nth(1).click();
    await drawn(page);
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("extended", gaussian(), 1));
    expect(faults).toEqual([]);
    await page.close();
  });

  it("draws again for the sigma of a key, of the mouse, and of one click", async () => {
    const { page, faults } = await openReport(browser, report);
    await page.locator("#cam-together").uncheck();
    await page.locator("#cam-sigma-x").focus();
    for (const key of ["ArrowRight", "ArrowRight", "PageUp"]) await page.keyboard.press(key);
    await drawn(page);
    const sigmaX = await valueOf(page, "cam-sigma-x");
    expect(sigmaX).toBeGreaterThan(spread.sigmaX + 0.1);
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("extended", gaussian({ sigmaX })));

    const slider = page.locator("#cam-sigma-y");
    await slider.scrollIntoViewIfNeeded();
    const box = await slider.boundingBox();
    if (box === null) throw new Error("the slider is not to be seen");
    await page.mouse.move(box.x + 0.3 * box.width, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.6 * box.width, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await drawn(page);
    const sigmaY = await valueOf(page, "cam-sigma-y");
    expect(sigmaY).toBeGreaterThan(0.5 * (width / 2));
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("extended", gaussian({ sigmaX, sigmaY })));

    await page.locator("#cam-paper").click();
    await drawn(page);
    expect(await pixelsOf(page, "cam-map")).toEqual(
      expected("extended", gaussian({ sigmaX: 20, sigmaY: 20 })),
    );
    await page.locator("#cam-calibrated").click();
    await drawn(page);
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("extended", gaussian()));
    expect(faults).toEqual([]);
    await page.close();
  });

  it("keeps the sigmas' ratio where they move together", async () => {
    const { page } = await openReport(browser, report);
    await page.locator("#cam-sigma-x").press("ArrowRight");
    await drawn(page);
    const sigmaX = await valueOf(page, "cam-sigma-x");
    const sigmaY = spread.sigmaY * (sigmaX / spread.sigmaX);
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("extended", gaussian({ sigmaX, sigmaY })));
    await page.close();
  });

  it("draws any method by any upsampling, with Eq. 4's departures", async () => {
    const { page } = await openReport(browser, report);
    await page.locator("#cam-normalize").check();
    await page.locator("#cam-position").selectOption("calibrated");
    await drawn(page);
    const departed = gaussian({ normalize: true, position: "calibrated" });
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("extended", departed));
    await page.locator("#cam-method").selectOption("grad-cam");
    await page.locator("#cam-upsampler").selectOption("nearest");
    await drawn(page);
    expect(await pixelsOf(page, "cam-map")).toEqual(expected("grad-cam", { by: "nearest" }));
    await page.close();
  });

  it("judges the sliders' Gaussian as the fit does, and leads back to it", async () => {
    const { page, faults } = await openReport(browser, report);
    const shown = () => page.locator("#erf-goodness tr").first().locator("td").allTextContents();
    expect(await shown()).toEqual([fitted.rSquared.toFixed(4), fitted.rSquared.toFixed(4)]);
    await page.locator("#erf-sigmaX").focus();
    for (let press = 0; press < 30; press++) await page.keyboard.press("ArrowRight");
    await drawn(page);
    const sigmaX = { ...fitted.sigmaX, value: await valueOf(page, "erf-sigmaX") };
    const variance = ({ data }: RealMap): number => {
      const mean = data.reduce((a, b) => a + b, 0) / data.length;
      return data.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    };
    const rSquared = 1 - variance(residual(map, { ...fitted, sigmaX })) / variance(normalized(map));
    expect(rSquared).toBeLessThan(fitted.rSquared - 0.001);
    expect(await shown()).toEqual([rSquared.toFixed(4), fitted.rSquared.toFixed(4)]);
    await page.locator("#erf-reset").click();
    await drawn(page);
    expect(await shown()).toEqual([fitted.rSquared.toFixed(4), fitted.rSquared.toFixed(4)]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("reads the map's values under the keyboard's cursor and under the pointer", async () => {
    const { page } = await openReport(browser, report);
    const shares = normalized(map);
    const read = () => page.locator("#erf-readout").textContent();
    const value = (x: number, y: number) => (shares.data[y * width + x] ?? NaN).toExponential(2);
    await page.locator("#erf-frame").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowUp");
    await drawn(page);
    const [x, y] = [Math.round(fitted.centerX.value) + 1, Math.round(fitted.centerY.value) - 10];
    expect(await read()).toContain(`x ${x}, y ${y}: ${value(x, y)} of the sum`);
    const box = await page.locator("#erf-frame").boundingBox();
    if (box === null) throw new Error("the map is not to be seen");
    await page.mouse.move(box.x + (10.5 / width) * box.width, box.y + (20.5 / height) * box.height);
    await drawn(page);
    expect(await read()).toContain(`x 10, y 20: ${value(10, 20)} of the sum`);
    await page.close();
  });

  it("shows names as text, whatever is written in them", async () => {
    const { page, faults } = await openReport(browser, report);
    expect(await page.locator("#title").textContent()).toBe(`${hostile.model}, ${hostile.layer}`);
    expect(await page.locator("#cam-class option").first().textContent()).toContain(hostile.class);
    expect(await page.locator("#cam-images label").first().textContent()).toBe(hostile.photograph);
    expect(await page.evaluate("window.broken")).toBeUndefined();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("lets no request leave", async () => {
    const { page } = await openReport(browser, report);
    const refused = `fetch("https://example.org/").then(() => "answered", () => "refused")`;
    expect(await page.evaluate(refused)).toBe("refused");
    const policy = await page.locator("meta[http-equiv]").getAttribute("content");
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; /);
    await page.close();
  });

  it.each(["light", "dark"] as const)("has no fault that axe finds, %s", async (colorScheme) => {
    const { page } = await openReport(browser, report);
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
      "axe.run().then(({ violations }) => violations)",
    );
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual(
      [],
    );
    await page.close();
  });

  it("fits a phone", async () => {
    const { page, faults } = await openReport(browser, report, { width: 360, height: 740 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(faults).toEqual([]);
    await page.close();
  });
});
