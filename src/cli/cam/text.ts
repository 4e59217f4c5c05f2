import type { FolderOutcome } from "./folder.ts";
import { counted, prose, short } from "../text.ts";

/** Images that are named on the terminal; all of them are in cam.json. */
const mostLines = 20;

/** What a run came to, for the terminal. */
export function outcomeText({ images, skipped, resumed }: FolderOutcome, remarks: readonly string[]): string {
  const lines = images.flatMap(({ image, classes }) =>
    classes.map(
      ({ class: name, score, probability }) =>
        `${image}: ${name}, score ${short(score, 4)}${probability === null ? "" : `, probability ${short(probability, 4)}`}`,
    ),
  );
  const omitted = lines.length - mostLines;
  return [
    ...lines.slice(0, mostLines),
    ...(omitted > 0 ? [`and ${counted(omitted, "more map")} in cam.json`] : []),
    ...skipped.slice(0, mostLines).map(({ name, reason }) => `skipped ${name}: ${reason}`),
    ...(skipped.length > mostLines ? [`and ${skipped.length - mostLines} more skipped, in cam.json`] : []),
    ...(resumed > 0 ? [`${counted(resumed, "image")} of these were done before`] : []),
    ...remarks.map((remark) => prose(remark)),
  ].join("\n");
}
