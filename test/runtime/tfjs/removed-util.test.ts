import { createRequire } from "node:module";
import { afterEach, describe, expect, it } from "vitest";
import { restoreRemovedUtil } from "../../../src/runtime/tfjs/backends.ts";

const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>; // what Node gives CommonJS
const names = ["isArray", "isNullOrUndefined"] as const;
const own = Object.fromEntries(names.flatMap((name) => (name in util ? [[name, util[name]]] : [])));

const called = (made: unknown, value: unknown): unknown =>
  typeof made === "function" ? (made as (value: unknown) => unknown)(value) : "no function";

describe("functions that Node removed", () => {
  afterEach(() => {
    for (const name of names) {
      Reflect.deleteProperty(util, name);
      if (name in own) util[name] = own[name];
    }
  });

  it("are put back where they are missing, and do what they did", () => {
    for (const name of names) Reflect.deleteProperty(util, name);
    restoreRemovedUtil();
    const values = [
      null,
      undefined,
      0,
      "",
      false,
      NaN,
      [],
      [null],
      {},
      { length: 0 },
      new Uint8Array(2),
      () => null,
    ];
    expect(values.map((value) => called(util["isNullOrUndefined"], value))).toEqual(
      values.map((_, k) => k < 2),
    );
    expect(values.map((value) => called(util["isArray"], value))).toEqual(
      values.map((_, k) => k === 6 || k === 7),
    );
    for (const name of names)
      if (name in own)
        expect(values.map((value) => called(util[name], value))).toEqual(
          values.map((value) => called(own[name], value)),
        );
  });

  it("stay as they are where Node has them", () => {
    restoreRemovedUtil();
    for (const name of names) if (name in own) expect(util[name]).toBe(own[name]);
  });
});
