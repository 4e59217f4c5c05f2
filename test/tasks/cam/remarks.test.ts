import { describe, expect, it } from "vitest";
import type { CamColumn } from "../../../src/cam/columns.ts";
import type { ImageRecord } from "../../../src/tasks/cam/record.ts";
import { remarksOn } from "../../../src/tasks/cam/remarks.ts";

const column = (method: CamColumn["method"], rectify: boolean): CamColumn => ({
  method,
  control: null,
  upsampling: { by: "bilinear" },
  rectify,
});
const columns = [column("grad-cam", true), column("extended", false), column("eigencam", true)];

interface Shown {
  readonly even?: boolean;
  readonly removed: number;
  readonly empty?: boolean;
}

const image = (name: string, { even = false, removed, empty = false }: Shown): ImageRecord => ({
  image: name,
  photograph: null,
  classes: [
    {
      classIndex: 0,
      class: "cat",
      score: 1,
      probability: 1,
      evenGradient: even,
      maps: [
        { column: "grad-cam.bilinear", removedShare: removed, empty, files: {} },
        { column: "extended.bilinear", removedShare: removed, empty: false, files: {} },
      ],
    },
  ],
});

const remarks = (images: readonly ImageRecord[], more: Partial<Parameters<typeof remarksOn>[0]> = {}) =>
  remarksOn({ layer: "last", columns, images, classes: { given: [], top: 1 }, score: "logit", ...more });

describe("remarks", () => {
  it("are none where there is nothing to say", () => {
    expect(remarks([image("a.jpg", { removed: 0.001 })])).toEqual([]);
    expect(remarks([])).toEqual([]);
  });

  it("tell what a ReLU removes, of the methods that have one", () => {
    expect(remarks([image("a.jpg", { removed: 0.4 })])).toEqual([
      "The ReLU removes 40 % of Grad-CAM's mass.",
    ]);
    const three = [0.4, 0.021, 0.8].map((removed) => image("a.jpg", { removed }));
    expect(remarks(three)).toEqual(["The ReLU removes 40 % of Grad-CAM's mass: 2.1 % to 80 % over 3 maps."]);
  });

  it("name the images that a ReLU leaves nothing of", () => {
    const [, empty] = remarks([
      image("a.jpg", { removed: 0.1 }),
      image("b.jpg", { removed: 1, empty: true }),
    ]);
    expect(empty).toMatch(
      /^Grad-CAM has no positive cell on b\.jpg: its ReLU leaves nothing; without the ReLU/,
    );
  });

  it("tell where Extended-CAM is little else than Grad-CAM: on every image, or not at all", () => {
    const even = image("a.jpg", { even: true, removed: 0 });
    expect(remarks([even, even]).join()).toMatch(
      /"last", .*differs from Grad-CAM by the ReLU and the upsampling/,
    );
    expect(remarks([even, image("b.jpg", { removed: 0 })])).toEqual([]);
    expect(remarks([even], { columns: columns.slice(0, 1) })).toEqual([]);
  });

  it("tell which map does not depend on the class, where one is chosen", () => {
    const words = [/^EigenCAM reads the features alone/];
    const one = [image("a.jpg", { removed: 0 })];
    for (const more of [{ classes: { given: [3], top: 0 } }, { score: "probability" }])
      expect(remarks(one, more)).toEqual(words.map((word) => expect.stringMatching(word) as unknown));
  });
});
