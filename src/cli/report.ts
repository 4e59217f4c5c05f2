import { join } from "node:path";
import { provenance } from "../calibration/record.ts";
import { readBuiltPage, reportPage } from "../report/page/page.ts";
import type { CamsRecord, ErfRecord, PageRecord } from "../report/page/record.ts";
import { option, text } from "../tasks/option.ts";
import { command } from "./command.ts";
import { writeWhole } from "../io/files.ts";
import { camsRecord, erfRecord, reportFiles } from "../tasks/report.ts";
import { counted, short } from "./text.ts";

export const reportCommand = command({
  usage: "report <folders..>",
  describe: "one HTML page of a calibration and its class activation maps, to look at and to play with",
  positionals: {
    folders: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "what `erfit calibrate` and `erfit cam` wrote, in one folder or in two",
    },
  },
  options: {
    out: option(text, {
      group: "output",
      describe: "file for the page",
      otherwise: "report.html in the first folder",
    }),
  },
  examples: [
    ["erfit report outputs/net.layer4", "the calibration alone"],
    ["erfit report outputs/net.layer4 outputs/cam", "with an explorer of the maps"],
  ],
  async run({ folders, out }, reporter) {
    const [first = "."] = folders;
    const { calibration, cams: summary } = await reportFiles(folders);
    const erf = calibration === null ? null : await erfRecord(calibration);
    const cams = summary === null ? null : await camsRecord(summary, erf);
    const title = titleOf(erf, cams);
    const page = reportPage(await readBuiltPage(), { title, made: made(), erf, cams });
    const path = out ?? join(first, "report.html");
    await writeWhole(path, page);
    const megabytes = short(Buffer.byteLength(page) / 1e6, 1);
    reporter.result(`${title}: ${contents(erf, cams).join(", ")}\n-> ${path} (${megabytes} MB)`, {
      file: path,
      bytes: Buffer.byteLength(page),
    });
  },
});

const titleOf = (erf: ErfRecord | null, cams: CamsRecord | null): string =>
  erf !== null
    ? `${erf.calibration.model.file}, ${erf.calibration.layer.label}`
    : `${cams?.model ?? ""}, ${cams?.layer ?? ""}`;

const contents = (erf: ErfRecord | null, cams: CamsRecord | null): readonly string[] => [
  ...(erf === null ? [] : ["effective receptive field"]),
  ...(cams === null ? [] : [`class activation maps of ${counted(cams.images.length, "photograph")}`]),
];

/** What made the page itself; the engine of its parts stands in their own provenance. */
function made(): PageRecord["made"] {
  const { erfit, date, command: words } = provenance("none");
  return [
    ["made by", `erfit ${erfit}`],
    ["date", date],
    ["command", words],
  ];
}
