import { bibtexOf } from "../report/bibtex.ts";
import { citations, citeOptions } from "../tasks/cite.ts";
import { command } from "./command.ts";

export const citeCommand = command({
  usage: "cite [folders..]",
  describe: "BibTeX for erfit, the paper, and the methods and metrics that results were made with",
  positionals: {
    folders: {
      type: "string",
      array: true,
      default: [],
      describe: "what `erfit calibrate`, `erfit cam` or `erfit evaluate` wrote",
    },
  },
  options: citeOptions,
  examples: [
    ["erfit cite outputs/net.layer4.cam > erfit.bib", "all that the maps of a folder rest on"],
    ["erfit cite --method grad-cam score-cam", "of methods by name"],
  ],
  async run({ folders, ...options }, reporter) {
    const { references, unknown } = await citations(options, folders.map(String));
    for (const source of unknown) reporter.info(`no entry is known for ${source}`);
    reporter.result(references.map(bibtexOf).join("\n\n"), { references, unknown });
  },
});
