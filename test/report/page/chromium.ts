import { execFileSync } from "node:child_process";
import { decodeImage } from "../../../src/input/decode.ts";
import { chromium, type Browser, type Page } from "playwright-core";

const required = process.env["ERFIT_REQUIRE_CHROMIUM"] === "1";

function installed(): string | null {
  const named = process.env["ERFIT_CHROMIUM"];
  if (named !== undefined) return named;
  try {
    return execFileSync("which", ["chromium"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    if (required) throw new Error("ERFIT_REQUIRE_CHROMIUM is set, but there is no chromium");
    return null;
  }
}

export const browserPath = installed();

/** Where there is no Chromium, these tests say so and are skipped: `apt-get install chromium`, or set ERFIT_CHROMIUM. */
export const inChromium = browserPath === null ? "in Chromium, which is not installed" : "in Chromium";

/** In CI everything runs as root, where Chromium has no sandbox. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox"] });

/** A page and everything that went wrong in it: errors, words on the console, requests beyond the file itself. */
export interface Watched {
  readonly page: Page;
  readonly faults: readonly string[];
}

export async function openReport(
  browser: Browser,
  file: string,
  { width = 1100, height = 900 }: { readonly width?: number; readonly height?: number } = {},
): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width, height } });
  const faults: string[] = [];
  const url = new URL(`file://${file}`).href;
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url && !/^(data|blob):/.test(request.url()))
      faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await drawn(page);
  return { page, faults };
}

/** Waits until what was changed is drawn: maps take a frame, and the pictures of them the next. */
export async function drawn(page: Page): Promise<void> {
  for (let frame = 0; frame < 4; frame++)
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
}

/** RGB bytes of a canvas. */
export async function pixelsOf(page: Page, id: string): Promise<Uint8Array> {
  const url = await page.evaluate<string>(
    `document.getElementById(${JSON.stringify(id)}).toDataURL("image/png")`,
  );
  const png = Buffer.from(url.replace("data:image/png;base64,", ""), "base64");
  return Uint8Array.from((await decodeImage(png, false)).data);
}
