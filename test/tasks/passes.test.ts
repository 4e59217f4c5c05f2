import { describe, expect, it } from "vitest";
import { Stopped, beginPass } from "../../src/cam/passes.ts";
import { durationText, passCounter } from "../../src/tasks/passes.ts";

/** A counter by a clock that the test sets, with what it told. */
function counter(photographs: number, before: number, passesEach: number) {
  const told: string[] = [];
  const updates: (readonly [number, string])[] = [];
  let time = 0;
  let asked = false;
  const counted = passCounter(
    { photographs, before, passesEach },
    {
      update: (done, _, remark) => void updates.push([done, remark]),
      info: (text) => void told.push(text),
      interruption: () => (asked ? "SIGINT" : null),
    },
    () => time,
  );
  return {
    ...counted,
    told,
    updates,
    /** A pass that takes so many milliseconds. */
    pass: (milliseconds: number) => {
      beginPass(counted.watch);
      time += milliseconds;
    },
    ask: () => {
      asked = true;
    },
  };
}

describe("passes within a photograph", () => {
  it("are progress, and the cost is told once the first photograph is timed", () => {
    const { pass, photographDone, told, updates } = counter(200, 0, 4);
    for (let k = 0; k < 4; k++) pass(900);
    expect(told).toEqual([]);
    expect(updates.at(1)).toEqual([0.5, "pass 2 of 800"]);
    photographDone(1, "cat.jpg");
    expect(told).toEqual(["about 12 min for 200 photographs: 4 passes through the network each"]);
    expect(updates.at(-1)).toEqual([1, "cat.jpg"]);
    pass(900);
    photographDone(2, "dog.jpg");
    expect(told).toHaveLength(1);
  });

  it("of a slow photograph tell the cost before it is done", () => {
    const { pass, told } = counter(10, 0, 512);
    for (let k = 0; k < 80; k++) pass(280);
    expect(told).toEqual(["about 24 min for 10 photographs: 512 passes through the network each"]);
  });

  it("count what is left alone, where a run is resumed", () => {
    const { pass, photographDone, told, updates } = counter(10, 8, 2);
    pass(1000);
    pass(1000);
    expect(updates.map(([done]) => done)).toEqual([8.5, 9]);
    photographDone(9, "cat.jpg");
    expect(told).toEqual(["about 4 s for 2 photographs: 2 passes through the network each"]);
  });

  it("end with the next one, when asked", () => {
    const { pass, ask } = counter(10, 0, 512);
    pass(1);
    ask();
    expect(() => {
      pass(1);
    }).toThrow(Stopped);
  });

  it("that there are none of cost nothing to tell", () => {
    const { photographDone, told } = counter(10, 0, 0);
    photographDone(1, "cat.jpg");
    expect(told).toEqual([]);
  });
});

it.each([
  [0.2, "1 s"],
  [89, "89 s"],
  [700, "12 min"],
  [9000, "2.5 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
