import type { PageRecord } from "../record.ts";
import { camSection } from "./cam/section.ts";
import { erfSection } from "./erf/section.ts";
import { convergence } from "./facts/convergence.ts";
import { header, provenance, warnings } from "./facts/header.ts";
import { shape } from "./facts/shape.ts";
import { part, theme } from "./parts/dom.ts";

/** The page's own record: its schema was checked when the page was written. */
const record = JSON.parse(part("record", HTMLScriptElement).text) as PageRecord;
const { erf, cams } = record;

theme();
header(record);
warnings([...(erf?.calibration.warnings ?? []), ...(cams?.warnings ?? [])]);
if (erf !== null) {
  erfSection(erf);
  convergence(erf.calibration.convergence);
  shape(erf.calibration.shape);
}
if (cams !== null) camSection(cams);
provenance(record);

for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a"))
  link.hidden = part(link.hash.slice(1), HTMLElement).hidden;
