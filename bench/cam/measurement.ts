import { join } from "node:path";
import { exported } from "../backbones/export.ts";
import { repeated } from "../backbones/photographs.ts";
import { agreement } from "./agreement.ts";
import { figure, ratio, type Quantity } from "./figures.ts";
import { models, type CamModelName } from "./models.ts";
import type { CamRecord } from "./record.ts";
import { costOf, firstImages, measureRound, type Course, type Round } from "./round.ts";

export interface Plan extends Pick<CamRecord, "settings" | "conditions"> {
  readonly python: string;
  /** For photographs and maps. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Networks lie where the bench of backbones puts them: they are the same. */
const networks = "bench/.cache/backbones/models";

/** All rounds of one model, after a first run of each peer that nobody times: it fills the disk cache and is checked. */
export async function measure(name: CamModelName, plan: Plan): Promise<CamRecord> {
  const { settings, conditions, python, folder, say } = plan;
  const { title, layer } = models[name];
  const photographs = (count: number) =>
    repeated(settings.photographs, count, join(folder, `${count}-photographs`));
  const course: Course = {
    model: await exported(name, networks, python),
    layer,
    threads: settings.threads,
    python,
    photographs: {
      first: await photographs(firstImages),
      all: await photographs(firstImages + settings.images),
    },
    out: join(folder, "maps"),
  };
  for (const peer of ["erfit", "plain", "best"] as const) await costOf(peer, "first", course);
  await agreement("best", course);
  const agreed = await agreement("plain", course);
  say(`${title}: the maps correlate by ${agreed.toFixed(6)}`);

  const rounds: Round[] = [];
  for (let turn = 0; turn < settings.rounds; turn++) {
    const round = await measureRound(turn, course);
    rounds.push(round);
    say(`${title}, round ${turn + 1} of ${settings.rounds}: ${words(round, settings.images)}`);
  }
  const date = new Date().toISOString().slice(0, 10);
  return { name, date, settings, conditions, agreement: agreed, rounds };
}

/** One round in a line: erfit, pytorch-grad-cam, the same at its best. */
function words(round: Round, images: number): string {
  const three = (quantity: Quantity, unit: string, digits: number): string => {
    const of = (peer: "erfit" | "plain" | "best") => figure(quantity, peer, [round], images).toFixed(digits);
    const share = ratio(quantity, "plain", [round], images).median.toFixed(2);
    return `${of("erfit")} / ${of("plain")} / ${of("best")} ${unit} (${share})`;
  };
  return [three("image", "ms an image", 1), three("memory", "MiB", 0), three("first", "s to eight", 2)].join(
    ", ",
  );
}
