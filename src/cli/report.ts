import { join } from "node:path";
import { option, text } from "../tasks/option.ts";
import { command } from "./command.ts";
import { writeWhole } from "../io/files.ts";
import { remarkWarnings } from "../tasks/options/gaussian.ts";
import { reportOf } from "../tasks/report.ts";
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
    ["erfit report outputs/net.layer4 outputs/net.layer4.cam", "with an explorer of the maps"],
  ],
  async run({ folders, out }, reporter) {
    const [first = "."] = folders;
    const { title, html, cams, hasErf, warnings } = await reportOf(folders);
    remarkWarnings(warnings, reporter);
    const path = out ?? join(first, "report.html");
    await writeWhole(path, html);
    const bytes = Buffer.byteLength(html);
    const contents = [
      ...(hasErf ? ["effective receptive field"] : []),
      ...(cams === 0 ? [] : [`class activation maps of ${counted(cams, "photograph")}`]),
    ];
    reporter.result(`${title}: ${contents.join(", ")}\n-> ${path} (${short(bytes / 1e6, 1)} MB)`, {
      file: path,
      bytes,
    });
  },
});
