import { basename, isAbsolute } from "node:path";
import type { CamRecord } from "./record.ts";
import { firstImages } from "./round.ts";
import { table } from "./table.ts";

/** Each once, in order. */
const distinct = (texts: readonly string[]): string => [...new Set(texts)].join("; ");

/** The page of results: when, where and how, then the table. No path outside the checkout is in it. */
export function page(records: readonly CamRecord[], words: readonly string[]): string {
  const options = words.map((word) => ` ${isAbsolute(word) ? basename(word) : word}`).join("");
  const of = (text: (record: CamRecord) => string): string => distinct(records.map(text));
  const threads = of(({ settings }) => String(settings.threads));
  return `# CAM of a folder: erfit and pytorch-grad-cam

- Date: ${of(({ date }) => date)}
- Command: \`node bench/run.js bench/cam/cam.ts${options}\`
- Machine: ${of(({ conditions }) => conditions.machine)}; each peer held to ${threads} cores, ${threads} threads
- erfit: ${of(({ conditions }) => conditions.erfit)}
- Versions: ${of(({ conditions }) => conditions.versions)}
- Photographs: ${firstImages}, then ${of(({ settings }) => String(settings.images))} more, of \`${of(({ settings }) => basename(settings.photographs))}\` in turn
- Medians of ${of(({ settings }) => String(settings.rounds))} rounds; a ratio is the median of the rounds' ratios, with the least and the most

${table(records)}

All three read the same photographs from disk, preprocess them as timm says, draw Grad-CAM of each one's predicted class by
the same weights (random, of a fixed seed), and write every map as a file. Before anything is timed their maps are compared.

- _erfit_ is its command line: \`erfit cam MODEL FOLDER --method grad-cam:bilinear --normalize grid-and-map --write maps\`.
- _pytorch-grad-cam_ is used as its README shows: image by image, every parameter as timm makes it, so that PyTorch also
  computes the gradients of all weights ([grad_cam.py](grad_cam.py)).
- _at its best_ is the same library in the hands of someone who knows that: batches of eight, no gradient of a parameter, none in
  front of the layer. The bars are for the plain use; this column is there for honesty.

_ms an image_ is (time of the long run - time of the short run) / further photographs: start and end of the process cancel.
_peak MiB_ counts a page that is mapped twice once, _resident_ twice ([how](../README.md)).
`;
}
